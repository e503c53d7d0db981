import BenchmarkKit
import Glibc

/// A place in a series from which on its values are others.
public struct ChangePoint: Hashable, Sendable {
  /// The index of the first value after the change.
  public let index: Int
  /// The median after it over the median before it, each as far as the next change.
  public let ratio: Double
}

/// Finds the steps of a series of positive values, such as a ratio from record to record.
///
/// Where a rank-sum test (Wilcoxon, Mann and Whitney) between what comes before a place and what comes after it is most
/// significant, there is a step, if it still is significant after it has been counted that all places were tried
/// (Bonferroni), and the medians differ enough. The two parts are then searched in turn. Ranks, because a disturbed run
/// is far off and must not count as a step; no resampling, so the answer is the same each time.
public struct ChangePointRule: Hashable, Sendable {
  /// The likelihood of a step in a series that has none, at each search.
  public var significance = 0.01
  /// A step is at least this share.
  public var smallestStep = 0.03
  /// Values on either side.
  public var fewestValues = 5

  public init() {}

  public var sentence: String {
    "a step is marked where a rank-sum test between the records before and after it is significant at "
      + "\(Figures.percent(significance)), all places counted, the medians differ by more than "
      + "\(Figures.percent(smallestStep)), and each side has \(fewestValues) records or more."
  }

  /// The steps, in order.
  ///
  /// - Complexity: O(n log n) for each step found.
  public func changePoints(in values: [Double]) -> [ChangePoint] {
    var borders = [0, values.count]
    search(values, 0..<values.count, &borders)
    borders.sort()
    return borders.indices.dropFirst().dropLast().map { index in
      let before = median(values[borders[index - 1]..<borders[index]])
      let after = median(values[borders[index]..<borders[index + 1]])
      return ChangePoint(index: borders[index], ratio: after / before)
    }
  }

  private func search(_ values: [Double], _ range: Range<Int>, _ borders: inout [Int]) {
    guard let place = step(values, range) else { return }
    borders.append(place)
    search(values, range.lowerBound..<place, &borders)
    search(values, place..<range.upperBound, &borders)
  }

  /// The most significant step within a range of the series; nil where none is significant.
  private func step(_ values: [Double], _ range: Range<Int>) -> Int? {
    let count = range.count
    guard count >= 2 * fewestValues else { return nil }
    let ranks = Self.ranks(values[range])
    // The variance of a rank is the same for all; ties make it smaller.
    let mean = Double(count + 1) / 2
    let variance = ranks.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
    guard variance > 0 else { return nil }
    var sum = 0.0
    var best = (place: 0, z: 0.0)
    for before in 1...(count - fewestValues) {
      sum += ranks[before - 1] - mean
      guard before >= fewestValues else { continue }
      let after = count - before
      // The sum of a sample of ranks, drawn without putting back.
      let deviation = (Double(before) * Double(after) / Double(count) * variance).squareRoot()
      let z = abs(sum) / deviation
      if z > best.z { best = (range.lowerBound + before, z) }
    }
    let places = Double(count - 2 * fewestValues + 1)
    guard erfc(best.z / 2.0.squareRoot()) * places < significance else { return nil }
    let ratio = median(values[best.place..<range.upperBound]) / median(values[range.lowerBound..<best.place])
    return abs(log(ratio)) > log(1 + smallestStep) ? best.place : nil
  }

  /// The ranks from 1 on; equal values share the mean of theirs.
  private static func ranks(_ values: ArraySlice<Double>) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for place in start..<end {
        ranks[order[place] - values.startIndex] = Double(start + 1 + end) / 2
      }
      start = end
    }
    return ranks
  }

  /// - Precondition: finite values, at least one.
  private func median(_ values: ArraySlice<Double>) -> Double { Distribution(Array(values))!.median }
}
