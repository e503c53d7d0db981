import Answers
import MemoryHotplug
import NodePolicy
import TDXMemory
import Testing

/// The table of policies, row by row, on a machine with nodes 0, 1 and 6 of 64 GiB each.
///
///     |0000|1111|6666|
///     [CMR      ]      node 6 is CXL memory that no CMR holds
@Suite struct PolicyRuleTests {
  private let gib: UInt64 = 1 << 30

  private func node(_ number: UInt32, capable: UInt64 = 64, outside: UInt64 = 0, added: UInt64 = 0)
    -> NodeMemory
  {
    var node = NodeMemory(node: number)
    node.capableBytes = capable * gib
    node.unconvertibleBytes = outside * gib
    node.addedBytes = added * gib
    node.bytes = (capable + outside + added) * gib
    return node
  }

  private var nodes: [NodeMemory] { [node(0), node(1), node(6, capable: 0, outside: 64)] }

  private func judge(
    _ mode: PolicyMode,
    _ requested: NodeSet = [],
    cpuset: NodeSet? = nil,
    relative: Bool = false,
    memory: UInt64? = nil,
    nodes: [NodeMemory]? = nil,
    movable: NodeSet = [],
    rule: NodeSituation.Rule = .whole
  ) throws -> PolicyJudgement {
    let situation = try #require(
      NodeSituation(
        nodes ?? self.nodes,
        cpuset: cpuset,
        movable: movable,
        rule: rule,
        knowsConvertible: true
      )
    )
    let request = PolicyRequest(mode, requested, isRelative: relative, memory: memory.map { $0 * gib })
    return PolicyJudgement(request, in: situation)
  }

  // MARK: - The table

  /// Expect any allowed node today, any allowed and capable one with T, and a refusal where there is none.
  @Test(arguments: [PolicyMode.default, .local]) func defaultAndLocal(mode: PolicyMode) throws {
    let all = try judge(mode)
    #expect(all.today.nodes == [0, 1, 6])
    #expect(all.withTDX.nodes == [0, 1])
    #expect(all.verdict == .ok)
    let none = try judge(mode, cpuset: [6])
    #expect(none.today.nodes == [6])
    #expect(none.withTDX.nodes.isEmpty)
    #expect(none.findings == [.noCapableNode])
    #expect(none.verdict == .refused)
  }

  /// Expect EINVAL for nodes that the policy does not want.
  @Test(arguments: [PolicyMode.default, .local]) func noNodesWanted(mode: PolicyMode) throws {
    #expect(try judge(mode, [0]).findings == [.nodesNotWanted])
    #expect(try judge(mode, [0]).verdict == .refused)
  }

  /// Expect the first node of M, then any; a warning where none of M is capable.
  @Test func preferred() throws {
    let fine = try judge(.preferred, [1, 6])
    #expect(fine.today == PolicyJudgement.Landing([1], fallback: [0, 6]))
    #expect(fine.withTDX == PolicyJudgement.Landing([1], fallback: [0]))
    #expect(fine.verdict == .ok)
    let lost = try judge(.preferred, [6])
    #expect(lost.today.nodes == [6])
    #expect(lost.withTDX.nodes == [0, 1])
    #expect(lost.findings == [.preferenceLost])
    #expect(lost.verdict == .warning)
    // numactl takes one node, so the command that works names one.
    #expect(fine.suggestion == "numactl --preferred=1 COMMAND")
    #expect(try judge(.default, []).suggestion == "start the guest as it is, without a policy")
    #expect(try judge(.preferred, [6], cpuset: [6]).verdict == .refused)
    #expect(try judge(.preferred, [5]).findings == [.emptyMask])
  }

  /// Expect M first, then any; a warning where none or not all of M is capable.
  @Test func preferredMany() throws {
    #expect(try judge(.preferredMany, [0, 1]).verdict == .ok)
    let some = try judge(.preferredMany, [1, 6])
    #expect(some.today == PolicyJudgement.Landing([1, 6], fallback: [0]))
    #expect(some.withTDX == PolicyJudgement.Landing([1], fallback: [0]))
    #expect(some.findings == [.dropped([6])])
    #expect(try judge(.preferredMany, [6]).findings == [.preferenceLost])
    #expect(try judge(.preferredMany, [6]).withTDX.nodes == [0, 1])
    #expect(try judge(.preferredMany, [6], cpuset: [6]).findings == [.noCapableNode])
  }

  /// Dave's node 6. Expect only M, a refusal where none of it is capable, a warning where some is not.
  @Test func bind() throws {
    let refused = try judge(.bind, [6])
    #expect(refused.today == PolicyJudgement.Landing([6]))
    #expect(refused.withTDX == PolicyJudgement.Landing([]))
    #expect(refused.findings == [.noneOfMask])
    #expect(refused.verdict == .refused)
    let smaller = try judge(.bind, [0, 6])
    #expect(smaller.withTDX == PolicyJudgement.Landing([0]))
    #expect(smaller.findings == [.dropped([6])])
    #expect(smaller.verdict == .warning)
    #expect(try judge(.bind, [0, 1]).verdict == .ok)
    #expect(try judge(.bind, []).findings == [.emptyMask])
    #expect(try judge(.bind, [3]).findings == [.emptyMask])
    #expect(try judge(.bind, [0], cpuset: [1]).findings == [.emptyMask])
  }

  /// Expect M in turn with the others to fall back to, a refusal where M has no capable node: the user's error.
  @Test(arguments: [PolicyMode.interleave, .weightedInterleave]) func interleave(mode: PolicyMode) throws {
    let some = try judge(mode, [0, 6])
    #expect(some.today == PolicyJudgement.Landing([0, 6], fallback: [1]))
    #expect(some.withTDX == PolicyJudgement.Landing([0], fallback: [1]))
    #expect(some.verdict == .warning)
    let wrong = try judge(mode, [6])
    #expect(wrong.findings == [.noneOfMask])
    #expect(wrong.verdict == .refused)
    #expect(wrong.withTDX == PolicyJudgement.Landing([]))
    #expect(wrong.message.contains("nothing to interleave TD pages over"))
    #expect(!wrong.message.contains("ENOMEM"))
    #expect(wrong.designs.map(\.lands) == [[], [0, 1], [], []])
    #expect(try judge(mode, [0, 1]).verdict == .ok)
    #expect(try judge(mode, [6], cpuset: [6]).findings == [.noCapableNode])
  }

  // MARK: - Masks

  /// Expect static nodes to be cut to the cpuset, and relative ones counted within it.
  @Test func staticAndRelative() throws {
    #expect(try judge(.bind, [0, 1, 6], cpuset: [1, 6]).mask == [1, 6])
    #expect(try judge(.bind, [0], cpuset: [1, 6], relative: true).mask == [1])
    #expect(try judge(.bind, [3], cpuset: [1, 6], relative: true).mask == [6])
    #expect(try judge(.bind, [3], cpuset: [1, 6], relative: true).verdict == .refused)
  }

  /// Expect nodes without online memory not to be allowed.
  @Test func aNodeWithoutMemoryIsNotAllowed() throws {
    var offline = node(2)
    offline.offlineBytes = offline.bytes
    let judgement = try judge(.bind, [2], nodes: [node(0), offline])
    #expect(judgement.situation.allowed == [0])
    #expect(judgement.findings == [.emptyMask])
  }

  /// Expect a node with some TDX memory to count only where some is enough.
  @Test func mixedNodes() throws {
    let mixed = [node(0), node(1, capable: 32, outside: 32)]
    #expect(try judge(.bind, [1], nodes: mixed).verdict == .refused)
    #expect(try judge(.bind, [1], nodes: mixed, rule: .some).verdict == .ok)
  }

  /// Expect a node of ZONE_MOVABLE alone to serve no TD.
  @Test func movableNodes() throws {
    let judgement = try judge(.bind, [1], movable: [1])
    #expect(judgement.verdict == .refused)
    #expect(judgement.message.contains("Node 1 is not TDX-capable: only ZONE_MOVABLE"))
  }

  // MARK: - Memory

  /// Expect a size that does not fit what is left to be refused, and one that needs other nodes to be told.
  @Test func sizes() throws {
    #expect(try judge(.bind, [0], memory: 64).verdict == .ok)
    #expect(try judge(.bind, [0], memory: 65).findings == [.tooLarge(65 * gib, capacity: 64 * gib)])
    #expect(try judge(.bind, [0, 6], memory: 100).verdict == .refused)
    #expect(try judge(.preferred, [0], memory: 100).findings == [.spills(100 * gib, capacity: 64 * gib)])
    #expect(try judge(.preferred, [0], memory: 129).verdict == .refused)
    #expect(try judge(.default, memory: 128).verdict == .ok)
  }

  // MARK: - What is told

  /// Expect a message with the policy, the nodes, the capable ones and each reason.
  @Test func theMessageNamesWhatMatters() throws {
    let message = try judge(.bind, [6]).message
    for part in [
      "Bind to node 6", "TDX-capable: nodes 0-1, 128 GiB",
      "Node 6 is not TDX-capable: 64 GiB outside every CMR",
    ] {
      #expect(message.contains(part), "\(part)")
    }
    let late = try judge(.bind, [2], nodes: [node(0), node(2, capable: 0, added: 8)]).message
    #expect(late.contains("Node 2 is not TDX-capable: 8 GiB added after the snapshot"))
    #expect(try judge(.bind, [0, 6]).message.contains("node 6 falls away"))
    #expect(try judge(.bind, [0], memory: 32).message.contains("32 GiB fits the 64 GiB"))
  }

  /// Every policy on every set of these nodes, with and without a size. Expect each command that is suggested to be fine.
  @Test func everySuggestionWorks() throws {
    for mode in PolicyMode.allCases {
      for bits in 0..<8 {
        let requested = NodeSet([0, 1, 6].enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element))
        for cpuset in [nil, [0, 6], [6], [1]] as [NodeSet?] {
          for memory in [nil, 10, 100, 1000] as [UInt64?] {
            let judgement = try judge(mode, requested, cpuset: cpuset, memory: memory)
            #expect(!judgement.suggestion.isEmpty && !judgement.message.isEmpty)
            guard let remedy = judgement.remedy else {
              #expect(judgement.situation.allowed.intersection(judgement.situation.capable).isEmpty)
              continue
            }
            let again = PolicyJudgement(remedy, in: judgement.situation)
            #expect(
              again.verdict == .ok,
              "\(mode) \(requested), \(cpuset?.description ?? "all"), \(memory ?? 0): \(remedy)"
            )
          }
        }
      }
    }
  }

  /// Expect the four designs to differ as the thread argues, for Dave's node 6.
  @Test func fourDesigns() throws {
    let designs = try judge(.bind, [6]).designs
    #expect(designs.map(\.design) == [.allMemory, .hidden, .masked, .newABI])
    #expect(designs.map(\.verdict) == [.refused, .ok, .refused, .refused])
    #expect(designs.map(\.lands) == [[], [0, 1], [], []])
    #expect(designs[1].outcome.contains("nobody is told"))
    #expect(designs[3].oldCode.contains("ENOMEM"))
    // On a machine whose nodes are all capable nobody notices any of them.
    let alike = try judge(.bind, [0], nodes: [node(0), node(1)]).designs
    #expect(alike.map(\.verdict) == [.ok, .ok, .ok, .ok])
    #expect(alike.map(\.lands) == [[0], [0], [0], [0]])
    #expect(alike.allSatisfy { $0.oldCode == "Works unchanged." })
  }

  /// Expect every request to get an answer, also on machines without nodes or with node 1023.
  @Test func strangeMachines() throws {
    #expect(NodeSituation([node(1024)], knowsConvertible: true) == nil)
    #expect(NodeSituation([node(.max)], knowsConvertible: true) == nil)
    let empty = try #require(NodeSituation([], knowsConvertible: false))
    let judgement = PolicyJudgement(PolicyRequest(.default), in: empty)
    #expect(judgement.verdict == .refused)
    #expect(judgement.suggestion.contains("no memory of this machine is TDX memory"))
    #expect(try judge(.bind, [1023], nodes: [node(0), node(1023)]).verdict == .ok)
  }
}
