import BenchmarkKit
import TerminalText

extension Report {
  /// The rows as a Markdown table, for the summary of a CI run: a line for each workload, with only those of the
  /// peers' columns that some row has; then what was wrong, and the warnings.
  ///
  /// - Parameter items: what the items of the workloads are, in the plural.
  public func markdown(items: String) -> String {
    let peers = PeerKind.allCases.filter { kind in rows.contains { $0.ratio(to: kind) != nil } }
    let hasInstructions = rows.contains { $0.instructions != nil }
    var head = ["workload", "per call", "95 % interval", "\(items)/s", "bytes/s"]
    head += peers.map { "× \($0.rawValue)" }
    head += ["allocations"] + (hasInstructions ? ["instructions"] : [])

    var table = MarkdownTable(head.enumerated().map { ($0.element, $0.offset == 0 ? .left : .right) })
    for row in rows where row.wasReached {
      guard let measurement = row.outcome.measurement, let time = measurement.nanosecondsPerCall else {
        let blank = Array(repeating: "", count: head.count - 2)
        table.append([Markdown.code(row.name), row.isWrong ? "**wrong**" : "not measured"] + blank)
        continue
      }
      var cells = [Markdown.code(row.name), Figures.time(time.value)]
      cells.append("\(Figures.time(time.low)) … \(Figures.time(time.high))")
      cells.append(measurement.perSecond(row.workload.itemsPerCall).map { Figures.rate($0) } ?? "")
      cells.append(measurement.perSecond(row.workload.bytesPerCall).map { Figures.rate($0, unit: "B") } ?? "")
      cells += peers.map { row.ratio(to: $0).map { Figures.ratio($0.value) } ?? "" }
      let counters = Counters(row)
      let unsteady = counters.allocationsAreExact == false ? "\\~" : ""
      cells.append(counters.allocations.map { unsteady + "\($0)" } ?? "n/a")
      if hasInstructions { cells.append(counters.instructions.map { "\($0)" } ?? "") }
      table.append(cells)
    }
    let remarks =
      failures.map { "wrong: \(Markdown.code($0.name)): \(Markdown.escaped($0.reason))" }
      + warnings.map { "warning: \(Markdown.escaped($0))" }
      + (gap.map { [$0] } ?? [])
    return table.text + (remarks.isEmpty ? "" : "\n" + remarks.map { "* \($0)\n" }.joined())
  }
}

extension Row {
  fileprivate var isWrong: Bool {
    if case .wrong = outcome { true } else { false }
  }
}
