import BenchmarkComparison
import BenchmarkKit
import BenchmarkRecords
import Foundation
import RandomNumbers
import Testing

/// A workload and its memcpy in a record, at a pace: 1.1 is a machine that is a tenth slower.
private struct Example {
  var name: String
  var time = 1000.0
  var allocations = 2
  var items = 8
  var instructions: UInt64? = nil
}

private func record(
  _ examples: [Example],
  pace: Double = 1,
  noise: Double = 0.01,
  seed: UInt64,
  change: (inout MachineFacts) -> Void = { _ in }
) throws -> Record {
  var random = SplitMix64(seed: seed)
  func batches(_ time: Double) -> [UInt64] {
    (0..<60).map { _ in UInt64(time * pace * 1000 * Double.random(in: 1 - noise...1 + noise, using: &random))
    }
  }
  func measurement(_ time: Double, _ allocations: Int) -> BenchmarkKit.Measurement {
    let counts = AllocationCounts(
      allocations: allocations,
      frees: allocations,
      bytes: 64 * allocations,
      peakBytes: 64
    )
    return BenchmarkKit.Measurement(callsPerBatch: 1000, batches: batches(time), allocations: .exact(counts))
  }
  let rows = examples.map { example in
    Row(
      workload: Workload(
        example.name,
        why: "To be compared.",
        itemsPerCall: example.items,
        bytesPerCall: 64,
        peers: [Peer(.memcpy, "memcpy/64") { Subject(run: { _ in }, check: { nil }) }]
      ) { Subject(run: { _ in }, check: { nil }) },
      outcome: .measured(measurement(example.time, example.allocations)),
      instructions: example.instructions
    )
  }
  let peer = PeerRow(kind: .memcpy, name: "memcpy/64", group: nil, outcome: .measured(measurement(100, 0)))
  var machine = MachineFacts(root: "/nowhere")
  machine.processor = "Example"
  change(&machine)
  return try Record(
    Report(rows: rows, peers: [peer]),
    machine: machine,
    build: BuildFacts(),
    run: RunFacts(time: 0, arguments: ["tdxbench"])
  )
}

@Suite("two records side by side") struct RecordComparisonTests {
  let rule = VerdictRule()

  @Test(
    "one slower, one faster, one with no change to be seen, one gone, one new. Expect a verdict each, sorted by effect"
  )
  func verdicts() throws {
    let before = try record(
      [.init(name: "a"), .init(name: "b"), .init(name: "c"), .init(name: "gone")],
      seed: 1
    )
    let after = try record(
      [.init(name: "a", time: 1300), .init(name: "b", time: 500), .init(name: "c"), .init(name: "new")],
      seed: 2
    )
    let comparison = Comparison(before, after, rule: rule)
    #expect(comparison.sortedRows.map(\.name) == ["b", "a", "c"])
    #expect(comparison.sortedRows.map(\.verdict) == [.faster, .slower, .unknown])
    // What cannot be told is said once, on top.
    #expect(comparison.listedRows.map(\.name) == ["b", "a"])
    #expect(comparison.foreword?.contains("1 of 3 do not") == true, "\(comparison.foreword ?? "")")
    #expect(comparison.onlyBefore == ["gone"] && comparison.onlyAfter == ["new"])
    #expect(!comparison.isGood)
    let table = comparison.table
    #expect(table.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(table.contains("vanished: gone") && table.contains("appeared: new"))
    #expect(table.contains("95 % interval") && comparison.ruleSentence.contains("above 1 by more than 3.0%"))
  }

  @Test(
    "the whole machine a fifth slower. Expect no verdict against any code, and the pace said once, on top"
  )
  func drift() throws {
    let names = (0..<20).map { Example(name: "w\($0)") }
    let comparison = Comparison(try record(names, seed: 1), try record(names, pace: 1.2, seed: 2), rule: rule)
    #expect(comparison.rows.allSatisfy { $0.after.time!.value > 1150 && $0.verdict == .unknown })
    #expect(comparison.isGood && comparison.listedRows.isEmpty)
    #expect(comparison.foreword?.contains("took 1.20") == true, "\(comparison.foreword ?? "")")
    #expect(comparison.table.split(separator: "\n").count < 16 && !comparison.table.contains("w7"))
  }

