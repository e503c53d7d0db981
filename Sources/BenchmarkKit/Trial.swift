/// A workload or a peer on its way through a run: made, checked, sampled, checked again.
package struct Trial {
  let name: String
  /// Where each round's batch is run: one thread for each.
  let threads: Int
  private var state: State
  private var batches: [UInt64] = []
  /// What the workload expects; empty where it could not be set up.
  private(set) var expectation = ""

  package struct Batch {
    package var calls: Int
    /// What it took when its size was looked for, in nanoseconds.
    package var time: UInt64
  }

  private enum State {
    case sound([Subject], Batch, Allocations)
    case wrong(String)
    /// The run ended while it was made.
    case interrupted
  }

  /// Makes the subjects, warms them up, checks them, counts allocations and finds the batch size, in this
  /// order: what is wrong is not worth counting, and counting needs the exact call to have been made before.
  ///
  /// - Parameter isInterrupted: asked between these steps. Once it is true, nothing comes of the trial.
  init(
    _ name: String,
    threads: Int = 1,
    leastBatch: UInt64,
    isInterrupted: () -> Bool = { false },
    makeSubject: () throws -> Subject
  ) {
    self.name = name
    self.threads = threads
    state = .interrupted
    do {
      var subjects: [Subject] = []
      for _ in 0..<threads {
        subjects.append(try makeSubject())
        if isInterrupted() { return }
      }
      expectation = subjects[0].expectation
      for subject in subjects {
        subject.run(1)
        if isInterrupted() { return }
        if let complaint = subject.check() {
          state = .wrong(complaint)
          return
        }
      }
      if isInterrupted() { return }
      let allocations = AllocationCounter.countUntilSteady { subjects[0].run(1) }
      let batch = Self.batch(leastBatch: leastBatch, isInterrupted: isInterrupted) {
        Self.time(subjects, calls: $0)
      }
      if isInterrupted() { return }
      guard let batch else {
        state = .wrong(
          "\(Self.mostCalls) calls take no time that the clock can tell: they do not do their work"
        )
        return
      }
      state = .sound(subjects, batch, allocations)
    } catch {
      state = .wrong("could not be set up: \(error)")
    }
  }

  var isSound: Bool {
    if case .sound = state { true } else { false }
  }

  /// Times one batch.
  mutating func takeSample() {
    guard case .sound(let subjects, let batch, _) = state else { return }
    let place = MovedStack.place(ofSample: batches.count)
    batches.append(MovedStack.call(below: place) { Self.time(subjects, calls: batch.calls) })
  }

  /// The nanoseconds that a sample takes, about, with what goes before it; 0 where there will be none.
  var costOfSample: UInt64 {
    guard case .sound(_, let batch, _) = state else { return 0 }
    let warmUp = batch.time / UInt64(batch.calls) &* UInt64(Self.warmUpCalls(for: batch.calls))
    return batch.time.addingReportingOverflow(warmUp).partialValue
  }

  /// Checks the result again, now that all batches are taken, and releases the subjects.
  ///
  /// - Parameter isLate: whether there is no time to; then there is no result.
  consuming func finish(isLate: Bool = false) -> Outcome {
    switch state {
    case .wrong(let complaint): return .wrong(complaint)
    case .interrupted: return .notReached
    case .sound where isLate: return .notReached
    case .sound(let subjects, let batch, let allocations):
      if let complaint = subjects.lazy.compactMap({ $0.check() }).first {
        return .wrong("right at first, wrong after the timed calls: \(complaint)")
      }
      // Interrupted before the first round.
      guard !batches.isEmpty else { return .notReached }
      return .measured(
        Measurement(callsPerBatch: batch.calls, threads: threads, batches: batches, allocations: allocations)
      )
    }
  }

  /// How many calls go before a batch, off the clock, because other trials had the caches and the branch predictor
  /// since.
  package static func warmUpCalls(for calls: Int) -> Int { max(1, calls / 4) }

  /// The nanoseconds that a batch takes once it is warm.
  private static func time(_ subjects: [Subject], calls: Int) -> UInt64 {
    if subjects.count > 1 { return ThreadedBatch.time(subjects, calls: calls) }
    subjects[0].run(warmUpCalls(for: calls))
    return MonotonicClock.time { subjects[0].run(calls) }
  }

  package static let mostCalls = 1 << 30

  /// As many calls as take at least `leastBatch` nanoseconds; nil where ``mostCalls`` do not, or once it `isInterrupted`.
  package static func batch(
    leastBatch: UInt64,
    isInterrupted: () -> Bool = { false },
    _ time: (_ calls: Int) -> UInt64
  ) -> Batch? {
    var calls = 1
    while true {
      // The least of three, or an interruption would pass for work, and the batch come out too small.
      let time = (0..<3).map { _ in isInterrupted() ? 0 : time(calls) }.min() ?? 0
      if isInterrupted() { return nil }
      if time >= leastBatch { return Batch(calls: calls, time: time) }
      if calls == mostCalls { return nil }
      // Aim a tenth above, but never further than eightfold: a short time says little about a long one.
      let aim = Double(calls) * min(8, 1.1 * Double(leastBatch) / Double(max(time, 1)))
      calls = min(mostCalls, max(calls + 1, Int(aim)))
    }
  }
}
