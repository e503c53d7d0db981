import ArgumentParser
import BenchmarkKit
import TerminalText
import Workloads

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs the benchmark suite and prints one table (the default command).",
    discussion: """
      Every result is checked off the clock; a wrong one is a row without a time, and exit status 1. Times are \
      medians of samples that are interleaved in random order across the workloads and their peers; allocations \
      are counted exactly, in a pass of their own. METHODOLOGY.md says more.

      Ctrl-C ends the run within a second with what was measured so far, marked incomplete, and exit status 130.
      """
  )

  @OptionGroup var measuring: MeasuringOptions

  @Flag(help: "Print more columns than fit 80: bytes/s, interval, percentile, other ratios, samples.")
  var wide = false

  @OptionGroup var outputs: RunOutputs
  @OptionGroup var instructions: InstructionOptions
  @OptionGroup var profile: ProfileOptions
  @OptionGroup var terminal: TerminalArguments

  func run() throws {
    if try profile.run() { return }
    // First: who presses Ctrl-C early waits for no workload either.
    Interruption.watch()
    let suite = Suite(try measuring.chosen(from: allWorkloads()))
    let surroundings = try outputs.prepare()
    let delivery = RunDelivery { try deliver($0, surroundings) }
    var line = ProgressLine()
    var report = suite.run(
      measuring.plan,
      progress: {
        delivery.yield()
        line.show($0)
      },
      isInterrupted: { Interruption.hasOccurred },
      handOver: delivery.handOver
    )
    var withoutInstructions = report
    withoutInstructions.isComplete = false
    delivery.handOver(withoutInstructions)
    instructions.count(
      for: &report,
      progress: { line.show($0) },
      isInterrupted: { Interruption.hasOccurred }
    )
    try delivery.deliver(report)
  }

  private func deliver(_ report: Report, _ surroundings: RunOutputs.Surroundings) throws {
    ProgressLine().clear()
    try outputs.deliver(
      report,
      table: report.table(items: "regions", isWide: wide, width: OutputTarget(nil).columns),
      surroundings
    )
    if !report.isSuccess { throw ExitCode.no }
    if !report.isComplete { throw ExitCode.interrupted }
  }
}

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists the workloads with why each exists."
  )

  @Argument(help: "List only the workloads whose name contains PATTERN, as --filter of run takes it.")
  var pattern: [String] = []

  func run() throws {
    let workloads = try allWorkloads()
    if let failure = noMatch(pattern, among: workloads.map(\.name), option: "") { throw failure }
    let filter = NameFilter(pattern)
    let lines = workloads.filter { filter.chooses($0.name) }.map { workload in
      "\(workload.name)\n    \(wrapped(workload.why, to: screenWidth - 4, indent: "    ").joined(separator: "\n"))\n"
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