  @Test("a record with itself. Expect every row the same, and that said once, on top")
  func itself() throws {
    let one = try record([.init(name: "a"), .init(name: "b", instructions: 7)], seed: 1)
    let comparison = Comparison(one, one, rule: rule)
    #expect(comparison.rows.map(\.verdict) == [.same, .same] && comparison.isGood)
    #expect(comparison.listedRows.isEmpty)
    #expect(comparison.foreword?.hasPrefix("The records hold the same measurements") == true)
    #expect(comparison.summary == "2 compared: 0 slower, 0 faster, 2 same, 0 unknown.")
  }

  @Test("another machine. Expect no times, but allocations and instructions")
  func otherMachine() throws {
    let before = try record([.init(name: "a", instructions: 1000)], seed: 1)
    let after = try record([.init(name: "a", time: 9000, allocations: 3, instructions: 1500)], seed: 2) {
      $0.processor = "Another"
    }
    let comparison = Comparison(before, after, rule: rule)
    #expect(comparison.rows[0].ratio == nil && comparison.rows[0].verdict == .unknown)
    #expect(comparison.notes[0].contains("processor Example, then Another"))
    #expect(comparison.rows[0].figureChanges.map(\.figure) == ["allocations", "bytes", "instructions"])
    #expect(!comparison.isGood)
    #expect(comparison.table.contains("+50%"))
  }

  @Test("two names too long for their column, both slower. Expect both whole, in 80 columns")
  func longNames() throws {
    let names = ["64", "1000"].map { "construct/linux/a-name-too-long-for-it/\($0)-tdmrs/raised-limits" }
    let comparison = Comparison(
      try record(names.map { .init(name: $0) }, seed: 1),
      try record(names.map { .init(name: $0, time: 2000) }, seed: 2),
      rule: rule
    )
    let lines = comparison.table.split(separator: "\n")
    #expect(names.allSatisfy { name in lines.contains { $0 == name } })
    #expect(lines.allSatisfy { $0.count <= 80 })
  }

  @Test("records that share no workload. Expect what vanished and what appeared, and nothing bad")
  func disjoint() throws {
    let comparison = Comparison(
      try record([.init(name: "old")], seed: 1),
      try record([.init(name: "new")], seed: 2),
      rule: rule
    )
    #expect(!comparison.isEmpty && comparison.isGood)
    #expect(comparison.table.contains("vanished: old") && comparison.table.contains("appeared: new"))
  }

  @Test("the same name for another amount of work. Expect it named, and not compared")
  func otherWork() throws {
    let comparison = Comparison(
      try record([.init(name: "a")], seed: 1),
      try record([.init(name: "a", items: 9)], seed: 2),
      rule: rule
    )
    #expect(comparison.rows.isEmpty && comparison.different.map(\.name) == ["a"])
    #expect(comparison.table.contains("does not do the same"))
  }

  @Test("JSON and Markdown. Expect what the table has, and names that stay in their cells")
  func formats() throws {
    let nasty = "a|b`c\"d"
    let comparison = Comparison(
      try record([.init(name: nasty)], seed: 1),
      try record([.init(name: nasty, time: 2000, allocations: 5)], seed: 2),
      rule: rule
    )
    let json = try JSONSerialization.jsonObject(with: Data(comparison.json.utf8)) as? [String: Any]
    let row = (json?["rows"] as? [[String: Any]])?.first
    #expect(row?["name"] as? String == nasty && row?["verdict"] as? String == "slower")
    #expect((row?["after"] as? [String: Any])?["allocations"] as? Int == 5)
    #expect(json?["good"] as? Bool == false)
    let line = try #require(comparison.markdown.split(separator: "\n").first { $0.contains("slower**") })
    #expect(line.contains(#"a\|b\`c"d"#) && line.contains("2 → 5"))
  }
}
