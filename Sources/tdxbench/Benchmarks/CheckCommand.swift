import ArgumentParser
import BenchmarkComparison
import BenchmarkKit
import BenchmarkRecords
import SystemIO
import TerminalText

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Holds the benchmark suite against the baselines: the regression gate for CI.",
    usage: "tdxbench check [<options>]",
    discussion: """
      Results, allocations and allocated bytes must be exactly what results/baselines says; instructions within 1 %, \
      where valgrind is here and the toolchain is the one that they were counted with; ratios to the C reference and \
      to memcpy within a band that is wide enough for a busy machine, and are measured twice before they count. \
      What was not looked at is said. The large workloads are left out.

      Exit status: 0 where all hold, 1 where one broke.
      """
  )

  @Option(help: ArgumentHelp("The folder of the baselines.", valueName: "folder"))
  var baselines = Self.defaultFolder

  @Flag(
    help:
      "Write new baselines in place of the old ones, all files at once; with --filter those of some workloads."
  )
  var update = false

  @Option(
    help: ArgumentHelp("Check only workloads whose name contains PATTERN, as in run.", valueName: "pattern")
  )
  var filter: [String] = []

  @Option(help: ArgumentHelp("Take so many seconds for the ratios (default: 15).", valueName: "seconds"))
  var time = 15.0

  @Flag(
    inversion: .prefixedNo,
    help: "Count instructions, a second for each workload that has a baseline of them."
  )
  var instructions = true

  @OptionGroup var report: ReportOptions

  func validate() throws {
    try checkSeconds(time, "--time")
    if update, report.isUsed {
      throw ValidationError("--update writes baselines and nothing else.")
    }
    if update, !instructions { throw ValidationError("--update writes whole baselines, instructions too.") }
  }

  func run() throws {
    try report.prepare()
    let run = GateRun(
      filter: filter,
      budget: .milliseconds(Int64(time * 1000)),
      countsInstructions: instructions,
      isQuiet: report.quiet
    )
    let folder = BaselineFolder(baselines)
    Interruption.watch()
    do {
      if update {
        let written = try run.update(folder)
        complain("\(written) baselines written to \(baselines): review their diff")
      } else {
        var result = try run.check(try folder.load())
        if baselines != Self.defaultFolder { result.folder = baselines }
        try deliver(result)
      }
    } catch let error as RecordError {
      throw Failure(
        error.kind == .notFound ? "\(error.description); \(hint)" : error.description,
        Failure(error).exitCode
      )
    }
  }

  private static let defaultFolder = "results/baselines"

  /// What to do where the baselines are not there.
  private var hint: String {
    guard baselines == Self.defaultFolder else {
      return "`tdxbench check --update --baselines \(quotedForShell(baselines))` writes baselines"
    }
    if isFolder("Sources/tdxbench") { return "`tdxbench check --update` writes baselines" }
    let checkout = executablePath.flatMap(checkoutAround)
    return "they lie in the checkout of tdxbench, so run it there"
      + (checkout.map { ": cd \(quotedForShell($0))" } ?? ", or name them with --baselines")
  }

  /// The checkout of tdxbench that a program lies in, as in `.build/release`; nil where it lies in none.
  private func checkoutAround(_ program: String) -> String? {
    var folder = SystemIO.folder(of: program)
    while folder.count > 1 {
      if isFolder("\(folder)/\(Self.defaultFolder)") { return folder }
      folder = SystemIO.folder(of: folder)
    }
    return nil
  }

  private func deliver(_ result: GateReport) throws {
    try report.deliver(table: result.text, json: result.json, markdown: result.markdown)
    if !result.isGood { throw ExitCode.no }
    if !result.isComplete { throw ExitCode.interrupted }
  }
}
