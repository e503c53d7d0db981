import ArgumentParser
import BenchmarkKit

/// Whether instructions are counted.
struct InstructionOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      "Count the instructions of one call of each workload too, with valgrind.",
      discussion: "Takes seconds for each workload. Only a release build's counts mean anything."
    )
  )
  var instructions = false

  /// Adds the counts to the rows of a report, if they are wanted. Where one cannot be had, says why.
  func count(
    for report: inout Report,
    progress: (Progress) -> Void,
    isInterrupted: @escaping () -> Bool
  ) {
    guard instructions else { return }
    countInstructions(
      for: &report,
      of: { _ in true },
      progress: progress,
      isInterrupted: isInterrupted,
      say: { complain("instructions: \($0)") }
    )
  }
}

/// Adds the counts of some workloads to the rows of a report.
///
/// - Parameter say: told why a count cannot be had.
func countInstructions(
  for report: inout Report,
  of isChosen: (String) -> Bool,
  progress: (Progress) -> Void,
  isInterrupted: @escaping () -> Bool,
  say: (String) -> Void
) {
  do throws(InstructionError) {
    let counter = try InstructionCounter { [CountInstructionsCommand.configuration.commandName!, $0] }
    let start = ContinuousClock.now
    let indices = report.rows.indices.filter {
      report.rows[$0].canBeCounted && isChosen(report.rows[$0].name)
    }
    for (done, index) in indices.enumerated() {
      if isInterrupted() { return say("interrupted") }
      let name = report.rows[index].workload.name
      let each = start.duration(to: .now) / max(done, 1)
      progress(.countingInstructions(of: name, timeLeft: each * (indices.count - done)))
      do throws(InstructionError) {
        report.rows[index].instructions = try counter.count(name, isInterrupted: isInterrupted)
      } catch {
        if isInterrupted() { return say("interrupted") }
        say("\(error)")
      }
    }
  } catch {
    say("\(error)")
  }
}

extension Row {
  /// On several threads the calls are the same ones.
  fileprivate var canBeCounted: Bool { threads == 1 && outcome.measurement != nil }
}

/// What `run --instructions` runs under callgrind.
struct CountInstructionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "count-instructions",
    abstract: "Makes one call of a workload between two counts of callgrind.",
    shouldDisplay: false
  )

  @Argument var workload: String

  func run() throws {
    let workload = try workloadNamed(workload)
    do throws(InstructionError) {
      try InstructionCounter.countCall(of: workload)
    } catch {
      throw Failure(error.description, .no)
    }
  }
}
