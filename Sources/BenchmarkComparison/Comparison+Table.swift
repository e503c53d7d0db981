import BenchmarkKit
import TerminalText

extension Comparison {
  /// The comparison as plain text, at most 80 columns wide.
  public var table: String {
    if isSameProgram {
      return paragraph("before: \(before)") + paragraph("after: \(after)") + "\n" + paragraph(summary)
    }
    var text = paragraph("before: \(before)") + paragraph("after: \(after)")
    if let foreword { text += "\n" + paragraph(foreword) }
    if !listedRows.isEmpty { text += "\n" + rowTable.text }
    let changes = sortedRows.flatMap(\.figureChanges)
    if !changes.isEmpty { text += "\nper call:\n" + FigureChange.table(changes) }
    for row in sortedRows {
      if let error = row.error { text += "\n" + paragraph("error: \(row.name): \(error)") }
    }
    text += Self.list("vanished", onlyBefore) + Self.list("appeared", onlyAfter)
    for (name, why) in different {
      text += "\n" + paragraph("not compared: \(name) does not do the same: \(why)")
    }
    for note in notes { text += "\n" + paragraph("note: \(note)") }
    text += "\n" + paragraph(ruleSentence)
    if !isComplete { text += "\nincomplete: interrupted before the end\n" }
    return text + "\n" + paragraph(summary)
  }

  /// What came of it, in a line.
  public var summary: String {
    if isSameProgram {
      return "The same program: all bytes that are loaded are equal, so nothing was measured."
    }
    let verdicts = Verdict.allCases.map { verdict in
      "\(rows.count { $0.verdict == verdict && $0.error == nil }) \(verdict)"
    }
    let more = rows.count(where: \.allocatesMore)
    return "\(rows.count) compared: " + verdicts.joined(separator: ", ")
      + (more > 0 ? ", \(more) with more allocations" : "")
      + (errors.isEmpty ? "" : ", \(errors.count) failed") + (regressions.isEmpty ? "." : ": a regression.")
  }

  private static let widestName = 34

  private var rowTable: TextTable {
    var table = TextTable([
      .init("workload", .left, widest: Self.widestName, isWhole: true), .init(ratioHead),
      .init("95 % interval"),
      .init(secondHead), .init("verdict", .left), .init("allocs", widest: 9),
    ])
    for row in listedRows {
      table.append([
        row.name, row.ratio.map { Figures.precise($0.value) } ?? "-", row.ratio.map(Self.interval) ?? "-",
        row.second.map { Figures.precise($0.value) } ?? "-",
        row.error == nil ? row.verdict.rawValue : "error",
        Self.pair(row.before.allocations, row.after.allocations),
      ])
    }
    return table
  }

  static func interval(_ ratio: Estimate) -> String {
    "\(Figures.precise(ratio.low))-\(Figures.precise(ratio.high))"
  }

  /// `3` on both sides, or `3>4`; what is not known is `-`.
  private static func pair(_ before: Int?, _ after: Int?) -> String {
    let (old, new) = (before.map(Figures.count) ?? "-", after.map(Figures.count) ?? "-")
    return before == after ? old : "\(old)>\(new)"
  }

  private static func list(_ what: String, _ names: [String]) -> String {
    names.isEmpty ? "" : "\n" + paragraph("\(what): \(names.joined(separator: ", "))")
  }
}
