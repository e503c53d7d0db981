import ArgumentParser
import BenchmarkKit
import Glibc
import PairedRuns
import SystemIO
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
  /// What is at a path: an executable, or a folder of such, links of one build with its code in other places.
  init(at path: String, plant: [String] = []) throws(Failure) {
    var programs = [path]
    if isFolder(path) {
      do throws(SystemError) {
        programs = try namesInFolder(path).sorted().map { "\(path)/\($0)" }
      } catch {
        throw Failure(opening: path, error.code)
      }
      guard !programs.isEmpty else { throw Failure("\(path): no executable is in this folder", .noInput) }
    }
    for program in programs where isFolder(program) || access(program, X_OK) != 0 {
      throw Failure(opening: program, isFolder(program) ? EISDIR : errno)
    }
    self.init(program: programs[0], label: path, plant: plant)
    links = Array(programs.dropFirst())
  }

  /// The executable at a path.
  init(program: String, label: String? = nil, plant: [String] = []) {
    self.init(
      label: label ?? program,
      program: program,
      arguments: [TurnsCommand.configuration.commandName!] + plant.flatMap { ["--plant", $0] }
    )
  }
}
