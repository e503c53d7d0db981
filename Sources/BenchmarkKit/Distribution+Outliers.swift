extension Distribution {
  /// How many values lie further from the median than three standard deviations of a normal distribution with the
  /// same median absolute deviation (3 x 1.4826 of it). Of normal values 0.3 % do.
  ///
  /// Where more than half of the values are equal, every other value is an outlier.
  ///
  /// - Complexity: O(n log n).
  public var outlierCount: Int {
    let center = median
    let fence = 3 * 1.4826 * medianAbsoluteDeviation
    return sorted.count { abs($0 - center) > fence }
  }
}
