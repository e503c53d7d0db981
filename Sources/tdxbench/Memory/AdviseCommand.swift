import Advice
import Answers
import ArgumentParser
import JSON
import MapReaders
import TDXMemory

struct AdviseCommand: ParsableCommand {
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

  func validate() throws {
    try input.validateMachine()
    guard (0...1024).contains(slack) else { throw ValidationError("--slack must be 0 to 1024, not \(slack)") }
  }

  func run() throws {
    var machine = try input.machine()
    let keyIDBits = module.keyIDBits ?? machine.keyIDBits ?? ModuleArguments.defaultKeyIDBits
    // The table has plans with Dynamic PAMT, whether it was asked for or not.
    machine.notes += ModuleArguments.dynamicPAMTNotes(keyIDBits: keyIDBits)
    let advice = Advice(
      machine.map,
      convertible: machine.convertible,
      options: PlanOptions(dynamicPAMT: module.dynamicPAMT, limits: module.limits),
      keyIDBits: keyIDBits,
      slack: slack
    )
    let target = OutputTarget(output)
    switch format {
    case .text:
      try target.write(
        AdviceText(advice, of: machine, limits: module.limits, style: target.style).render()
      )
    case .json:
      var object = JSONWriter()
      object.appendAdvice(advice, of: machine)
      try target.write(object)
    }
    // What the machine's own log says counts for more than what its memory lets one hope.
    if !advice.succeeds || machine.observed.failure != nil { throw ExitCode.no }
  }
}
