import Answers
import ArgumentParser
import JSON
import MapReaders
import MemoryHotplug
import NodePolicy
import Questions
import Requests
import Streams
import TDXMemory

struct PolicyCommand: StreamingCommand {
  typealias Request = NodePolicyRequest

  static let configuration = CommandConfiguration(
    commandName: "policy",
    abstract: "Holds a NUMA policy against the TDX-capable nodes of a machine.",
    discussion: """
      Say the policy with options, or as people type it, behind --: `-- numactl --membind=6 qemu-kvm ...`, with \
      QEMU's `-object memory-backend-ram,...,host-nodes=0-3,policy=bind`. Nodes are written as numactl takes them: \
      [!][+]N, N-M, all. Exit status 0 where the policy is fine or gives a warning, 1 where a TD guest would be \
      refused.
      """
  )

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json
  }

  @OptionGroup var input: InputArguments

  @OptionGroup var policies: PolicyOptions

  @Option(help: ArgumentHelp("The nodes of the task's cpuset, as cpuset.mems has them.", valueName: "list"))
  var cpusetMems: String?

  @Option(help: ArgumentHelp("The guest's memory.", valueName: "size"))
  var memory: ByteCount?

  @Option(
    help: ArgumentHelp("Nodes whose memory is all in ZONE_MOVABLE, as a kernel list.", valueName: "list")
  )
  var movable: String?

  @Option(help: "Nodes are TDX-capable where the whole or some of their memory is.")
  var capable = NodeSituation.Rule.whole

  @Option(
    help: ArgumentHelp("Run a hotplug scenario first; its outcomes are not printed.", valueName: "file")
  )
  var script: String?

  @OptionGroup var sizes: BlockSizeArguments

  @Flag(help: "Also tell what the four designs of the mail thread make of the request.")
  var designs = false

  @Option(help: "What to print.")
  var format = Format.text

  @Option(name: .shortAndLong, help: ArgumentHelp("Write to a file, whole or not at all.", valueName: "file"))
  var output: String?

  @OptionGroup var stream: StreamArguments

  @OptionGroup var terminal: TerminalArguments

  /// The command line that sets a policy. Two lists of words cannot both be arguments: what stands behind `--` arrives
  /// at the end of the inputs.
  private var command: [String] = []

  private enum CodingKeys: CodingKey {
    case input, policies, cpusetMems, memory, movable, capable, script, sizes, designs, format, output,
      stream, terminal
  }

  mutating func validate() throws {
    if let terminator = CommandLine.arguments.firstIndex(of: "--") {
      command = Array(CommandLine.arguments[(terminator + 1)...])
      guard !command.isEmpty else { throw ValidationError("there is no command behind --") }
      input.files.removeLast(min(command.count, input.files.count))
    }
    try validateStream()
    if script == "-", input.files.contains("-") || stream.jsonl && input.files.isEmpty {
      throw ValidationError("standard input can be read only once")
    }
    guard command.isEmpty || policies.isEmpty else {
      throw ValidationError("say the policy with options or with a command, not with both")
    }
  }

  // What TDX's own options are does not matter to a policy.
  var options: PlanOptions { PlanOptions() }
  var keyIDBits: Int? { nil }

  func makeRequest() throws -> () -> NodePolicyRequest {
    var members = members
    members.script = try script.map { try HotplugScript.text(of: $0) }
    return { NodePolicyRequest(members) }
  }

  private var members: NodePolicyMembers {
    var members = policies.members
    members.command = command
    (members.cpusetMems, members.movable) = (cpusetMems, movable)
    members.memory = memory?.bytes
    members.takesSome = capable == .some
    members.sizes = sizes.members
    members.tellsDesigns = designs
    return members
  }

  func run() throws {
    guard !stream.jsonl else { return try answerStream() }
    let script = try script.map { try HotplugScript(file: $0) }
    do {
      let question = try PolicyQuestion(members, script: script)
      let described = try input.machine()
      let (judgement, notes, machine) = try question.answer(about: described, name: input.name)
      try show(judgement, notes: notes + machine.failureNote)
      if judgement.verdict == .refused { throw ExitCode.no }
    } catch let error as QuestionError {
      throw Failure(error)
    }
  }

  private func show(_ judgement: PolicyJudgement, notes: [String]) throws {
    let target = OutputTarget(output)
    switch format {
    case .text:
      try target.write(
        PolicyText(judgement, notes: notes, style: target.style).render(designs: designs)
      )
    case .json:
      var object = JSONWriter()
      object.appendJudgement(judgement, designs: designs, notes: notes)
      try target.write(object)
    }
  }
}

/// The options that say a policy; one of them at most.
struct PolicyOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Only these nodes.", valueName: "nodes"))
  var membind: String?

  @Option(help: ArgumentHelp("These nodes in turn.", valueName: "nodes"))
  var interleave: String?

  @Option(help: ArgumentHelp("This node first, then any.", valueName: "node"))
  var preferred: String?

  @Option(help: ArgumentHelp("These nodes first, then any.", valueName: "nodes"))
  var preferredMany: String?

  @Option(help: ArgumentHelp("These nodes in turn, by weight.", valueName: "nodes"))
  var weightedInterleave: String?

  @Flag(help: "The node that the task runs on first, then any.")
  var localalloc = false

  @Option(
    help: ArgumentHelp(
      "A memory backend of QEMU: memory-backend-ram,size=64G,host-nodes=0-3,policy=bind.",
      valueName: "properties"
    )
  )
  var qemuObject: String?

  @Option(
    help: ArgumentHelp(
      "libvirt's nodeset: 0-3,^1, or <memory mode='strict' nodeset='0-3,^1'/>.",
      valueName: "nodes"
    )
  )
  var nodeset: String?

  @Flag(help: "Nodes are counted within the allowed ones (MPOL_F_RELATIVE_NODES).")
  var relativeNodes = false

  var members: NodePolicyMembers {
    var members = NodePolicyMembers()
    (members.membind, members.interleave, members.preferred) = (membind, interleave, preferred)
    (members.preferredMany, members.weightedInterleave) = (preferredMany, weightedInterleave)
    (members.isLocal, members.qemuObject, members.nodeset) = (localalloc, qemuObject, nodeset)
    members.hasRelativeNodes = relativeNodes
    return members
  }

  var isEmpty: Bool { members.policies == 0 }

  func validate() throws {
    guard members.policies <= 1 else { throw ValidationError("Conflicting policies") }
  }
}

extension NodeSituation.Rule: ExpressibleByArgument {}
