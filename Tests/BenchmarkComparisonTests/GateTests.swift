import BenchmarkComparison
import BenchmarkKit
import BenchmarkRecords
import Foundation
import Testing

private let conditions = BaselineConditions(toolchain: "Swift 6.3.1, glibc 2.36", processor: "Example")
private let baseline = Baseline(
  result: "ok, 5 TDMRs",
  allocations: 2,
  allocatedBytes: 128,
  instructions: 10_000,
  ratioToReference: 0.8,
  ratioToMemcpy: 50
)

/// A row that holds its baseline unless something is said of it.
private func row(
  _ name: String = "a",
  result: String = "ok, 5 TDMRs",
  allocations: Int = 2,
  bytes: Int = 128,
  instructions: UInt64? = 10_000,
  reference: Double? = 0.8,
  memcpy: Double? = 50,
  wrong: String? = nil
) -> Row {
  let counts = AllocationCounts(allocations: allocations, frees: 0, bytes: bytes, peakBytes: 0)
  let measurement = Measurement(callsPerBatch: 1, batches: [1, 2, 3], allocations: .exact(counts))
  func ratio(_ kind: PeerKind, _ value: Double?) -> Ratio? {
    value.map { Ratio(peer: kind, name: "p", estimate: Estimate(value: $0, low: $0 * 0.98, high: $0 * 1.02)) }
  }
  return Row(
    workload: Workload(name, why: "To be judged.", itemsPerCall: 1, bytesPerCall: 1) {
      Subject(run: { _ in }, check: { nil })
    },
    outcome: wrong.map(Outcome.wrong) ?? .measured(measurement),
    expectation: result,
    ratios: [ratio(.reference, reference), ratio(.memcpy, memcpy)].compactMap { $0 },
    instructions: instructions
  )
}

@Suite("the gate") struct GateTests {
  func gate(
    _ conditions: BaselineConditions = conditions,
    _ now: BaselineConditions = conditions,
    isRelease: Bool = true
  ) -> Gate {
    Gate(Baselines(conditions: conditions, workloads: ["a": baseline]), conditions: now, isRelease: isRelease)
  }

  @Test("a row as its baseline. Expect nothing")
  func holds() {
    #expect(gate().breaches(of: row()).isEmpty)
    #expect(gate().breaches(of: row(instructions: 10_100, reference: 1.2, memcpy: 90)).isEmpty)
    // Instructions were not counted this time.
    #expect(gate().breaches(of: row(instructions: nil)).isEmpty)
  }

  @Test("one figure off. Expect that figure, and by how much")
  func broken() {
    let cases: [(Row, Breach.Figure, String)] = [
      (row(allocations: 3), .allocations, "+1"), (row(allocations: 1), .allocations, "-1"),
      (row(bytes: 129), .bytes, "+1"), (row(instructions: 10_101), .instructions, "+1.0%"),
      (row(instructions: 9_899), .instructions, "-1.0%"),
      (row(reference: 1.4), .ratioToReference, "1.75x"),
      (row(memcpy: 110), .ratioToMemcpy, "2.20x"),
      (row(reference: nil), .ratioToReference, "no such peer"),
      (row(result: "ok, 6 TDMRs"), .result, "expected ok, 5 TDMRs, the workload now expects ok, 6 TDMRs"),
      (row(wrong: "6 TDMRs"), .result, "6 TDMRs"),
    ]
    for (row, figure, difference) in cases {
      let breaches = gate().breaches(of: row)
      #expect(breaches.map(\.figure) == [figure])
      #expect(breaches.map(\.difference) == [difference])
    }
  }

  @Test("a workload without a baseline, and a baseline without a workload. Expect both named")
  func presence() {
    #expect(gate().breaches(of: row("new")).map(\.figure) == [.presence])
    #expect(gate().vanished(["b"], chosen: { _ in true }).map(\.workload) == ["a"])
    #expect(gate().vanished(["b"], chosen: { _ in false }).isEmpty)
  }

  @Test("another toolchain, another processor, a debug build. Expect less looked at")
  func otherConditions() {
    let compiler = BaselineConditions(toolchain: "Swift 7", processor: "Example")
    #expect(gate(conditions, compiler).breaches(of: row(instructions: 20_000)).isEmpty)
    #expect(gate(conditions, compiler).breaches(of: row(allocations: 3)).count == 1)
    let machine = BaselineConditions(toolchain: conditions.toolchain, processor: "Another")
    #expect(gate(conditions, machine).breaches(of: row(reference: 1.4, memcpy: 250)).isEmpty)
    #expect(gate(conditions, machine).breaches(of: row(reference: 1.7)).count == 1)
    let debug = gate(conditions, conditions, isRelease: false)
    #expect(debug.breaches(of: row(allocations: 9, instructions: 9, reference: 9)).isEmpty)
    #expect(debug.breaches(of: row(wrong: "no")).count == 1)
  }

  @Test(
    "a report of what broke. Expect 80 columns, each workload's command once, and the way to new baselines"
  )
  func report() throws {
    let name = "construct/linux/a-name-that-is-much-too-long-for-a-column/top"
    let breaches = gate().breaches(of: row(allocations: 3, bytes: 256, reference: 9)).map { $0 }
    let long = Gate(
      Baselines(conditions: conditions, workloads: [name: baseline]),
      conditions: conditions,
      isRelease: true
    ).breaches(of: row(name, wrong: "a sentence that is as long as sentences of checks tend to be"))
    let report = GateReport(
      breaches: breaches + long,
      workloads: 2,
      counted: 1,
      skipped: ["nothing"],
      bands: gate().bands
    )
    let lines = report.text.split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 80 || $0.contains("--filter") })
    #expect(lines.count { $0.contains("check --filter 'a'") } == 1)
    #expect(report.text.contains("2 broke") && report.text.contains("tdxbench check --update"))
    let json = try JSONSerialization.jsonObject(with: Data(report.json.utf8)) as? [String: Any]
    #expect((json?["breaches"] as? [Any])?.count == 4)
    #expect(report.markdown.contains("| `a` | allocations | 2 | 3 | +1 |"))
  }

  @Test("a folder of baselines that is named, names that a shell would take apart. Expect commands with both")
  func commands() {
    var report = GateReport(
      breaches: gate().vanished([], chosen: { _ in true })
        + gate().breaches(of: row("it's; new", allocations: 3)),
      workloads: 2,
      counted: 0,
      skipped: [],
      bands: gate().bands
    )
    report.folder = "/a b"
    report.isComplete = false
    let check = "swift run -c release tdxbench check --baselines '/a b'"
    #expect(report.commands == ["\(check) --filter 'a'", "\(check) --filter 'it'\\''s; new'"])
    #expect(report.markdown.contains("interrupted"))
  }

  @Test("eleven workloads that broke. Expect ten commands, and the one for all")
  func manyCommands() {
    let breaches = (1...11).flatMap { gate().breaches(of: row("w\($0)")) }
    let report = GateReport(breaches: breaches, workloads: 11, counted: 0, skipped: [], bands: gate().bands)
    for text in [report.text, report.markdown] {
      #expect(text.contains("--filter 'w10'") && !text.contains("--filter 'w11'"))
      #expect(text.contains("tdxbench check  # 1 more\n"))
    }
  }
}
