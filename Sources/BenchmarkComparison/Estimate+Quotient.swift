import BenchmarkKit
import Glibc

extension Estimate {
  /// The quotient of two figures that were measured independently, with a 95 % interval.
  ///
  /// On logarithms, where a quotient is a difference, the distances from the value to its bounds add like the sides of
  /// a right triangle (the MOVER of Zou and Donner, 2008). The quotients of the bounds themselves would make an interval
  /// that covers 99 % and is 1.4 times as wide.
  ///
  /// - Returns: nil where a bound is not positive.
  public init?(_ numerator: Estimate, over denominator: Estimate) {
    guard numerator.low > 0, denominator.low > 0, numerator.high.isFinite, denominator.high.isFinite else {
      return nil
    }
    func distance(_ one: Double, _ other: Double) -> Double {
      (one * one + other * other).squareRoot()
    }
    let value = numerator.value / denominator.value
    let below = distance(log(numerator.value / numerator.low), log(denominator.high / denominator.value))
    let above = distance(log(numerator.high / numerator.value), log(denominator.value / denominator.low))
    guard value.isFinite, value > 0, below.isFinite, above.isFinite else { return nil }
    self.init(value: value, low: value * exp(-below), high: value * exp(above))
  }
}
