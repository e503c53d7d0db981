import ArgumentParser
import CAllocationHooks
import Glibc
import TerminalText

@main
struct TDXBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tdxbench",
    abstract: "Computes and measures how a TDX host describes its memory: TDMRs, PAMTs, reserved areas.",
    discussion: """
      Without a command, runs the benchmark suite.

      Exit status: 0 the answer is yes; 1 it is no (the plan does not fit, the module would refuse, a \
      benchmark's result was wrong); 64 wrong usage; 65 bad input; 66 no such input; 70 a fault of tdxbench; \
      74 I/O error; 130 ended by Ctrl-C, 143 by SIGTERM.
      """,
    subcommands: [
      RunCommand.self, ListCommand.self, PlanCommand.self, ValidateCommand.self, AdviseCommand.self,
      ExplainCommand.self, HotplugCommand.self, PolicyCommand.self, FleetCommand.self, ReportCommand.self,
      CollectCommand.self, GenerateCommand.self, CompareCommand.self, CheckCommand.self, HistoryCommand.self,
      CountInstructionsCommand.self, TurnsCommand.self,
    ],
    defaultSubcommand: RunCommand.self
  )

  static func main() {
    // A reader that has gone is an error of write(2), not the end of the process.
    signal(SIGPIPE, SIG_IGN)
    end_where_memory_runs_out()
    do {
      if CommandLine.arguments.dropFirst() == ["--version"] {
        return try OutputTarget(nil).write(Release.text + "\n")
      }
      // First, for it needs to know of no other command.
      if let question = plainPlan(CommandLine.arguments) {
        try question.answer()
        return ProgressWatch.end()
      }
      try checkCommand()
      var command = try parseNamedCommand() ?? parseAsRoot(Array(ManyArguments.forParser.dropFirst()))
      do {
        try command.run()
      } catch let error as ValidationError {
        // The parser has left, and would tell how `tdxbench` is called.
        throw Failure("\(error)\nUsage: \(usageString(for: type(of: command)))", .wrongUsage)
      }
      ProgressWatch.end()
    } catch let failure as Failure {
      complain(failure.message)
      Glibc.exit(failure.exitCode.rawValue)
    } catch let status as ExitCode {
      ProgressWatch.end()
      // There is nothing to say, so the parser need not be asked how.
      Glibc.exit(status.rawValue)
    } catch {
      ProgressWatch.end()
      suggestValue(error)
      suggestOption(error)
      say(error)
    }
  }

  /// Ends with what the parser has to say: help and completions on standard output, where a full disk counts, or how a
  /// command is called.
  private static func say(_ error: any Error) -> Never {
    let text = fullMessage(for: error, columns: nil) + "\n"
    var status = exitCode(for: error)
    if status == .success {
      do throws(Failure) {
        try OutputTarget(nil).write(data: text)
      } catch {
        complain(error.message)
        status = error.exitCode
      }
    } else {
      writeToStandardError(text)
    }
    Glibc.exit(status.rawValue)
  }

  /// A first word that is no command: says which it may have been, and how that one is called.
  private static func checkCommand() throws {
    var words = CommandLine.arguments.dropFirst()
    if words.first == "help" { words = words.dropFirst() }
    guard let word = words.first, !word.hasPrefix("-"), word != "help" else { return }
    guard !configuration.subcommands.contains(where: { $0.configuration.commandName == word }) else { return }
    // What one command runs of another is for nobody to type.
    let commands = configuration.subcommands.filter { $0.configuration.shouldDisplay }
    let names = commands.compactMap { $0.configuration.commandName }
    var message = "'\(fitForTerminal(word, limit: 160))' is no command; "
    if let meant = suggestion(for: word, among: names), let place = names.firstIndex(of: meant) {
      message += "did you mean \(meant)?\nUsage: " + usageString(for: commands[place])
    } else {
      message +=
        "a workload to measure is named with --filter, one to profile with --profile.\nUsage: "
        + usageString()
    }
    throw Failure(message, .wrongUsage)
  }

  /// Names the nearest of the values that the parser lists, for a value that is none of them.
  private static func suggestValue(_ error: any Error) {
    let quoted = message(for: error).split(separator: "'", omittingEmptySubsequences: false).map(String.init)
    // The value 'optimum' is invalid for '--policy <policy>'. Please provide one of 'linux', 'linux-cmr' or 'optimal'.
    guard quoted.count > 7, quoted[0] == "The value ", quoted[2] == " is invalid for ",
      quoted[4].contains("one of")
    else { return }
    let values = stride(from: 5, to: quoted.count, by: 2).map { quoted[$0] }
    if let meant = suggestion(for: quoted[1], among: values) { complain("did you mean \(meant)?") }
  }

  /// Names the nearest of the command's options for each that is none, where the parser names no other or complains of
  /// something else: of what it took for the value of an option that is none.
  private static func suggestOption(_ error: any Error) {
    guard exitCode(for: error) == .validationFailure, !message(for: error).contains("Did you mean") else {
      return
    }
    let arguments = CommandLine.arguments.dropFirst()
    let command = configuration.subcommands.first { $0.configuration.commandName == arguments.first }
    let known = Set(
      helpMessage(for: command ?? RunCommand.self).split { !($0.isLetter || $0.isNumber || $0 == "-") }
        .filter { $0.hasPrefix("--") }.map(String.init)
    ).sorted()
    for argument in arguments.prefix(while: { $0 != "--" }) where argument.hasPrefix("--") {
      let name = String(argument.prefix { $0 != "=" })
      guard !known.contains(name) else { continue }
      // A part of a name that no other has is meant for the whole.
      let part = name.dropFirst(2)
      let having = part.count > 2 ? known.filter { $0.contains(part) } : []
      if let meant = suggestion(for: name, among: known) ?? (having.count == 1 ? having[0] : nil) {
        complain("there is no option \(fitForTerminal(name, limit: 160)); did you mean \(meant)?")
      }
    }
  }

  /// `plan` of files and nothing else: what most calls are, and all that a script of many hosts does.
  ///
  /// To find out what options a command has, the parser builds them, the help of each included: 12 of 30 million
  /// instructions of `plan` on a log of 100 KB. Where there are none to be found that is not needed. Whatever begins with
  /// a dash, or is empty, is the parser's to judge (scripts/compare-start-up).
  private static func plainPlan(_ arguments: [String]) -> PlanQuestion? {
    let files = arguments.dropFirst(2)
    guard arguments.dropFirst().first == PlanCommand.name, !files.isEmpty else { return nil }
    guard files.allSatisfy({ !$0.isEmpty && !$0.hasPrefix("-") }) else { return nil }
    return PlanQuestion(inputs: MachineInputs(files: Array(files)))
  }

  /// Parses the command that the first argument names, by itself.
  ///
  /// Parsing from the root builds the options of `run` as well, a quarter of all instructions of `plan` beside those that
  /// load libraries (scripts/compare-start-up).
  ///
  /// - Returns: nil where there is no such command, or anything else to say than to run it: parsing from the root says
  ///   that, and how the command is called.
  private static func parseNamedCommand() -> (any ParsableCommand)? {
    let arguments = ManyArguments.forParser.dropFirst()
    let command = configuration.subcommands.first { $0.configuration.commandName == arguments.first }
    return try? command?.parse(Array(arguments.dropFirst()))
  }
}
