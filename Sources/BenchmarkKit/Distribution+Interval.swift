import Glibc

extension Distribution {
  /// The median and its 95 % confidence interval.
  public var estimate: Estimate {
    let (low, high) = medianInterval
    return Estimate(value: median, low: low, high: high)
  }

  /// The 95 % confidence interval of the median, whatever the values' distribution: from the r-th smallest to the r-th
  /// largest value, with the largest r for which the true median lies outside in at most 5 % of all samplings.
  ///
  /// That many values fall below the median is a matter of tossing coins, so r is exact, needs no resampling,
  /// and has no seed. The bootstrap of the median, in the limit of infinitely many resamples, gives the same
  /// interval to within one rank.
  ///
  /// Fewer than 6 values have no such r: then all of them, which cover the median less often (of 5, in 93.8 %).
  ///
  /// - Complexity: O(n).
  public var medianInterval: (low: Double, high: Double) {
    let rank = max(1, Self.rankOfInterval(count: sorted.count))
    return (sorted[rank - 1], sorted[sorted.count - rank])
  }

  /// The largest r with P(B < r) <= 2.5 %, where B counts heads of `count` coins; 0 where there is none.
  static func rankOfInterval(count: Int) -> Int {
    // Kept as a logarithm: 2^-count may be too small for a Double.
    var logarithm = -Double(count) * log(2.0)
    var below = 0.0
    for heads in 0..<count {
      below += exp(logarithm)
      if below > 0.025 { return heads }
      logarithm += log(Double(count - heads) / Double(heads + 1))
    }
    return count
  }
}
