import Glibc
import TDXMemory

/// Where addresses lie in a picture: terabytes and kilobytes beside each other.
///
/// Between two borders of anything the scale is even; the width of such an interval grows with the logarithm of its
/// size, to the power of 1.5: a TiB is twice as wide as a GiB, a GiB 76 times as wide as a page. What holds nothing at
/// all is folded to one width.
struct AddressScale {
  /// Address space with nothing in it.
  struct Fold {
    var range: AddressRange
    var x: Double
    var width: Double
  }

  /// - Invariant: both ascend; at least two.
  private var addresses: [UInt64] = []
  private var places: [Double] = []
  private(set) var folds: [Fold] = []

  /// The most borders that the scale follows; between them it is even.
  private static let mostBorders = 8192
  private static let mostFolds = 40
  private static let foldWidth = 24.0

  /// - Parameters:
  ///   - borders: in any order, at least two different ones.
  ///   - stretches: what holds something: ascending, disjoint.
  ///   - narrowest: what an interval is wide at least, where there is room for that.
  /// - Complexity: O(n log n).
  init(borders: [UInt64], stretches: [AddressRange], from left: Double, to right: Double, narrowest: Double) {
    var borders = Self.thinned(borders.sorted())
    let gaps = Self.folded(stretches)
    borders = (borders + gaps.flatMap { [$0.start, $0.end] }).sorted()
    var unique: [UInt64] = []
    for border in borders where unique.last != border { unique.append(border) }
    let starts = Set(gaps.map(\.start))
    let foldWidth = min(Self.foldWidth, (right - left) * 0.3 / Double(max(gaps.count, 1)))
    let intervals = max(unique.count - 1 - gaps.count, 1)
    let room = right - left - foldWidth * Double(gaps.count)
    let least = min(narrowest, room * 0.5 / Double(intervals))
    let weights = zip(unique, unique.dropFirst()).map { starts.contains($0) ? 0 : Self.weight($1 - $0) }
    let perWeight = (room - least * Double(intervals)) / max(weights.reduce(0, +), 1)
    var x = left
    for (index, address) in unique.enumerated() {
      addresses.append(address)
      places.append(x)
      guard index < weights.count else { break }
      if weights[index] == 0 {
        folds.append(Fold(range: AddressRange(unchecked: address, unique[index + 1]), x: x, width: foldWidth))
        x += foldWidth
      } else {
        x += least + weights[index] * perWeight
      }
    }
  }

  /// The gaps of a GiB and more; of very many, those that are long beside the whole.
  private static func folded(_ stretches: [AddressRange]) -> [AddressRange] {
    let gaps = zip(stretches, stretches.dropFirst())
      .map { AddressRange(unchecked: $0.end, $1.start) }.filter { $0.size >= tdmrAlignment }
    guard gaps.count > mostFolds, let first = stretches.first, let last = stretches.last else { return gaps }
    return Array(gaps.filter { $0.size >= (last.end - first.start) / 64 }.prefix(mostFolds))
  }

  private static func weight(_ size: UInt64) -> Double {
    pow(log2(1 + Double(size) / Double(pageSize)), 1.5)
  }

  /// Every so many of them, where they are too many.
  private static func thinned(_ borders: [UInt64]) -> [UInt64] {
    guard borders.count > mostBorders else { return borders }
    let step = (borders.count + mostBorders - 1) / mostBorders
    return stride(from: 0, to: borders.count, by: step).map { borders[$0] } + [borders[borders.count - 1]]
  }

  /// - Complexity: O(log borders).
  func x(_ address: UInt64) -> Double {
    var (low, high) = (0, addresses.count - 1)
    guard address > addresses[0] else { return places[0] }
    guard address < addresses[high] else { return places[high] }
    while high - low > 1 {
      let middle = (low + high) / 2
      if addresses[middle] <= address { low = middle } else { high = middle }
    }
    let share = Double(address - addresses[low]) / Double(addresses[high] - addresses[low])
    return places[low] + share * (places[high] - places[low])
  }

  func width(_ range: AddressRange) -> Double { x(range.end) - x(range.start) }
}
