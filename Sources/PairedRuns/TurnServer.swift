import BenchmarkKit
import CLinuxCalls
import Glibc
import SystemIO

/// The child's part of a comparison of two builds: makes batches of calls when it is asked to, and tells what they
/// took. In between it waits for its input, and so takes nothing from the other side.
public struct TurnServer {
  private let workloads: () -> [Workload]
  private let workload: (String) -> Workload?
  private let plants: [PlantedWork]
  private let leastBatch: UInt64

  /// - Parameters:
  ///   - workloads: all of them; asked for only if they are to be listed.
  ///   - workload: the one of a name.
  ///   - plants: work that some workloads are to do beyond their own, for proofs that it is found.
  ///   - batch: the least time of a batch.
  public init(
    _ workloads: @escaping () -> [Workload],
    named workload: @escaping (String) -> Workload?,
    plants: [PlantedWork] = [],
    batch: Duration = MeasuringPlan().batch
  ) {
    self.workloads = workloads
    self.workload = workload
    self.plants = plants
    leastBatch = max(batch.nanoseconds, MonotonicClock.measureGrain() * MeasuringPlan.grainsPerBatch)
  }

  /// Answers what comes on standard input until it ends.
  ///
  /// Answers go where standard output went; what workloads print there goes to standard error.
  public func run() {
    let output = dup(STDOUT_FILENO)
    guard output >= 0 else { return }
    dup2(STDERR_FILENO, STDOUT_FILENO)
    let channel = LineChannel(reading: STDIN_FILENO, writing: output)
    // Whoever asked may be killed while a call hangs, and nobody else would end this process.
    end_with_parent()
    guard channel.write(Greeting.current.line) == .sent else { return }
    var turn: Turn?
    while case .line(let request) = channel.read() {
      guard answer(request, &turn, channel) else { return }
    }
  }

  /// - Returns: false where the answer could not be written.
  private func answer(_ request: String, _ turn: inout Turn?, _ channel: LineChannel) -> Bool {
    func say(_ line: String) -> Bool { channel.write(line) == .sent }
    let words = words(of: request, most: 2)
    let argument = words.count > 1 ? String(words[1]) : ""
    switch words.first {
    case "run":
      guard let calls = Int(argument), calls > 0, turn != nil else { return say("wrong request") }
      return say("took \(turn!.time(calls: calls))")
    case "list":
      for workload in workloads() {
        let listed = ListedWorkload(name: workload.name, isLarge: workload.isLarge)
        guard say(listed.line) else { return false }
      }
      return say("end")
    case "prepare":
      // What was prepared before is released first: two of the largest may be more than there is memory.
      turn = nil
      return say(prepare(argument, &turn))
    case "check":
      let complaint = turn?.subject.check()
      turn = nil
      return say(complaint.map { "wrong \(oneLine($0))" } ?? "right")
    default:
      return say("wrong request")
    }
  }

  private func prepare(_ name: String, _ turn: inout Turn?) -> String {
    guard let workload = workload(name) else { return "wrong name" }
    let subject: Subject
    do {
      subject = try workload.makeSubject()
    } catch {
      return "wrong could not be set up: \(oneLine("\(error)"))"
    }
    subject.run(1)
    if let complaint = subject.check() { return "wrong \(oneLine(complaint))" }
    let allocations = AllocationCounter.countUntilSteady { subject.run(1) }
    var prepared = Turn(subject: subject, plant: plants.first { $0.workload == name })
    guard let batch = Trial.batch(leastBatch: leastBatch, { prepared.time(calls: $0) }) else {
      return "wrong calls take no time that the clock can tell"
    }
    turn = prepared
    return PreparedWorkload(
      workload,
      calls: batch.calls,
      allocations,
      expectation: subject.expectation
    ).line
  }
}

/// A workload whose batches are being timed.
private struct Turn {
  let subject: Subject
  var plant: PlantedWork?

  /// The nanoseconds that `calls` calls take, after some off the clock: the other side had the caches since.
  mutating func time(calls: Int) -> UInt64 {
    let all = calls + (plant?.extraCalls(beside: calls) ?? 0)
    subject.run(Trial.warmUpCalls(for: calls))
    return MonotonicClock.time { subject.run(all) }
  }
}

/// Work beyond its own that a workload is made to do, to see whether a comparison finds it: so many more calls for
/// each hundred, made inside the timed batch.
public struct PlantedWork: Hashable, Sendable {
  public let workload: String
  public let percent: Double
  /// The part of a call that the batches so far still owe.
  private var rest = 0.0

  /// - Parameter text: `NAME=PERCENT`.
  /// - Returns: nil where it is something else, or not between 0 and 1000 percent.
  public init?(_ text: String) {
    guard let equals = text.lastIndex(of: "="), equals != text.startIndex,
      let percent = Double(text[text.index(after: equals)...]), percent >= 0, percent <= 1000
    else { return nil }
    workload = String(text[..<equals])
    self.percent = percent
  }

  /// The calls to make beside `calls`. What is left of a whole call goes to the next batch, so that the average is
  /// exact.
  mutating func extraCalls(beside calls: Int) -> Int {
    rest += Double(calls) * percent / 100
    let whole = Int(rest)
    rest -= Double(whole)
    return whole
  }
}
