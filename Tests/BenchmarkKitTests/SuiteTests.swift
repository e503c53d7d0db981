import BenchmarkKit
import Glibc
import Synchronization
import Testing

/// A workload that makes an array of 100 numbers, which should have `expected` of them.
private func fill(_ name: String, expected: Int = 100) -> Workload {
  Workload(name, why: "To be run.", itemsPerCall: 100, bytesPerCall: 800) {
    Subject {
      [Int](repeating: opaque(1), count: 100)
    } check: { numbers in
      numbers.count == expected ? nil : "there are \(numbers.count) numbers, not \(expected)"
    }
  }
}

private func workload(_ name: String, _ makeSubject: @escaping @Sendable () throws -> Subject) -> Workload {
  Workload(name, why: "To be run.", itemsPerCall: 1, bytesPerCall: 1, makeSubject: makeSubject)
}

@Suite("a suite of workloads") struct SuiteTests {
  @Test("right results. Expect a measurement of each, in the suite's order")
  func right() throws {
    let report = BenchmarkKit.Suite([fill("a"), fill("b"), fill("c")]).run(brief)
    #expect(report.isSuccess)
    #expect(report.rows.map(\.workload.name) == ["a", "b", "c"])
    for row in report.rows {
      guard case .measured(let measurement) = row.outcome else {
        Issue.record("\(row.workload.name) is not measured")
        continue
      }
      #expect(measurement.batches.count == 6)
      #expect(measurement.callsPerBatch > 1)
      let one = Allocations.exact(AllocationCounts(allocations: 1, frees: 1, bytes: 832, peakBytes: 896))
      #expect(measurement.allocations == (AllocationCounter.isLive ? one : .unavailable))
    }
  }

  @Test("a wrong expectation among right ones. Expect a row without a time, and no success")
  func wrong() throws {
    let report = BenchmarkKit.Suite([fill("a"), fill("b", expected: 1), fill("c")]).run(brief)
    #expect(!report.isSuccess)
    try #require(report.failures.count == 1)
    #expect(report.failures[0].name == "b")
    #expect(report.failures[0].reason == "there are 100 numbers, not 1")
    guard case .measured = report.rows[2].outcome else {
      Issue.record("the workload after the wrong one is not measured")
      return
    }
  }

  @Test("a result that turns wrong while it is timed. Expect that the second check finds it")
  func wrongLater() throws {
    let report = BenchmarkKit.Suite([
      workload("drifts") {
        var calls = 0
        return Subject(
          run: { times in for _ in 0..<times { calls = opaque(calls + 1) } },
          check: { calls == 1 ? nil : "it drifted" }
        )
      }
    ]).run(brief)
    #expect(report.failures.map(\.reason) == ["right at first, wrong after the timed calls: it drifted"])
  }

  @Test("a subject that cannot be made. Expect its error in the row")
  func notMade() {
    struct NoInput: Error, CustomStringConvertible { let description = "no such map" }
    let report = BenchmarkKit.Suite([workload("absent") { throw NoInput() }]).run(brief)
    #expect(report.failures.map(\.reason) == ["could not be set up: no such map"])
  }

  @Test("a subject that does nothing. Expect a row without a time")
  func nothing() {
    let report = BenchmarkKit.Suite([workload("idle") { Subject(run: { _ in }, check: { nil }) }]).run(brief)
    #expect(!report.isSuccess)
  }

  @Test("no workloads. Expect success and no rows")
  func empty() {
    let report = BenchmarkKit.Suite([]).run(brief)
    #expect(report.isSuccess)
    #expect(report.rows.isEmpty)
  }

  /// The names in the order of a run's rounds.
  func order(of names: [String], seed: UInt64) -> [[String]] {
    var plan = brief
    plan.seed = seed
    var steps: [Substring] = []
    _ = BenchmarkKit.Suite(names.map { fill($0) }).run(plan) { progress in
      if progress.step.hasPrefix("round ") { steps.append(progress.step.split(separator: " ")[2]) }
    }
    return stride(from: 0, to: steps.count, by: names.count).map { start in
      steps[start..<start + names.count].map(String.init)
    }
  }

