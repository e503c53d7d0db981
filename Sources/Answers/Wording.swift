/// `1 node`, `2 nodes`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

/// A share with two decimals, rounded to the nearest.
func percent(_ part: UInt64, of whole: UInt64) -> String {
  guard whole > 0 else { return "0 %" }
  let hundredths = Int((Double(part) / Double(whole) * 10_000).rounded())
  let rest = hundredths % 100
  return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) %"
}
