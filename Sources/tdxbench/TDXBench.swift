import ArgumentParser
import Glibc

@main
struct TDXBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tdxbench",
    abstract: "Computes and measures how a TDX host describes its memory: TDMRs, PAMTs, reserved areas.",
    discussion: """
      Without a command, runs the benchmark suite.

      Exit status: 0 the answer is yes; 1 it is no (the plan does not fit, the module would refuse, a \
      benchmark's result was wrong); 64 wrong usage; 65 bad input; 66 no such input; 70 a fault of tdxbench; \
      74 I/O error; 130 ended by Ctrl-C.
      """,
    subcommands: [
      RunCommand.self, ListCommand.self, PlanCommand.self, ValidateCommand.self, AdviseCommand.self,
      HotplugCommand.self, PolicyCommand.self, GenerateCommand.self, CompareCommand.self,
      CheckCommand.self, HistoryCommand.self, CountInstructionsCommand.self, TurnsCommand.self,
    ],
    defaultSubcommand: RunCommand.self
  )

  static func main() {
    // A reader that has gone is an error of write(2), not the end of the process.
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let failure as Failure {
      complain(failure.message)
      exit(withError: failure.exitCode)
    } catch {
      exit(withError: error)
    }
  }
}
