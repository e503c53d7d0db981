import Glibc

extension Distribution {
  /// The median and its 95 % confidence interval.
  public var estimate: Estimate { estimate(confidence: Self.usualConfidence) }

  /// The median and its confidence interval.
  ///
  /// - Parameter confidence: how often the interval has the true median in it, 0.95 for 95 %.
  public func estimate(confidence: Double) -> Estimate {
    let (low, high) = interval(confidence: confidence)
    return Estimate(value: median, low: low, high: high)
  }

  /// What intervals have where nothing else is said.
  public static let usualConfidence = 0.95

  /// The fewest values whose median has an interval of a confidence.
  public static func fewestValues(confidence: Double) -> Int {
    // The median of n values lies outside of all of them in 2 of 2^n samplings.
    confidence > 0 && confidence < 1 ? max(1, Int((1 - log2(1 - confidence)).rounded(.up))) : 1
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
  public var medianInterval: (low: Double, high: Double) { interval(confidence: Self.usualConfidence) }

  private func interval(confidence: Double) -> (low: Double, high: Double) {
    let rank = max(1, Self.rankOfInterval(count: sorted.count, outside: (1 - confidence) / 2))
    return (sorted[rank - 1], sorted[sorted.count - rank])
  }

  /// The largest r with P(B < r) <= `outside`, where B counts heads of `count` coins; 0 where there is none.
  static func rankOfInterval(count: Int, outside: Double = (1 - usualConfidence) / 2) -> Int {
    // Kept as a logarithm: 2^-count may be too small for a Double.
    var logarithm = -Double(count) * log(2.0)
    var below = 0.0
    for heads in 0..<count {
      below += exp(logarithm)
      if below > outside { return heads }
      logarithm += log(Double(count - heads) / Double(heads + 1))
    }
    return count
  }
}
