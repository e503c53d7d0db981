import Glibc

/// An axis on which a factor is a distance, whole decades long.
public struct LogAxis: Sendable {
  public let low: Int
  public let high: Int
  public let start: Double
  public let end: Double

  /// An axis that shows all of the values, one decade at least.
  ///
  /// - Parameters:
  ///   - values: those that are positive and finite count.
  ///   - start: where the lowest decade lies in the drawing; `end` may be less.
  ///   - limits: powers of ten that the axis does not go beyond.
  public init(
    _ values: some Sequence<Double>,
    from start: Double,
    to end: Double,
    limits: ClosedRange<Int> = -12...18
  ) {
    let exponents = values.filter { $0 > 0 && $0.isFinite }.map(log10)
    let low = exponents.min().map { Int($0.rounded(.down)) } ?? 0
    let high = exponents.max().map { Int($0.rounded(.up)) } ?? 1
    self.low = min(max(low, limits.lowerBound), limits.upperBound - 1)
    self.high = min(max(high, self.low + 1), limits.upperBound)
    self.start = start
    self.end = end
  }

  /// Where a value lies; at an end what is beyond it.
  public func place(_ value: Double) -> Double {
    guard value > 0 else { return start }
    let share = (log10(value) - Double(low)) / Double(high - low)
    return start + min(max(share, 0), 1) * (end - start)
  }

  /// Whether the axis goes as far.
  public func contains(_ value: Double) -> Bool {
    value > 0 && log10(value) >= Double(low) && log10(value) <= Double(high)
  }

  /// Powers of ten, at most `most` of them, evenly apart.
  public func ticks(most: Int) -> [Double] {
    let step = max(1, (high - low + most - 1) / max(most, 1))
    return stride(from: low, through: high, by: step).map { pow(10, Double($0)) }
  }
}