  @Test("six workloads. Expect each once a round, in orders that differ and that the seed fixes")
  func interleaving() {
    let names = ["a", "b", "c", "d", "e", "f"]
    let rounds = order(of: names, seed: 7)
    #expect(rounds.count == 6)
    for round in rounds { #expect(round.sorted() == names) }
    #expect(Set(rounds).count > 1)
    #expect(order(of: names, seed: 7) == rounds)
    #expect(order(of: names, seed: 8) != rounds)
  }

  @Test("a batch. Expect that all its calls are made, and a quarter of them before it")
  func calls() throws {
    let made = Mutex(0)
    let batch = Mutex<[Int]>([])
    let counting = Workload("counting", why: "To be run.", itemsPerCall: 1, bytesPerCall: 1) {
      Subject(
        run: { times in
          batch.withLock { $0.append(times) }
          for _ in 0..<times { made.withLock { $0 += 1 } }
        },
        check: { nil }
      )
    }
    let report = BenchmarkKit.Suite([counting]).run(brief)
    guard case .measured(let measurement) = try #require(report.rows.first).outcome else {
      Issue.record("not measured")
      return
    }
    let calls = measurement.callsPerBatch
    let rounds = Array(repeating: [max(1, calls / 4), calls], count: 6).flatMap { $0 }
    #expect(batch.withLock { $0.suffix(12) } == rounds[...])
    #expect(made.withLock { $0 } == batch.withLock { $0.reduce(0, +) })
  }

  @Test("an interruption before anything. Expect rows that were not reached, and an incomplete report")
  func interruptedAtOnce() {
    let report = BenchmarkKit.Suite([fill("a"), fill("b")]).run(brief, isInterrupted: { true })
    #expect(!report.isComplete)
    #expect(report.isSuccess)
    #expect(report.rows.map(\.name) == ["a", "b"])
    for row in report.rows { #expect(row.outcome.measurement == nil) }
  }

  @Test("an interruption within the third round. Expect what was measured until then")
  func interruptedLater() throws {
    var samples = 0
    let report = BenchmarkKit.Suite([fill("a"), fill("b"), fill("c")]).run(
      brief,
      progress: { if $0.step.hasPrefix("round ") { samples += 1 } },
      isInterrupted: { samples >= 7 }
    )
    #expect(!report.isComplete)
    #expect(report.rows.compactMap { $0.outcome.measurement?.batches.count }.sorted() == [2, 2, 3])
  }

  @Test("an interruption while workloads are made. Expect no step more of the one, and nothing of the others")
  func interruptedWhileMade() {
    let made = Mutex(0)
    let calls = Mutex(0)
    let slow = ["a", "b", "c"].map { name in
      workload(name) {
        made.withLock { $0 += 1 }
        return Subject(
          run: { _ in calls.withLock { $0 += 1 } },
          check: {
            Issue.record("nothing is checked after an interruption")
            return nil
          }
        )
      }
    }
    let report = BenchmarkKit.Suite(slow).run(brief, isInterrupted: { made.withLock { $0 } > 0 })
    #expect(made.withLock { $0 } == 1 && calls.withLock { $0 } == 0)
    #expect(!report.isComplete && report.isSuccess)
    // A row for each is known; none is printed.
    #expect(report.rows.count == 3)
    let table = report.table(items: "x")
    #expect(
      table.hasPrefix("\nincomplete: interrupted before the end; 3 workloads were not reached\n"),
      "\(table)"
    )
  }

  @Test(
    "an interruption, and results whose checks take long. Expect those that are checked in time, and no time of others"
  )
  func interruptedBeforeChecks() {
    let isInterrupted = Mutex(false)
    let workloads = (0..<20).map { number in
      workload("\(number)") {
        Subject(
          run: { times in for time in 0..<times { blackHole(time) } },
          check: {
            if isInterrupted.withLock({ $0 }) { usleep(100_000) }
            return nil
          }
        )
      }
    }
    var rounds = 0
    let start = ContinuousClock.now
    let report = BenchmarkKit.Suite(workloads).run(
      brief,
      progress: { if $0.step.hasPrefix("round 3") { rounds += 1 } },
      isInterrupted: {
        guard rounds > 0 else { return false }
        isInterrupted.withLock { $0 = true }
        return true
      }
    )
    let measured = report.rows.count { $0.outcome.measurement != nil }
    #expect(measured > 0 && measured < 20, "\(measured)")
    #expect(start.duration(to: .now) < .seconds(10))
    #expect(report.table(items: "x").contains("\(20 - measured) workloads were not reached"))
  }

  @Test("a workload that may run on threads and one that may not, on three. Expect a row of its own")
  func threads() throws {
    var plan = brief
    plan.threads = 3
    let made = Mutex(0)
    let several = Workload("a", why: "", itemsPerCall: 1, bytesPerCall: 1, runsOnThreads: true) {
      made.withLock { $0 += 1 }
      return Subject(call: { [Int](repeating: opaque(1), count: 100) }, check: { _ in nil })
    }
    let report = BenchmarkKit.Suite([several, fill("b")]).run(plan)
    #expect(report.rows.map(\.name) == ["a", "a/threads:3", "b"])
    #expect(report.rows.map(\.threads) == [1, 3, 1])
    #expect(report.rows.compactMap { $0.outcome.measurement?.threads } == [1, 3, 1])
    // One subject for the single thread, and one for each of three.
    #expect(made.withLock { $0 } == 4)
  }
}
