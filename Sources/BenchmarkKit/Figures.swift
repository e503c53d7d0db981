/// How results write numbers: three significant digits and a unit, so that a column is narrow and its rows compare
/// at a glance.
package enum Figures {
  /// A time in nanoseconds: `86.2 ns`, `4.70 us`, `1.20 ms`, `3.00 s`.
  package static func time(_ nanoseconds: Double) -> String {
    scaled(nanoseconds, units: ["ns", "us", "ms", "s"])
  }

  /// A rate with a decimal prefix: `92.8 M`, and with a unit `2.23 GB`.
  package static func rate(_ perSecond: Double, unit: String = "") -> String {
    scaled(perSecond, units: ["", "k", "M", "G", "T", "P", "E", "Z", "Y"].map { $0 + unit })
  }

  /// A count: all its digits where they are at most five, `123 k` beyond.
  package static func count(_ value: Int) -> String {
    value < 100_000 ? "\(value)" : rate(Double(value))
  }

  /// A number with two digits after the point: `1.98`, `-0.02`.
  package static func decimal(_ value: Double) -> String {
    guard value.isFinite else { return "-" }
    return (value < 0 ? "-" : "") + fixed(abs(value), decimals: 2)
  }

  /// A ratio that is near 1, with three digits after the point: `1.032`; beyond 1000, `>999`.
  package static func precise(_ value: Double) -> String {
    guard value.isFinite, value >= 0 else { return "-" }
    return value < 999.5 ? fixed(value, decimals: value < 9.9995 ? 3 : value < 99.95 ? 1 : 0) : ">999"
  }

  /// A factor, at most 5 characters: `0.24x`, `12.3x`, `1234x`, `>9999`.
  package static func ratio(_ value: Double) -> String {
    guard value.isFinite, value >= 0 else { return "-" }
    guard value < 9999.5 else { return ">9999" }
    return fixed(value, decimals: value < 9.995 ? 2 : value < 99.95 ? 1 : 0) + "x"
  }

  /// A factor with three significant digits, however small, at most 8 characters: `0.243x`, `0.00432x`, `4.32e-6x`, `12.3x`.
  package static func significantRatio(_ value: Double) -> String {
    guard value.isFinite, value > 0, value < 0.995 else { return ratio(value) }
    var exponent = 0
    var digits = value
    while digits < 0.9995, exponent < 999 {
      digits *= 10
      exponent += 1
    }
    let three = Int((digits * 100).rounded())
    guard exponent <= 3 else {
      return "\(three / 100).\(String(three % 100 + 100).dropFirst())e-\(exponent)x"
    }
    return "0." + String(repeating: "0", count: exponent - 1) + "\(three)x"
  }

  /// A share of one, at most 4 characters: `0.3%`, `12%`, `>10x`.
  package static func percent(_ share: Double) -> String {
    let percent = share * 100
    guard percent < 999.5 else { return ">10x" }
    return percent < 9.95 ? fixed(percent, decimals: 1) + "%" : fixed(percent, decimals: 0) + "%"
  }

  /// `value` in the largest of `units`, each a thousand times the one before, that leaves 1 or more.
  private static func scaled(_ value: Double, units: [String]) -> String {
    guard value.isFinite, value >= 0 else { return "-" }
    var value = value
    var unit = 0
    // 999.5 would be rounded to a fourth digit.
    while value >= 999.5, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    let decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0
    let digits = fixed(value, decimals: decimals)
    return units[unit].isEmpty ? digits : "\(digits) \(units[unit])"
  }

  /// `value` with exactly `decimals` digits after the point, at most 3.
  private static func fixed(_ value: Double, decimals: Int) -> String {
    // The largest that multiplying by 1000 surely keeps in range; beyond it digits are noise.
    guard value < 1e13 else { return "\(value)" }
    let power = [1, 10, 100, 1000][decimals]
    let scaled = Int((value * Double(power)).rounded())
    guard decimals > 0 else { return "\(scaled)" }
    let rest = String(scaled % power)
    return "\(scaled / power)." + String(repeating: "0", count: decimals - rest.count) + rest
  }
}
