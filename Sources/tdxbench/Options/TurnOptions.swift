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
    if let time, !(time > 0 && time <= 86_400) {
      throw ValidationError("--time is from 0 to 86400 seconds, not \(time).")
    }
    guard patience > 0, patience <= 86_400 else {
      throw ValidationError("--patience is from 0 to 86400 seconds, not \(patience).")
    }
    for text in plant where PlantedWork(text) == nil {
      throw ValidationError("--plant is NAME=PERCENT, not \(text).")
    }
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
