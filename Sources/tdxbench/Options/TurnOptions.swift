import ArgumentParser
import PairedRuns

/// How builds take turns.
struct TurnOptions: ParsableArguments {
  @Flag(help: "Builds: take 10 seconds in all at most.")
  var quick = false

  @Option(
    help: ArgumentHelp("Builds: take so many seconds in all at most (default: 120).", valueName: "seconds")
  )
  var time: Double?

  @Option(help: ArgumentHelp("Builds: run both on this processor (default: the last).", valueName: "number"))
  var processor: Int?

  @Option(
    help: ArgumentHelp(
      "Builds: kill a side that does not answer for so long.",
      valueName: "seconds"
    )
  )
  var patience: Double = 60

  @Option(help: "Builds: fixes the order of the turns.")
  var seed: UInt64 = 1

  /// Work that the second build does beyond its own, NAME=PERCENT, and a processor of its own for it: for proofs.
  @Option(help: ArgumentHelp(visibility: .hidden))
  var plant: [String] = []

  @Option(help: ArgumentHelp(visibility: .hidden))
  var otherProcessor: Int?

  func validate() throws {
    if quick, time != nil { throw ValidationError("--quick and --time exclude each other.") }
    if let time { try checkSeconds(time, "--time") }
    try checkSeconds(patience, "--patience")
    let processors = TurnPlan.possibleProcessors
    for (option, chosen) in [("--processor", processor), ("--other-processor", otherProcessor)] {
      guard let chosen, !processors.isEmpty, !processors.contains(chosen) else { continue }
      throw ValidationError(
        "\(option) is one that this process may run on, \(listed(processors)), not \(chosen)."
      )
    }
    for text in plant where PlantedWork(text) == nil {
      throw ValidationError("--plant is NAME=PERCENT, not \(text).")
    }
  }

  /// `0-3, 8`
  private func listed(_ processors: [Int]) -> String {
    var runs: [ClosedRange<Int>] = []
    for processor in processors {
      if let last = runs.last, last.upperBound + 1 == processor {
        runs[runs.count - 1] = last.lowerBound...processor
      } else {
        runs.append(processor...processor)
      }
    }
    return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ", ")
  }

  var plan: TurnPlan {
    var plan = TurnPlan()
    plan.budget = .milliseconds(Int64((time ?? (quick ? 10 : 120)) * 1000))
    plan.answerLimit = .milliseconds(Int64(patience * 1000))
    if let processor { plan.processor = processor }
    plan.otherProcessor = otherProcessor
    plan.seed = seed
    return plan
  }
}
