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
      var command = try parseNamedCommand() ?? parseAsRoot()
      try command.run()
    } catch let failure as Failure {
      complain(failure.message)
      exit(withError: failure.exitCode)
    } catch {
      exit(withError: error)
    }
  }

  /// Parses the command that the first argument names, by itself.
  ///
  /// Parsing from the root builds the options of `run` as well, a quarter of all instructions of `plan` beside those that
  /// load libraries (scripts/compare-start-up).
  ///
  /// - Returns: nil where there is no such command, or anything else to say than to run it: parsing from the root says
  ///   that, and how the command is called.
  private static func parseNamedCommand() -> (any ParsableCommand)? {
    let arguments = CommandLine.arguments.dropFirst()
    let command = configuration.subcommands.first { $0.configuration.commandName == arguments.first }
    return try? command?.parse(Array(arguments.dropFirst()))
  }
}

extension CommandConfiguration {
  /// The same of a command that is parsed by itself, with the name of the program it belongs to.
  ///
  /// The arguments of a command that belongs to no other are searched for `--generate-completion-script` first: 3.7 % of
  /// all instructions of `plan` on a log of 100 KB (scripts/compare-start-up). Parsing from the root still finds it.
  var parsedAlone: CommandConfiguration {
    var copy = self
    copy._superCommandName = "tdxbench"
    return copy
  }
}
