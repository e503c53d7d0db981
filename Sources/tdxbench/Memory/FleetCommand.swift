import Answers
import ArgumentParser
import BenchmarkKit
import Fleets
import MapReaders
import Questions
import Requests
import SystemIO
import TDXMemory

struct FleetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fleet",
    abstract: "Tells of many hosts: on which TDX fails, why, and what cures most of them.",
    usage: "tdxbench fleet [<options>] <input> ...",
    discussion: """
      Takes folders with a file or a folder for each host, tar archives of such (perhaps packed by gzip), and streams \
      of requests as `advise --jsonl` takes them. Hosts of equal layout are worked out once. Exit status 0 where TDX \
      comes up on every host, 1 where it fails on one, 65 where one could not be read and none fails.
      """
  )

  @Argument(
    help: ArgumentHelp("A folder, an archive or a .jsonl stream; - for a stream.", valueName: "input")
  )
  private var named: [String]
  private var inputs: [String] { ManyArguments.unfolded(named) }

  @Option(help: ArgumentHelp("Read hosts on so many threads (default: 1).", valueName: "n"))
  var threads = 1

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write hosts.jsonl, hosts.csv, groups.csv and summary.json there, whole or not at all.",
      valueName: "folder"
    )
  )
  var output: String?

  @OptionGroup var module: ModuleArguments

  @OptionGroup var profile: ProfileArguments

  @Option(
    help: ArgumentHelp("Where memory is withheld, reserved areas to keep free.", valueName: "areas")
  )
  var slack = 0

  @OptionGroup var terminal: TerminalArguments

  func validate() throws {
    try StreamArguments.validate(threads: threads)
    guard inputs.count(where: { $0 == "-" }) <= 1 else {
      throw ValidationError("standard input can be read only once")
    }
    guard (0...AdviseRequest.mostSlack).contains(slack) else {
      throw ValidationError("--slack must be 0 to \(AdviseRequest.mostSlack), not \(slack)")
    }
  }

  func run() throws {
    let question = AdviceQuestion(
      options: PlanOptions(dynamicPAMT: module.dynamicPAMT, limits: module.limits),
      keyIDBits: module.keyIDBits,
      slack: slack,
      profiles: profile.named(module)
    )
    let summary: FleetSummary
    do throws(SystemError) {
      summary = try read(Fleet(inputs, question))
    } catch {
      throw error.operation == .read ? Failure(InputError(error)) : Failure(error.description, .ioError)
    }
    guard summary.hosts > 0 else {
      throw Failure("\(inputs.joined(separator: ", ")): there is no host", .badData)
    }
    let target = OutputTarget(nil)
    try target.write(FleetText(summary, limits: module.limits, style: target.style).render())
    if summary.fails > 0 { throw ExitCode.no }
    if summary.unreadable > 0 { throw ExitCode.badData }
  }

  private func read(_ fleet: Fleet) throws(SystemError) -> FleetSummary {
    var progress = FleetProgressLine()
    defer { progress.clear() }
    guard let output else {
      return try fleet.read(threads: threads) { _ in
      } tell: {
        progress.show($0)
      }
    }
    let folder = try FleetFolder(output)
    do throws(SystemError) {
      let summary = try fleet.read(threads: threads) { (row) throws(SystemError) in
        try folder.append(row)
      } tell: {
        progress.show($0)
      }
      try folder.finish(summary)
      return summary
    } catch {
      folder.abandon()
      throw error
    }
  }
}

/// How far it is and how long it will take, on a terminal.
private struct FleetProgressLine {
  private var line = ProgressLine()
  private let start = ContinuousClock.now

  mutating func show(_ progress: FleetProgress) {
    let passed = ContinuousClock.now - start
    // What is left takes as long as what is done did.
    let left = progress.share.flatMap { $0 > 0 ? passed * ((1 - $0) / $0) : nil }
    line.show("\(progress.hosts) hosts read", timeLeft: left)
  }

  func clear() { line.clear() }
}
