import ArgumentParser
import BenchmarkKit

/// What is measured, and for how long.
struct MeasuringOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Measure only the workloads whose name contains PATTERN.",
      discussion:
        "With * or ? it stands for the whole name. Several may be given: one that matches suffices.",
      valueName: "pattern"
    )
  )
  var filter: [String] = []

  @Flag(help: "Take 10 seconds, and leave out the large workloads, unless only such are chosen.")
  var quick = false

  @Option(help: ArgumentHelp("Take so many seconds, set-up included (default: 60).", valueName: "seconds"))
  var time: Double?

  @Option(help: "Measure the workloads that can be run so on that many threads as well.")
  var threads = 1

  @Option(help: "Fixes the order of the samples.")
  var seed: UInt64 = 1

  func validate() throws {
    if quick, time != nil { throw ValidationError("--quick and --time exclude each other.") }
    if let time { try checkSeconds(time, "--time") }
    guard 1...Self.mostThreads ~= threads else {
      throw ValidationError("--threads is from 1 to \(Self.mostThreads), not \(threads).")
    }
  }

  var plan: MeasuringPlan {
    var plan = MeasuringPlan()
    // The last round and the last checks come after the budget is used up.
    plan.budget = .milliseconds(Int64((time ?? (quick ? 10 : 60)) * 920))
    plan.threads = threads
    plan.seed = seed
    return plan
  }

  /// Those of `workloads` that are to be measured.
  ///
  /// - Throws: `Failure` where a pattern chooses none.
  func chosen(from workloads: [Workload]) throws -> [Workload] {
    if let failure = noMatch(filter, among: workloads.map(\.name)) { throw failure }
    let filter = NameFilter(filter)
    let chosen = workloads.filter { filter.chooses($0.name) }
    let small = chosen.filter { !$0.isLarge }
    return quick && !small.isEmpty ? small : chosen
  }

  /// The system surely has room for as many.
  private static let mostThreads = 1024
}

/// Refuses a length of time that is none, or longer than a day.
func checkSeconds(_ seconds: Double, _ option: String) throws {
  guard seconds > 0, seconds <= 86_400 else {
    throw ValidationError("\(option) is more than 0 and at most 86400 seconds, not \(plain(seconds)).")
  }
}

/// A number as people give it: `0`, not `0.0`.
func plain(_ number: Double) -> String { Int(exactly: number).map { "\($0)" } ?? "\(number)" }
