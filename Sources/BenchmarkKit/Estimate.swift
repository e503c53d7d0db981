/// A figure, and how well it is known.
///
/// - Invariant: `low <= value <= high`.
public struct Estimate: Hashable, Sendable {
  /// The median of the samples.
  public let value: Double
  /// The bounds of its confidence interval: see ``Distribution/medianInterval``.
  public let low: Double
  public let high: Double

  /// - Precondition: `low <= value <= high`.
  public init(value: Double, low: Double, high: Double) {
    precondition(low <= value && value <= high, "an estimate lies within its interval")
    self.value = value
    self.low = low
    self.high = high
  }

  /// Half the interval's width over the value, 0.01 for 1 %; nil where the value is 0.
  public var relativeUncertainty: Double? {
    value == 0 ? nil : (high / 2 - low / 2) / abs(value)
  }
}
