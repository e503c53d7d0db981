import ArgumentParser
import MapReaders
import PlanJSON
import PlanReports
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
  )

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json
    case tdmrInfo = "tdmr-info"
  }

  @OptionGroup var input: InputArguments

  @Option(help: "How TDMRs and holes are chosen.")
  var policy = Policy.linux

  @Option(help: "Where the kernel's allocator is taken to place PAMTs.")
  var placement = Placement.firstFit

  @OptionGroup var module: ModuleArguments

  @Option(help: "tdmr-info: the bytes that TDH.SYS.CONFIG would be handed.")
  var format = Format.text

  @Option(name: .shortAndLong, help: ArgumentHelp("Write to a file, whole or not at all.", valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp("Also write the map that was read: .json, .tdxmap, else text.", valueName: "file")
  )
  var writeMap: String?

  @Flag(help: "One JSON request a line in, one answer a line out.")
  var jsonl = false

  private var options: PlanOptions {
    PlanOptions(
      policy: policy,
      placement: placement,
      dynamicPAMT: module.dynamicPAMT,
      limits: module.limits
    )
  }

  func validate() throws {
    if jsonl {
      guard output == nil, writeMap == nil, format == .text else {
        throw ValidationError(
          "--jsonl writes JSON lines to standard output: no --format, --output, --write-map"
        )
      }
      try input.validateStream()
    } else {
      try input.validateMachine()
    }
  }

  func run() throws {
    if jsonl {
      let responder = PlanResponder(
        defaults: options,
        defaultKeyIDBits: module.keyIDBits ?? ModuleArguments.defaultKeyIDBits
      )
      try answerRequests(from: input, with: responder.answer)
    } else {
      try planMachine()
    }
  }

  private func planMachine() throws {
    let machine = try input.machine()
    let session = PlanSession()
    let keyIDBits = module.keyIDBits ?? machine.keyIDBits ?? ModuleArguments.defaultKeyIDBits
    let (plan, verdict) = session.plan(machine, options: options, keyIDBits: keyIDBits)
    if let writeMap { try writeMapFile(machine, to: writeMap) }
    let target = OutputTarget(output)
    switch format {
    case .text:
      let style = target.style
      try target.write(
        PlanText(plan, of: machine, options: options, verdict: verdict, style: style).render()
      )
    case .json: try target.write(json(plan, machine, verdict))
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

  /// The answer of `--jsonl`, with the input's name as its id, and what a reader of it should know.
  private func json(_ plan: Plan, _ machine: Machine, _ verdict: ModuleVerdict?) -> JSONWriter {
    var id = JSONWriter()
    id.appendString(input.name)
    var writer = JSONWriter()
    writer.appendPlan(plan, id: id.bytes, options: options, verdict: verdict)
    writer.removeAll(from: writer.count - 2)  // The end of the object and of the line: more members follow.
    writer.append(#","source":"#)
    writer.appendString(machine.source.description)
    writer.append(#","notes":["#)
    for (index, note) in machine.notes.enumerated() {
      if index > 0 { writer.append(",") }
      writer.appendString(note)
    }
    writer.append("]}\n")
    return writer
  }
}

extension PlanSession {
  /// Plans a machine as it was read.
  func plan(
    _ machine: Machine,
    options: PlanOptions,
    keyIDBits: Int
  ) -> (plan: Plan, verdict: ModuleVerdict?) {
    machine.map.withRegions { regions in
      guard let convertible = machine.convertible else {
        return plan(regions, convertible: nil, options: options, keyIDBits: keyIDBits)
      }
      return convertible.withUnsafeBufferPointer {
        plan(regions, convertible: $0, options: options, keyIDBits: keyIDBits)
      }
    }
  }
}
