import BenchmarkKit
import BenchmarkRecords
import JSON
import TerminalText

extension Comparison {
  /// The comparison as Markdown, for the summary of a CI run.
  public var markdown: String {
    var table = MarkdownTable([
      ("workload", .left), (ratioHead, .right), ("95 % interval", .right), (secondHead, .right),
      ("verdict", .left), ("before", .right), ("allocations", .right), ("bytes", .right),
      ("instructions", .right),
    ])
    // The times of before alone: those of after are not what is compared, and need not have the ratio of the pairs.
    for row in listedRows {
      let verdict = row.error == nil ? row.verdict.rawValue : "error"
      table.append([
        Markdown.code(row.name), row.ratio.map { Figures.precise($0.value) } ?? "",
        row.ratio.map(Self.interval) ?? "", row.second.map { Figures.precise($0.value) } ?? "",
        row.isRegression || row.error != nil ? "**\(verdict)**" : verdict,
        row.before.time.map { Figures.time($0.value) } ?? "",
        Self.change(row.before.allocations, row.after.allocations),
        Self.change(row.before.allocatedBytes, row.after.allocatedBytes),
        Self.change(row.before.instructions, row.after.instructions),
      ])
    }
    let remarks =
      sortedRows.compactMap { row in row.error.map { (row.name, $0) } }
      + onlyBefore.map { ($0, "vanished") } + onlyAfter.map { ($0, "appeared") }
      + different.map { ($0.name, "not compared, does not do the same: \($0.why)") }
    var text = "**\(Markdown.escaped(summary))**\n\n"
    text += "Before: \(Markdown.escaped(before)). After: \(Markdown.escaped(after)).\n\n"
    if let foreword { text += Markdown.escaped(foreword) + "\n\n" }
    if !listedRows.isEmpty { text += table.text + "\n" }
    for (name, remark) in remarks { text += "* \(Markdown.code(name)): \(Markdown.escaped(remark))\n" }
    for note in notes { text += "* \(Markdown.escaped(note))\n" }
    if !isComplete { text += "* the comparison was interrupted\n" }
    if isSameProgram { return text }
    return text + "\n" + Markdown.escaped(ruleSentence) + "\n"
  }

  private static func change<Count: BinaryInteger>(_ before: Count?, _ after: Count?) -> String {
    switch (before, after) {
    case (nil, nil): ""
    case (let old?, let new?) where old == new: "\(old)"
    case (let old, let new): "\(old.map { "\($0)" } ?? "?") → \(new.map { "\($0)" } ?? "?")"
    }
  }

  /// The comparison as JSON, its rows by the size of the effect.
  public var json: String {
    JSONValue.object([
      ("before", .string(before)), ("after", .string(after)),
      ("threshold", .number(rule.threshold)), ("rule", .string(ruleSentence)),
      ("good", .bool(isGood)), ("complete", .bool(isComplete)), ("same_program", .bool(isSameProgram)),
      ("rows", .array(sortedRows.map(\.json))),
      ("only_before", .array(onlyBefore.map(JSONValue.string))),
      ("only_after", .array(onlyAfter.map(JSONValue.string))),
      (
        "different",
        .array(different.map { .object([("name", .string($0.name)), ("why", .string($0.why))]) })
      ),
      ("notes", .array(((foreword.map { [$0] } ?? []) + notes).map(JSONValue.string))),
    ]).text
  }
}

extension ComparedRow {
  fileprivate var json: JSONValue {
    .object([
      ("name", .string(name)), ("verdict", .string(verdict.rawValue)), ("regression", .bool(isRegression)),
      ("error", .known(error)), ("samples", .integer(samples)), ("ratio", Self.json(ratio)),
      ("second", Self.json(second)), ("before", before.json), ("after", after.json),
    ])
  }

  fileprivate static func json(_ estimate: Estimate?) -> JSONValue {
    guard let estimate else { return .null }
    return .object([
      ("value", .number(estimate.value)), ("low", .number(estimate.low)), ("high", .number(estimate.high)),
    ])
  }
}

extension Side {
  fileprivate var json: JSONValue {
    .object([
      ("time_ns", ComparedRow.json(time)), ("allocations", .known(allocations)),
      ("allocated_bytes", .known(allocatedBytes)),
      ("instructions", instructions.map(JSONValue.unsigned) ?? .null),
    ])
  }
}
