/// How much is measured.
public struct MeasuringPlan: Sendable {
  /// The time for all workloads together, from the start of their set-up. A round that has begun is finished,
  /// and `minimumRounds` are taken whatever they cost.
  public var budget: Duration = .seconds(10)
  /// The least time of a batch. Where the clock is too coarse for it, batches are longer: see
  /// ``grainsPerBatch``.
  public var batch: Duration = .milliseconds(1)
  /// The samples of each workload are at least this many,
  public var minimumRounds = 15
  /// and at most this many.
  public var maximumRounds = 1000
  /// Fixes the order in which the workloads of each round are measured.
  public var seed: UInt64 = 1

  public init() {}

  /// A batch takes at least this many grains of the clock, so that the clock's error is below 0.1 %.
  public static let grainsPerBatch: UInt64 = 1000
}

/// How far a run has come.
public struct Progress: Sendable {
  /// What is done next, and to which workload.
  public let step: String
  /// The time until the budget is used up, never negative.
  public let timeLeft: Duration
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

  /// Measures every workload, on the calling thread.
  ///
  /// Each is made, called once, checked, and its allocations counted. Then come the rounds: each takes one sample
  /// of every workload, in a random order, so that whatever else the machine does meets all of them alike.
  /// At the end every result is checked again. A wrong result is a row without a time.
  ///
  /// - Parameter progress: told of every step, off the clock.
  public func run(_ plan: MeasuringPlan = MeasuringPlan(), progress: (Progress) -> Void = { _ in }) -> Report
  {
    let deadline = ContinuousClock.now + plan.budget
    func tell(_ step: String) {
      progress(Progress(step: step, timeLeft: max(.zero, ContinuousClock.now.duration(to: deadline))))
    }

    let leastBatch = max(plan.batch.nanoseconds, MonotonicClock.measureGrain() * MeasuringPlan.grainsPerBatch)
    var trials = workloads.map { workload in
      tell("preparing \(workload.name)")
      return Trial(of: workload, leastBatch: leastBatch)
    }

    var random = SplitMix64(seed: plan.seed)
    var order = trials.indices.filter { trials[$0].isSound }
    var round = 0
    while !order.isEmpty, round < plan.maximumRounds,
      round < plan.minimumRounds || ContinuousClock.now < deadline
    {
      round += 1
      order.shuffle(using: &random)
      for index in order {
        tell("round \(round), \(trials[index].workload.name)")
        trials[index].takeSample()
      }
    }

    return Report(
      rows: trials.map { trial in
        tell("checking \(trial.workload.name)")
        return trial.finish()
      }
    )
  }
}

/// A workload on its way through a run.
private struct Trial {
  let workload: Workload
  private var state: State
  private var batches: [UInt64] = []

  private enum State {
    case sound(Subject, callsPerBatch: Int, Allocations)
    case wrong(String)
  }

  /// Makes the subject, warms it up, checks it, counts its allocations and finds its batch size, in this order:
  /// what is wrong is not worth counting, and counting needs the exact call to have been made before.
  init(of workload: Workload, leastBatch: UInt64) {
    self.workload = workload
    do {
      let subject = try workload.makeSubject()
      subject.run(1)
      if let complaint = subject.check() {
        state = .wrong(complaint)
        return
      }
      let allocations = AllocationCounter.countUntilSteady { subject.run(1) }
      guard let calls = Self.callsPerBatch(of: subject, leastBatch: leastBatch) else {
        state = .wrong(
          "\(Self.mostCalls) calls take no time that the clock can tell: they do not do their work"
        )
        return
      }
      state = .sound(subject, callsPerBatch: calls, allocations)
    } catch {
      state = .wrong("could not be set up: \(error)")
    }
  }

  var isSound: Bool {
    if case .sound = state { true } else { false }
  }

  /// Times one batch. One call goes before it, off the clock, because other workloads had the caches since.
  mutating func takeSample() {
    guard case .sound(let subject, let calls, _) = state else { return }
    subject.run(1)
    batches.append(MonotonicClock.time { subject.run(calls) })
  }

  /// Checks the result again, now that all batches are taken.
  func finish() -> Row {
    let outcome: Row.Outcome =
      switch state {
      case .wrong(let complaint): .wrong(complaint)
      case .sound(let subject, let calls, let allocations):
        if let complaint = subject.check() {
          .wrong("right at first, wrong after the timed calls: \(complaint)")
        } else {
          .measured(Measurement(callsPerBatch: calls, batches: batches, allocations: allocations))
        }
      }
    return Row(workload: workload, outcome: outcome)
  }

  private static let mostCalls = 1 << 30

  /// The number of calls that take at least `leastBatch` nanoseconds; nil where ``mostCalls`` do not.
  private static func callsPerBatch(of subject: Subject, leastBatch: UInt64) -> Int? {
    var calls = 1
    while true {
      // The least of three, or an interruption would pass for work, and the batch come out too small.
      let time = (0..<3).map { _ in MonotonicClock.time { subject.run(calls) } }.min() ?? 0
      if time >= leastBatch { return calls }
      if calls == mostCalls { return nil }
      // Aim a tenth above, but never further than eightfold: a short time says little about a long one.
      let aim = Double(calls) * min(8, 1.1 * Double(leastBatch) / Double(max(time, 1)))
      calls = min(mostCalls, max(calls + 1, Int(aim)))
    }
  }
}

extension Duration {
  /// Whole nanoseconds, between 0 and the most that 64 bits hold.
  var nanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carry) = whole.addingReportingOverflow(UInt64(attoseconds) / 1_000_000_000)
    return overflow || carry ? .max : sum
  }
}
