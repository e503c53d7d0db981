import Answers
import ArgumentParser
import JSON
import MapReaders
import MemoryHotplug
import NodePolicy
import TDXMemory

struct PolicyCommand: ParsableCommand {
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

  /// The command line that sets a policy. Two lists of words cannot both be arguments: what stands behind `--` arrives
  /// at the end of the inputs.
  private var command: [String] = []

  private enum CodingKeys: CodingKey {
    case input, policies, cpusetMems, memory, movable, capable, script, sizes, designs, format, output
  }

  mutating func validate() throws {
    if let terminator = CommandLine.arguments.firstIndex(of: "--") {
      command = Array(CommandLine.arguments[(terminator + 1)...])
      guard !command.isEmpty else { throw ValidationError("there is no command behind --") }
      input.files.removeLast(min(command.count, input.files.count))
    }
    try input.validateMachine()
    if script == "-", input.files.contains("-") {
      throw ValidationError("standard input can be read only once")
    }
    guard command.isEmpty || policies.isEmpty else {
      throw ValidationError("say the policy with options or with a command, not with both")
    }
  }

  func run() throws {
    let script = try script.map { try HotplugScript(file: $0) }
    let cpuset = try cpusetMems.map { try kernelList($0, "--cpuset-mems") }
    let movable = try movable.map { try kernelList($0, "--movable") } ?? []
    let described = try input.machine()
    let machine = try machine(described, running: script)
    guard
      let situation = NodeSituation(
        machine.nodeMemory(),
        cpuset: cpuset,
        movable: movable,
        rule: capable,
        knowsConvertible: machine.convertible != nil
      )
    else {
      throw Failure("\(input.name): the memory has a node above \(NodeSet.limit - 1)", .badData)
    }
    var request = try request(in: situation)
    request.memory = memory?.bytes ?? request.memory
    let judgement = PolicyJudgement(request, in: situation)
    let notes = described.remarks + described.tdxNotes + machine.failureNote
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
    if judgement.verdict == .refused { throw ExitCode.no }
  }

  private func machine(_ described: Machine, running script: HotplugScript?) throws -> HotplugMachine {
    var machine = try HotplugMachine(
      described,
      blockSize: sizes.blockSize(of: described),
      options: PlanOptions(),
      keyIDBits: ModuleArguments.defaultKeyIDBits
    )
    for line in script?.lines ?? [] { _ = machine.perform(line.operation) }
    return machine
  }

  private func kernelList(_ text: String, _ option: String) throws -> NodeSet {
    do throws(NodeStringError) {
      return try NodeSet(kernelList: text)
    } catch {
      throw Failure("\(option)=\(text): \(error)", .wrongUsage)
    }
  }

  private func request(in situation: NodeSituation) throws -> PolicyRequest {
    do throws(PolicySyntaxError) {
      return command.isEmpty
        ? try policies.request(in: situation) : try situation.request(commandLine: command)
    } catch {
      throw Failure(error.description, .wrongUsage)
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

  private var named: [(mode: PolicyMode, option: String, nodes: String)] {
    [
      (.bind, "--membind", membind), (.interleave, "--interleave", interleave),
      (.preferred, "--preferred", preferred), (.preferredMany, "--preferred-many", preferredMany),
      (.weightedInterleave, "--weighted-interleave", weightedInterleave),
      (.local, "--localalloc", localalloc ? "" : nil),
    ].compactMap { mode, option, nodes in nodes.map { (mode, option, $0) } }
  }

  private var count: Int { named.count + (qemuObject == nil ? 0 : 1) + (nodeset == nil ? 0 : 1) }
  var isEmpty: Bool { count == 0 }

  func validate() throws {
    guard count <= 1 else { throw ValidationError("Conflicting policies") }
  }

  func request(in situation: NodeSituation) throws(PolicySyntaxError) -> PolicyRequest {
    if let qemuObject { return try QEMUBackend(qemuObject).request }
    if let nodeset { return try LibvirtNumatune(nodeset).request }
    guard let (mode, option, text) = named.first else { return PolicyRequest(.default) }
    let nodes = try relativeNodes ? relative(text, option) : situation.nodes(numactl: text, option: option)
    let request = PolicyRequest(mode, nodes, isRelative: relativeNodes)
    try request.requireOneNode(option: option, text: text)
    return request
  }

  /// Of relative nodes any number counts.
  private func relative(_ text: String, _ option: String) throws(PolicySyntaxError) -> NodeSet {
    do throws(NodeStringError) {
      return try NodeSet(numactl: text, allowed: NodeSet(0..<NodeSet.limit), highest: NodeSet.limit - 1)
    } catch {
      throw PolicySyntaxError(option: option, text: text, error)
    }
  }
}

extension NodeSituation.Rule: ExpressibleByArgument {}
