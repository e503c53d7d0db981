import JSON
import TDXMemory

/// What `policy` is asked beside the machine, in the words of those who ask. At most one of the ways to say a policy.
public struct NodePolicyMembers: Hashable, Sendable {
  /// Nodes, as numactl takes them.
  public var membind, interleave, preferred, preferredMany, weightedInterleave: String?
  public var isLocal = false
  /// The properties of a memory backend of QEMU.
  public var qemuObject: String?
  /// libvirt's.
  public var nodeset: String?
  /// The words of a command line that sets a policy; nothing where none does.
  public var command: [String] = []

  public var hasRelativeNodes = false
  /// Lists of nodes as the kernel takes them.
  public var cpusetMems, movable: String?
  /// The guest's memory, in bytes.
  public var memory: UInt64?
  /// Whether a node counts where only some of its memory is TDX memory.
  public var takesSome = false
  /// A hotplug scenario to run first.
  public var script: String?
  public var sizes = BlockSizeMembers()
  public var tellsDesigns = false

  public init() {}

  /// How many ways to say a policy are used.
  public var policies: Int {
    [membind, interleave, preferred, preferredMany, weightedInterleave, qemuObject, nodeset]
      .count { $0 != nil } + (isLocal ? 1 : 0) + (command.isEmpty ? 0 : 1)
  }

  /// Forgets the policy, so that another one counts.
  fileprivate mutating func removePolicy() {
    (membind, interleave, preferred, preferredMany, weightedInterleave) = (nil, nil, nil, nil, nil)
    (qemuObject, nodeset, isLocal, command) = (nil, nil, false, [])
  }
}

/// A request of `policy --jsonl`: a machine, and a NUMA policy.
public final class NodePolicyRequest: Request {
  /// What it has in common with a plan; `policy` and `placement` are passed over.
  public let plan = PlanRequest()
  public private(set) var members = NodePolicyMembers()
  private let defaults: NodePolicyMembers

  public var frame: RequestFrame { plan.frame }

  public convenience init() { self.init(NodePolicyMembers()) }

  /// - Parameter defaults: what counts where a line says nothing; a line that says a policy drops theirs.
  public init(_ defaults: NodePolicyMembers) { self.defaults = defaults }

  public func decode(
    _ line: UnsafeRawBufferPointer,
    defaults planDefaults: RequestDefaults
  ) throws(RequestError) {
    members = defaults
    // The policy that the line says, apart from that of the defaults.
    var said = NodePolicyMembers()
    try plan.decode(line, defaults: planDefaults) {
      (name, scanner) throws(RequestError) in
      if try readPolicy(name, &scanner, into: &said) { return true }
      return try readSituation(name, &scanner)
    }
    guard said.policies <= 1 else {
      throw RequestError(problem: .conflicting, place: .init(.request), offset: nil)
    }
    if said.policies == 1 {
      members.removePolicy()
      (members.membind, members.interleave, members.preferred) =
        (said.membind, said.interleave, said.preferred)
      (members.preferredMany, members.weightedInterleave) = (said.preferredMany, said.weightedInterleave)
      (members.qemuObject, members.nodeset) = (said.qemuObject, said.nodeset)
      (members.isLocal, members.command) = (said.isLocal, said.command)
    }
  }

  private func readPolicy(
    _ name: JSONText,
    _ scanner: inout RequestScanner,
    into said: inout NodePolicyMembers
  ) throws(RequestError) -> Bool {
    switch name {
    case "membind": said.membind = try scanner.text(.membind)
    case "interleave": said.interleave = try scanner.text(.interleave)
    case "preferred": said.preferred = try scanner.text(.preferred)
    case "preferred_many": said.preferredMany = try scanner.text(.preferredMany)
    case "weighted_interleave": said.weightedInterleave = try scanner.text(.weightedInterleave)
    case "localalloc": said.isLocal = try scanner.flag(.localalloc, default: false)
    case "qemu_object": said.qemuObject = try scanner.text(.qemuObject)
    case "nodeset": said.nodeset = try scanner.text(.nodeset)
    case "command": said.command = try scanner.command() ?? []
    default: return false
    }
    return true
  }

  private func readSituation(_ name: JSONText, _ scanner: inout RequestScanner) throws(RequestError) -> Bool {
    switch name {
    case "relative_nodes":
      members.hasRelativeNodes = try scanner.flag(.relativeNodes, default: defaults.hasRelativeNodes)
    case "cpuset_mems": members.cpusetMems = try scanner.text(.cpusetMems) ?? defaults.cpusetMems
    case "movable": members.movable = try scanner.text(.movable) ?? defaults.movable
    case "memory": members.memory = try scanner.size(.memory) ?? defaults.memory
    case "capable": members.takesSome = try scanner.takesSome() ?? defaults.takesSome
    case "script": members.script = try scanner.script() ?? defaults.script
    case "designs": members.tellsDesigns = try scanner.flag(.designs, default: defaults.tellsDesigns)
    case "policy", "placement": try scanner.skip()
    default: return try members.sizes.read(name, &scanner, defaults: defaults.sizes)
    }
    return true
  }
}

extension RequestScanner {
  /// `capable`: `whole` or `some`.
  ///
  /// - Returns: whether some memory is enough; nil for `null`.
  fileprivate mutating func takesSome() throws(RequestError) -> Bool? {
    place = .init(.capable)
    guard try !null() else { return nil }
    let start = position
    let name = try string()
    switch name {
    case "whole": return false
    case "some": return true
    default: throw failure(.unknownName(name.excerpt, .capable), at: start)
    }
  }

  /// `command`: the words of a command line, or the line as it is typed.
  ///
  /// - Returns: nil for `null`.
  fileprivate mutating func command() throws(RequestError) -> [String]? {
    place = .init(.command)
    guard try isString() else { return try texts(.command, each: .commandWord) }
    return ShellWords(try string().string).words
  }
}
