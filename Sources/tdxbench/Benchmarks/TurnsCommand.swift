import ArgumentParser
import BenchmarkKit
import PairedRuns
import Workloads

/// What `compare --build` runs of each build: answers requests on standard input.
struct TurnsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "turns",
    abstract: "Takes turns with another build, as compare asks for it.",
    shouldDisplay: false
  )

  /// For proofs that a slowdown is found.
  @Option(help: ArgumentHelp(visibility: .hidden))
  var plant: [PlantedWork] = []

  func run() throws {
    // A map that cannot be read leaves workloads out; every other command says so.
    TurnServer(
      { (try? allWorkloads()) ?? [] },
      named: { name in (try? workload(named: name)) ?? nil },
      plants: plant
    ).run()
  }
}

extension PlantedWork: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension Build {
  /// The executable at a path.
  init(program: String, label: String? = nil, plant: [String] = []) {
    self.init(
      label: label ?? program,
      program: program,
      arguments: [TurnsCommand.configuration.commandName!] + plant.flatMap { ["--plant", $0] }
    )
  }
}
