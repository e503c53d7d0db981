import Answers
import ArgumentParser
import JSON
import MapReaders
import Requests
import TDXMemory

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Turns a memory map into TDMRs, PAMTs and reserved areas.",
    discussion: """
      Reads boot logs (e820, early node ranges, CMRs), dumps of memblock, /proc/iomem, lsmem -J, and maps that \
      tdxbench wrote; the kind of each line is recognised by itself. Exit status 0 where the plan fits and the \
      module would accept it, 1 where not.
      """
  ).parsedAlone

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json
    case tdmrInfo = "tdmr-info"
  }

  @OptionGroup var input: InputArguments

  @Option(help: "How TDMRs and holes are chosen: as Linux does, or with the least memory lost.")
  var policy = Policy.linux

  @Option(help: "Where the kernel's allocator is taken to place PAMTs; optimal places them itself.")
  var placement = Placement.firstFit

  @Flag(
    help: "Where there is no optimal plan, give up the least memory that makes one possible, and name it."
  )
  var giveUp = false

  @OptionGroup var module: ModuleArguments

  @Option(help: "tdmr-info: the bytes that TDH.SYS.CONFIG would be handed.")
  var format = Format.text

  @Option(name: .shortAndLong, help: ArgumentHelp("Write to a file, whole or not at all.", valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp("Also write the map that was read: .json, .tdxmap, else text.", valueName: "file")
  )
  var writeMap: String?

  @OptionGroup var stream: StreamArguments

  private var options: PlanOptions {
    PlanOptions(
      policy: policy,
      placement: placement,
      dynamicPAMT: module.dynamicPAMT,
      limits: module.limits
    )
  }

  func validate() throws {
    guard !giveUp || policy == .optimal else {
      throw ValidationError("--give-up goes with --policy optimal")
    }
    try stream.validate(
      input,
      without: [
        "--format": format != .text, "--output": output != nil, "--write-map": writeMap != nil,
        "--give-up": giveUp,
      ]
    )
  }

  func run() throws {
    if stream.jsonl {
      try stream.answer(PlanRequest.self, from: input, defaults: options, keyIDBits: module.keyIDBits)
    } else {
      try planMachine()
    }
  }

  private func planMachine() throws {
    var machine = try input.machine()
    let session = PlanSession()
    let keyIDBits = module.keyIDBits ?? machine.keyIDBits ?? ModuleArguments.defaultKeyIDBits
    var (plan, verdict) = session.plan(machine, options: options, keyIDBits: keyIDBits)
    var givenUp: GivenUpMemory?
    if giveUp, let obstacle = plan.obstacle {
      givenUp = machine.leastToGiveUp(options)
      if let givenUp {
        machine.map = givenUp.map
        machine.notes.append(givenUp.note(obstacle))
        (plan, verdict) = session.plan(machine, options: options, keyIDBits: keyIDBits)
      } else {
        machine.notes.append("Nothing was found that could be given up to make a plan possible.")
      }
    }
    if let writeMap { try writeMapFile(machine, to: writeMap) }
    let target = OutputTarget(output)
    switch format {
    case .text:
      let style = target.style
      try target.write(
        PlanText(plan, of: machine, options: options, verdict: verdict, style: style).render()
      )
    case .json:
      var id = JSONWriter()
      id.appendString(input.name)
      var object = JSONWriter()
      object.appendPlan(
        plan,
        of: machine,
        id: id.bytes,
        options: options,
        verdict: verdict,
        givenUp: givenUp?.ranges
      )
      try target.write(object)
    case .tdmrInfo:
      guard let failure = plan.failure else {
        try target.write(plan.tdmrs, maxReserved: module.maxReserved)
        break
      }
      throw Failure("no plan, so no TDMR_INFO: \(failure.explanation)", .no)
    }
    withExtendedLifetime(session) {}
    if plan.failure != nil || verdict?.isAccepted == false { throw ExitCode.no }
  }
}
