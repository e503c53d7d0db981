import Advice
import Answers
import ArgumentParser
import JSON
import MapReaders
import Questions
import Requests
import Streams
import TDXMemory

struct AdviseCommand: StreamingCommand {
  typealias Request = AdviseRequest

  static let configuration = CommandConfiguration(
    commandName: "advise",
    abstract: "Says what to change so that TDX initialises, or costs less.",
    usage: "tdxbench advise [<options>] [<input> ...]",
    discussion: """
      Plans the machine with every policy and placement. Where Linux fails, finds the least memory to keep from \
      the kernel so that it succeeds, as kernel parameters; else says how near the limits the machine is. Exit \
      status 0 where Linux succeeds as it is, 1 where a change is needed or the log says that TDX failed.
      """
  )

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json
  }

  @OptionGroup var input: InputArguments

  @OptionGroup var module: ModuleArguments

  @OptionGroup var profile: ProfileArguments

  @Option(
    help: ArgumentHelp(
      "The memory of the TDs that run at once, for the bill of Dynamic PAMT.",
      valueName: "size"
    )
  )
  var tdMemory: ByteCount?

  @Option(
    help: ArgumentHelp(
      "Where memory is withheld, reserved areas to keep free for PAMTs that land elsewhere.",
      valueName: "areas"
    )
  )
  var slack = 0

  @Option(help: "text, or json for programs.")
  var format = Format.text

  @Option(name: .shortAndLong, help: ArgumentHelp("Write to a file, whole or not at all.", valueName: "file"))
  var output: String?

  @OptionGroup var stream: StreamArguments

  @OptionGroup var terminal: TerminalArguments

  var options: PlanOptions { PlanOptions(dynamicPAMT: module.dynamicPAMT, limits: module.limits) }
  var keyIDBits: Int? { module.keyIDBits }

  var profiles: NamedProfiles { profile.named(module) }

  func makeRequest() -> () -> AdviseRequest {
    let tdMemory = tdMemory?.bytes
    return { AdviseRequest(slack: slack, tdMemory: tdMemory) }
  }

  func validate() throws {
    try validateStream()
    guard (0...AdviseRequest.mostSlack).contains(slack) else {
      throw ValidationError("--slack must be 0 to \(AdviseRequest.mostSlack), not \(slack)")
    }
  }

  func run() throws {
    guard !stream.jsonl else { return try answerStream() }
    var machine = profiles.applied(to: try input.machine())
    var question = AdviceQuestion(
      options: options,
      keyIDBits: keyIDBits,
      slack: slack,
      tdMemory: tdMemory?.bytes ?? 0,
      profiles: profiles
    )
    question.settleDynamicPAMT(on: &machine)
    ProgressWatch.begin("looking for what helps, of \(machine.map.count) regions")
    let advice = question.answer(about: &machine)
    let target = OutputTarget(output)
    switch format {
    case .text:
      try target.write(
        AdviceText(advice, of: machine, limits: module.limits, style: target.style).render()
      )
    case .json:
      var object = JSONWriter()
      object.appendAdvice(
        advice,
        HostFigures(advice, of: machine, question),
        of: machine,
        showsBill: tdMemory != nil
      )
      try target.write(object)
    }
    // What the machine's own log says counts for more than what its memory lets one hope.
    if !advice.succeeds || machine.observed.failure != nil { throw ExitCode.no }
  }
}
