/// Samples in ascending order, of which every statistic exists.
///
/// - Invariant: at least one value; all are finite.
public struct Distribution: Hashable, Sendable {
  public let sorted: [Double]

  /// - Returns: nil where there are no values, or one of them is not finite.
  /// - Complexity: O(n log n).
  public init?(_ values: [Double]) {
    guard !values.isEmpty, values.allSatisfy(\.isFinite) else { return nil }
    sorted = values.sorted()
  }

  /// The value in the middle; the mean of the two middle ones where their number is even.
  public var median: Double { percentile(0.5) }

  public var minimum: Double { sorted[0] }
  public var maximum: Double { sorted[sorted.count - 1] }

  /// The value below which the share `share` of the values lies, interpolated linearly between its neighbours as
  /// numpy does. Shares beyond 0 and 1 are the minimum and the maximum.
  ///
  /// - Complexity: O(1).
  public func percentile(_ share: Double) -> Double {
    guard share > 0 else { return minimum }  // A share that is not a number as well.
    guard share < 1 else { return maximum }
    let place = share * Double(sorted.count - 1)
    let index = Int(place)
    let weight = place - Double(index)
    let (lower, upper) = (sorted[index], sorted[min(index + 1, sorted.count - 1)])
    // Weighed before they are added: the difference of two finite values may not be finite. Then clamped, for
    // rounding may lead out of their interval.
    return min(max(lower * (1 - weight) + upper * weight, lower), upper)
  }

  /// The median distance of the values from their median: a spread that a few outliers do not move. 0 for one
  /// value.
  ///
  /// Not scaled: for normally distributed values the standard deviation is 1.4826 times as much.
  ///
  /// - Complexity: O(n log n).
  public var medianAbsoluteDeviation: Double {
    let center = median
    // Distances may be too large to be finite; then they still have an order.
    let distances = sorted.map { abs($0 - center) }.sorted()
    let upper = distances[distances.count / 2]
    return distances.count.isMultiple(of: 2) ? distances[distances.count / 2 - 1] / 2 + upper / 2 : upper
  }
}
