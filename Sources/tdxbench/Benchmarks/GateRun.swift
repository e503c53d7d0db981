import BenchmarkComparison
import BenchmarkKit
import BenchmarkRecords

/// What `check` measures, and what it makes of it.
struct GateRun {
  let filter: [String]
  /// For the ratios; results and allocations come with them.
  let budget: Duration
  let countsInstructions: Bool
  /// Whether progress is not shown.
  var isQuiet = false

  /// Whose instructions are gated: every kind of work, small enough that counting all takes half a minute.
  static let counted = NameFilter([
    "construct/linux/server-2s-1tib*", "construct/linux-cmr/server-2s-1tib", "construct/*/emr-issue135",
    "construct/linux/64-tdmrs-16-holes", "construct/linux/fragmented-1e2", "construct/linux/fragmented-1e4",
    "construct/*/touching", "construct/linux/one-tdmr-per-region", "construct/linux/1000-tdmrs/*",
    "construct/linux/unpredictable-runs/*", "pamt-sizes/*", "reserved-areas/*", "validate/*",
    "plan-jsonl/line/*",
    "parse/dmesg/emr-issue135", "parse/dmesg/node-ranges-1e4", "parse/memblock/1e4", "parse/json/1e4",
  ])

  /// The file that a baseline stands in: by the first part of the name, and the policy of a plan.
  static func group(of workload: String) -> String {
    let parts = workload.split(separator: "/").prefix(3)
    return parts.first == "construct" && parts.count == 3
      ? parts.prefix(2).joined(separator: "-") : String(parts.first ?? "other")
  }

  /// Holds the suite against baselines.
  func check(_ baselines: Baselines) throws -> GateReport {
    let suite = try allWorkloads()
    if let failure = noMatch(filter, among: suite.map(\.name) + baselines.workloads.keys) { throw failure }
    let isChosen = NameFilter(filter).chooses
    let chosen = suite.filter { isChosen($0.name) && !$0.isLarge }
    let conditions = BaselineConditions()
    let gate = Gate(baselines, conditions: conditions, isRelease: Self.isRelease)
    var report = measure(chosen, budget)
    var problems: [String] = []
    if countsInstructions, gate.countsInstructions {
      problems = count(&report) { baselines.workloads[$0]?.instructions != nil }
    }
    let large = suite.filter { isChosen($0.name) && $0.isLarge }.map(\.name)
    var result = GateReport(
      breaches: confirmed(report.rows.flatMap(gate.breaches), gate, chosen)
        + gate.vanished(suite.map(\.name), chosen: isChosen),
      workloads: report.rows.count { $0.isReached && baselines.workloads[$0.name] != nil },
      counted: report.rows.count { $0.instructions != nil },
      skipped: skipped(gate, conditions, large) + problems.map { "instructions: \($0)" },
      bands: gate.bands
    )
    result.isComplete = !Interruption.hasOccurred
    return result
  }

  /// Measures the suite and replaces the baselines of what was chosen.
  ///
  /// - Returns: how many baselines were measured.
  func update(_ folder: BaselineFolder) throws -> Int {
    guard Self.isRelease else {
      throw Failure(
        "baselines are those of a release build: swift run -c release tdxbench check --update",
        .wrongUsage
      )
    }
    let suite = try allWorkloads()
    if let failure = noMatch(filter, among: suite.map(\.name)) { throw failure }
    try folder.prepare()
    let old = try existing(folder)
    let conditions = BaselineConditions()
    if let old, !filter.isEmpty, old.conditions != conditions {
      throw Failure(
        "the other baselines were taken with \(old.conditions.toolchain) on \(old.conditions.processor): update all of "
          + "them, without --filter",
        .wrongUsage
      )
    }
    var report = measure(suite.filter { NameFilter(filter).chooses($0.name) && !$0.isLarge }, budget)
    let problems = count(&report, isChosen: Self.counted.chooses)
    if Interruption.hasOccurred { throw Failure("interrupted: the baselines are as they were", .interrupted) }
    if let failure = report.failures.first {
      throw Failure("\(failure.name) is wrong: \(failure.reason); the baselines are as they were", .no)
    }
    if let problem = problems.first {
      throw Failure("instructions: \(problem); the baselines are as they were", .ioError)
    }
    let measured = report.rows.compactMap { row in Baseline(row).map { (row.name, $0) } }
    let newer = Dictionary(measured) { first, _ in first }
    // What is not chosen stays; what the suite has no longer goes, unless only a part was asked for.
    var kept = Baselines(conditions: conditions, workloads: old?.workloads ?? [:])
    if filter.isEmpty { kept.workloads = kept.workloads.filter { newer[$0.key] != nil } }
    try folder.write(kept.updated(with: newer), group: Self.group)
    return newer.count
  }

  /// The baselines that are there; nil where there are none yet.
  private func existing(_ folder: BaselineFolder) throws(RecordError) -> Baselines? {
    do {
      return try folder.load()
    } catch  where error.kind == .notFound {
      return nil
    }
  }

  /// The breaches that stand: times are measured once more, by themselves, and count only if they are as slow again.
  private func confirmed(_ breaches: [Breach], _ gate: Gate, _ chosen: [Workload]) -> [Breach] {
    let doubtful = Set(breaches.filter(\.isTime).map(\.workload))
    guard !doubtful.isEmpty else { return breaches }
    if Interruption.hasOccurred { return breaches.filter { !$0.isTime } }
    let again = measure(chosen.filter { doubtful.contains($0.name) }, .seconds(2) * min(doubtful.count, 8))
    let still = again.rows.flatMap(gate.breaches).filter(\.isTime)
    return breaches.filter { breach in
      !breach.isTime || still.contains { $0.workload == breach.workload && $0.figure == breach.figure }
    }
  }

  private func measure(_ workloads: [Workload], _ budget: Duration) -> Report {
    var plan = MeasuringPlan()
    plan.budget = budget
    var line = ProgressLine(isQuiet: isQuiet)
    defer { line.clear() }
    return Suite(workloads).run(
      plan,
      progress: { line.show($0) },
      isInterrupted: { Interruption.hasOccurred }
    )
  }

  /// - Returns: what could not be counted, and why.
  private func count(_ report: inout Report, isChosen: (String) -> Bool) -> [String] {
    var problems: [String] = []
    var line = ProgressLine(isQuiet: isQuiet)
    countInstructions(
      for: &report,
      of: isChosen,
      progress: { line.show($0) },
      isInterrupted: { Interruption.hasOccurred },
      say: { problems.append($0) }
    )
    line.clear()
    return problems
  }

  private func skipped(_ gate: Gate, _ now: BaselineConditions, _ large: [String]) -> [String] {
    let then = gate.baselines.conditions
    var skipped: [String] = []
    if !gate.isRelease {
      skipped.append(
        "allocations, instructions and ratios: this is a debug build, or one with a sanitizer; swift run -c release "
          + "tdxbench check"
      )
    } else if !countsInstructions {
      skipped.append("instructions: --no-instructions")
    } else if !gate.countsInstructions {
      skipped.append(
        "instructions: the baselines were counted with \(then.toolchain), this is \(now.toolchain)"
      )
    }
    if gate.isRelease, now.processor != then.processor {
      skipped.append(
        "the narrower bands: the baselines are from \(then.processor), this is \(now.processor), and ratios differ "
          + "from one to the other"
      )
    }
    if !large.isEmpty { skipped.append("the large \(large.joined(separator: ", "))") }
    return skipped
  }

  /// Whether allocations and times are those of the code.
  private static var isRelease: Bool {
    #if DEBUG
      false
    #else
      AllocationCounter.isLive
    #endif
  }
}
