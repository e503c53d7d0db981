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

  var keyIDBits: Int? { module.keyIDBits }

  var options: PlanOptions {
    PlanOptions(dynamicPAMT: module.dynamicPAMT, limits: module.limits)
  }

  var optionsOfOneAnswer: KeyValuePairs<String, Bool> {
    [
      "--phys-bits": module.physBits != nil, "--config-version": call.configVersion != 0,
      "--module": call.moduleVersion != nil,
    ]
  }

  func validate() throws { try validateStream() }

  func run() throws {
    guard !stream.jsonl else { return try answerStream() }
    let configuration = ConfigurationInput(
      inputs: input.inputs,
      options: options,
      keyIDBits: module.keyIDBits,
      physBits: module.physBits,
      call: call.call
    )
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
