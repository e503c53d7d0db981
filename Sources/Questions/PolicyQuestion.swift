import MapReaders
import MemoryHotplug
import NodePolicy
import Requests
import TDXMemory

/// What `policy` is asked about one machine, whoever asks.
public struct PolicyQuestion {
  private let members: NodePolicyMembers
  private let script: HotplugScript?
  private let cpuset: NodeSet?
  private let movable: NodeSet

  /// - Parameter script: the scenario to run first; read by whoever knows where it comes from.
  /// - Throws: `QuestionError` for lists of nodes that the kernel would not take.
  public init(_ members: NodePolicyMembers, script: HotplugScript?) throws(QuestionError) {
    self.members = members
    self.script = script
    cpuset = try members.cpusetMems.map { (text) throws(QuestionError) in
      try Self.kernelList(text, "--cpuset-mems")
    }
    movable =
      try members.movable.map { (text) throws(QuestionError) in try Self.kernelList(text, "--movable") } ?? []
  }

  /// - Parameter name: what the machine is called in messages.
  /// - Returns: the judgement, what the reader of the machine has to say, and the machine as the scenario left it.
  public func answer(
    about described: Machine,
    name: String
  ) throws(QuestionError) -> (judgement: PolicyJudgement, notes: [String], machine: HotplugMachine) {
    var machine = HotplugMachine(
      described,
      blockSize: try described.blockSize(members.sizes),
      options: PlanOptions(),
      keyIDBits: RequestFrame.assumedKeyIDBits
    )
    for line in script?.lines ?? [] { _ = machine.perform(line.operation) }
    guard
      let situation = NodeSituation(
        machine.nodeMemory(),
        cpuset: cpuset,
        movable: movable,
        rule: members.takesSome ? .some : .whole,
        knowsConvertible: machine.convertible != nil
      )
    else { throw .machine("\(name): the memory has a node above \(NodeSet.limit - 1)") }
    var request = try request(in: situation)
    request.memory = members.memory ?? request.memory
    return (PolicyJudgement(request, in: situation), described.remarks + described.tdxNotes, machine)
  }

  private static func kernelList(_ text: String, _ option: String) throws(QuestionError) -> NodeSet {
    do throws(NodeStringError) {
      return try NodeSet(kernelList: text)
    } catch {
      throw .question("\(option)=\(text): \(error)")
    }
  }

  private func request(in situation: NodeSituation) throws(QuestionError) -> PolicyRequest {
    do throws(PolicySyntaxError) {
      return members.command.isEmpty
        ? try members.request(in: situation) : try situation.request(commandLine: members.command)
    } catch {
      throw .question(error.description)
    }
  }
}

extension NodePolicyMembers {
  private var named: [(mode: PolicyMode, option: String, nodes: String)] {
    [
      (.bind, "--membind", membind), (.interleave, "--interleave", interleave),
      (.preferred, "--preferred", preferred), (.preferredMany, "--preferred-many", preferredMany),
      (.weightedInterleave, "--weighted-interleave", weightedInterleave),
      (.local, "--localalloc", isLocal ? "" : nil),
    ].compactMap { mode, option, nodes in nodes.map { (mode, option, $0) } }
  }

  fileprivate func request(in situation: NodeSituation) throws(PolicySyntaxError) -> PolicyRequest {
    if let qemuObject { return try QEMUBackend(qemuObject).request }
    if let nodeset { return try LibvirtNumatune(nodeset).request }
    guard let (mode, option, text) = named.first else { return PolicyRequest(.default) }
    let nodes =
      try hasRelativeNodes ? relative(text, option) : situation.nodes(numactl: text, option: option)
    let request = PolicyRequest(mode, nodes, isRelative: hasRelativeNodes)
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
