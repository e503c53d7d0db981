import RandomNumbers

/// How far a run has come.
public struct Progress: Sendable {
  /// What is done next, and to which workload.
  public let step: String
  /// The time until the budget is used up, never negative.
  public let timeLeft: Duration

  package init(step: String, timeLeft: Duration) {
    self.step = step
    self.timeLeft = timeLeft
  }
}

/// Workloads that are measured together.
public struct Suite: Sendable {
  public let workloads: [Workload]

  /// - Precondition: no two workloads have the same name, for it is what results are joined by.
  public init(_ workloads: [Workload]) {
    var names = Set<String>()
    for workload in workloads {
      precondition(names.insert(workload.name).inserted, "two workloads are named \(workload.name)")
    }
    self.workloads = workloads
  }

  /// Measures every workload and its peers.
  ///
  /// The large workloads come first, one after the other; then all others together. Each is made, called once,
  /// checked, and its allocations counted. Then come the rounds, and at the end every result is checked again.
  ///
  /// - Parameters:
  ///   - progress: told of every step, off the clock.
  ///   - isInterrupted: asked between samples. Once it is true, the run ends with what was measured so far.
  ///   - handOver: given what is finished, marked incomplete, before anything is measured and after each large workload: for who
  ///     cannot wait for the end of a step.
  public func run(
    _ plan: MeasuringPlan = MeasuringPlan(),
    progress: (Progress) -> Void = { _ in },
    isInterrupted: () -> Bool = { false },
    handOver: (Report) -> Void = { _ in }
  ) -> Report {
    let start = ContinuousClock.now
    let deadline = start + plan.budget
    func tell(_ step: String) {
      progress(Progress(step: step, timeLeft: max(.zero, ContinuousClock.now.duration(to: deadline))))
    }

    var machine = MachineState()
    let processorTime = ProcessorTime()
    let clockGrain = MonotonicClock.measureGrain()
    let leastBatch = max(plan.batch.nanoseconds, clockGrain * MeasuringPlan.grainsPerBatch)
    var random = SplitMix64(seed: plan.seed)
    var rows: [String: [Row]] = [:]
    var peers: [PeerRow] = []

    func measure(_ workloads: [Workload], name: String?, until deadline: ContinuousClock.Instant) {
      var group = Group(
        workloads,
        name,
        plan: plan,
        leastBatch: leastBatch,
        isInterrupted: isInterrupted,
        tell: tell
      )
      group.takeSamples(plan, until: deadline, using: &random, isInterrupted: isInterrupted, tell: tell)
      let results = group.finish(isInterrupted: isInterrupted, tell: tell)
      for row in results.rows { rows[row.workload.name, default: []].append(row) }
      peers += results.peers
    }

    func report(isComplete: Bool) -> Report {
      var report = Report(
        rows: workloads.flatMap { rows[$0.name] ?? [Row(workload: $0, outcome: .notReached)] },
        peers: peers,
        isComplete: isComplete,
        plan: plan,
        wallTime: start.duration(to: .now),
        clockGrain: clockGrain
      )
      machine.busyElsewhere = processorTime.flatMap { ProcessorTime()?.busyElsewhere(since: $0) }
      report.warnings = machine.warnings + report.warningsAboutSamples
      return report
    }
    handOver(report(isComplete: false))

    let large = workloads.filter(\.isLarge)
    let others = workloads.filter { !$0.isLarge }
    for (index, workload) in large.enumerated() where !isInterrupted() {
      // All others together get as much as all large ones together, and what these leave.
      let shares = large.count - index + (others.isEmpty ? 0 : large.count)
      let share = max(.zero, ContinuousClock.now.duration(to: deadline)) / shares
      measure([workload], name: workload.name, until: .now + share)
      handOver(report(isComplete: false))
    }
    if !isInterrupted() { measure(others, name: nil, until: deadline) }

    return report(isComplete: !isInterrupted())
  }
}

extension Duration {
  /// Whole nanoseconds, between 0 and the most that 64 bits hold.
  package var nanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carry) = whole.addingReportingOverflow(UInt64(attoseconds) / 1_000_000_000)
    return overflow || carry ? .max : sum
  }
}
