import ArgumentParser
import MapReaders

/// Where a command reads from.
struct InputArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A boot log, a dump or a map; several that describe one machine; - for standard input.",
      valueName: "input"
    )
  )
  private var named: [String] = []

  @Flag(help: "Read this machine.")
  var host = false

  @Flag(help: "The inputs are of one machine, even where they contradict each other.")
  var oneMachine = false
}

extension InputArguments {
  var files: [String] {
    get { ManyArguments.unfolded(named) }
    set { named = newValue }
  }

  var inputs: MachineInputs { MachineInputs(files: files, host: host, areOneMachine: oneMachine) }

  /// What the input is called in an answer.
  var name: String { inputs.name }

  /// One machine needs an input.
  func validateMachine() throws {
    guard host || !files.isEmpty else {
      throw ValidationError("name an input, - for standard input, or --host")
    }
    guard files.count(where: { $0 == "-" }) <= 1 else {
      throw ValidationError("standard input can be read only once")
    }
  }

  /// Reads the machine that the inputs describe together.
  func machine() throws -> Machine { try inputs.machine() }
}
