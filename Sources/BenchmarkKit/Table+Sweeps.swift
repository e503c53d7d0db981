import TerminalText

extension Sweep {
  /// The series as text: a line for each size, and the complexity that fits, with the error of each that does not.
  var summary: String {
    var text = "\(name), by size:\n"
    for (size, time) in points {
      let each = Figures.time(time / Double(max(size, 1)))
      text += "\(size)".padded(to: 12, .right) + Figures.time(time).padded(to: 10, .right)
      text += each.padded(to: 10, .right) + " each\n"
    }
    guard let fit else { return text + "too few sizes for a complexity\n" }
    let others = fit.candidates.dropFirst().map { "\($0.complexity.rawValue) \(Figures.percent($0.error))" }
    let best = "\(fit.best.complexity.rawValue) within \(Figures.percent(fit.best.error))"
    let power = "time grows as n^\(Figures.decimal(fit.exponent))"
    return text + paragraph("\(best); not \(others.joined(separator: ", ")); \(power)")
  }
}
