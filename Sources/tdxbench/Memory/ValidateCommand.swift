import Answers
import ArgumentParser
import JSON
import MapReaders
import Requests
import TDXMemory

struct ValidateCommand: StreamingCommand {
  typealias Request = ValidateRequest

  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Holds a TDMR configuration against the TDX module's rules.",
    usage: "tdxbench validate [<options>] [<input> ...]",
    discussion: """
      Takes a JSON configuration, or the bytes of `plan --format tdmr-info` together with a log or a map that has \
      the CMRs. Says the module's first refusal. Exit status 0 where it accepts, 1 where it refuses.
      """
  )

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json
  }

  @OptionGroup var input: InputArguments
  @OptionGroup var module: ModuleArguments
  @OptionGroup var call: ConfigurationCallArguments

  @Option(help: "How the verdict is printed.")
  var format = Format.text

  @Option(name: .shortAndLong, help: ArgumentHelp("Write to a file, whole or not at all.", valueName: "file"))
  var output: String?

  @OptionGroup var stream: StreamArguments

  @OptionGroup var terminal: TerminalArguments

  var keyIDBits: Int? { module.keyIDBits }

  var options: PlanOptions {
    PlanOptions(dynamicPAMT: module.dynamicPAMT, limits: module.limits)
  }

  var profiles: NamedProfiles { NamedProfiles(module: call.moduleVersion, physBits: module.physBits) }

  func makeRequest() -> () -> ValidateRequest {
    let (call, ranges) = (call.call, call.managementRanges)
    return { ValidateRequest(call: call, managementRanges: ranges) }
  }

  func validate() throws { try validateStream() }

  func run() throws {
    guard !stream.jsonl else { return try answerStream() }
    let configuration = ConfigurationInput(
      inputs: input.inputs,
      defaults: RequestDefaults(options, keyIDBits: module.keyIDBits, profiles: profiles),
      makeRequest: makeRequest()
    )
    ProgressWatch.beginReading(input.files, name: input.name)
    let verdict = try configuration.verdict()
    let target = OutputTarget(output)
    switch format {
    case .text: try target.write(verdict.text)
    case .json:
      var id = JSONWriter()
      id.appendString(input.name)
      var writer = JSONWriter()
      writer.appendVerdict(verdict, id: id.bytes)
      try target.write(writer)
    }
    if !verdict.isAccepted { throw ExitCode.no }
  }
}
