import ArgumentParser
import BenchmarkKit
import Workloads

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs the benchmark suite and prints one table (the default command).",
    discussion: """
      Every result is checked off the clock; a wrong one is a row without a time, and exit status 1. Times are \
      medians of samples that are interleaved in random order across the workloads and their peers; allocations \
      are counted exactly, in a pass of their own. METHODOLOGY.md says more.

      Ctrl-C ends the run with what was measured so far, marked incomplete, and exit status 130.
      """
  )

  @OptionGroup var measuring: MeasuringOptions

  @Flag(help: "Print more columns than fit 80: bytes/s, interval, percentile, other ratios, samples.")
  var wide = false

  @OptionGroup var outputs: RunOutputs
  @OptionGroup var instructions: InstructionOptions
  @OptionGroup var profile: ProfileOptions

  func run() throws {
    if try profile.run() { return }
    let suite = Suite(try measuring.chosen(from: allWorkloads()))
    let surroundings = try outputs.prepare()
    var line = ProgressLine()
    Interruption.watch()
    var report = suite.run(
      measuring.plan,
      progress: { line.show($0) },
      isInterrupted: { Interruption.hasOccurred }
    )
    instructions.count(
      for: &report,
      progress: { line.show($0) },
      isInterrupted: { Interruption.hasOccurred }
    )
    line.clear()
    try outputs.deliver(report, table: report.table(items: "regions", isWide: wide), surroundings)
    if !report.isSuccess { throw ExitCode.no }
    if !report.isComplete { throw ExitCode.interrupted }
  }
}

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists the workloads, one a line, with why each exists."
  )

  func run() throws {
    let workloads = try allWorkloads()
    let width = workloads.map(\.name.count).max() ?? 0
    let lines = workloads.map { workload in
      let space = String(repeating: " ", count: width - workload.name.count)
      return "\(workload.name)\(space)  \(workload.why)\n"
    }
    try OutputTarget(nil).write(lines.joined())
  }
}

func allWorkloads() throws -> [Workload] {
  do {
    return try workloads()
  } catch {
    throw Failure("a map of the suite cannot be read: \(error)", .fault)
  }
}
