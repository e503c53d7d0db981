import MemoryHotplug
import NodePolicy
import TDXMemory

extension PolicyJudgement {
  /// What to tell the user: the policy and the nodes, the capable nodes, why others are not, and what is left.
  public var message: String {
    var sentences = findings.map(sentence)
    if findings.isEmpty { sentences.append(fine) }
    sentences.append(capableSentence)
    sentences += incapableSentences
    if let memory = request.memory, verdict != .refused {
      sentences.append(
        "\(ByteCount(memory)) fits the \(ByteCount(situation.capacity(of: withTDX.all))) that is left."
      )
    }
    if !situation.knowsConvertible {
      sentences.append("The CMRs are not known; they are taken to hold all memory that TDX took.")
    }
    return sentences.joined(separator: " ")
  }

  /// Why nodes are not capable: those that the request concerns, together where the reason is the same.
  private var incapableSentences: [String] {
    let concerned = situation.allowed.union(request.isRelative ? mask : request.nodes)
    var reasons: [(text: String, nodes: NodeSet)] = []
    for node in concerned.subtracting(situation.capable).nodes {
      let text = situation.reason(node)
      if let place = reasons.firstIndex(where: { $0.text == text }) {
        reasons[place].nodes.insert(node)
      } else {
        reasons.append((text, [node]))
      }
    }
    var sentences = reasons.prefix(8).map { reason in
      Self.sentence("\(Self.named(reason.nodes)) \(reason.nodes.count == 1 ? "is" : "are") not TDX-capable: ")
        + "\(reason.text)."
    }
    if reasons.count > 8 { sentences.append("Nor are \(reasons.count - 8) more.") }
    return sentences
  }

  /// `bind to node 6`.
  private var asked: String {
    let nodes = request.nodes.isEmpty ? "" : " \(Self.named(request.nodes))"
    let relative = request.isRelative ? " (counted within \(situation.allowed): \(mask))" : ""
    switch request.mode {
    case .default: return "the default policy\(nodes)"
    case .local: return "local allocation\(nodes)"
    case .preferred, .preferredMany: return "\(request.mode.rawValue)\(nodes)\(relative)"
    case .bind: return "bind to\(nodes)\(relative)"
    case .interleave, .weightedInterleave: return "\(request.mode.rawValue) over\(nodes)\(relative)"
    }
  }

  private static func named(_ nodes: NodeSet) -> String {
    nodes.count == 1 ? "node \(nodes)" : "nodes \(nodes)"
  }

  private var fine: String {
    let fallback = withTDX.fallback.isEmpty ? "" : ", then on \(Self.named(withTDX.fallback))"
    return Self.sentence("\(asked): TD pages land on \(Self.named(withTDX.nodes))\(fallback).")
  }

  private static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

  private func sentence(_ finding: Finding) -> String {
    let text =
      switch finding {
      case .nodesNotWanted: "\(asked) takes no nodes: the kernel refuses it with EINVAL."
      case .emptyMask:
        request.nodes.isEmpty
          ? "\(request.mode.rawValue) names no node: the kernel refuses it with EINVAL."
          : "\(asked): none of these is among the allowed nodes with memory"
            + (situation.allowed.isEmpty ? "" : ", \(situation.allowed)")
            + ": the kernel refuses it with EINVAL."
      case .noCapableNode:
        "\(asked): no node that this task may use is TDX-capable, so no TD can have memory."
      case .noneOfMask:
        "\(asked): none of these is TDX-capable, "
          + (request.mode == .bind
            ? "so a TD guest would fail with ENOMEM beside free memory."
            : "so there is nothing to interleave TD pages over: the request is wrong.")
      case .tooLarge(let memory, let capacity):
        "\(ByteCount(memory)) does not fit: \(Self.named(withTDX.all)) "
          + "\(withTDX.all.count == 1 ? "has" : "have") \(ByteCount(capacity)) of TDX memory in all."
      case .preferenceLost:
        "\(asked): not TDX-capable, so TD pages land on \(Self.named(withTDX.nodes)) instead."
      case .dropped(let nodes):
        "\(asked): \(Self.named(nodes)) \(nodes.count == 1 ? "falls" : "fall") away, "
          + "\(Self.named(withTDX.nodes)) with \(ByteCount(situation.capacity(of: withTDX.nodes))) "
          + "\(withTDX.nodes.count == 1 ? "is" : "are") left."
      case .spills(let memory, let capacity):
        "\(ByteCount(memory)) is more than the \(ByteCount(capacity)) of \(Self.named(withTDX.nodes)): "
          + "the rest lands on \(Self.named(withTDX.fallback))."
      }
    return Self.sentence(text)
  }

  private var capableSentence: String {
    situation.capable.isEmpty
      ? "No node is TDX-capable."
      : "TDX-capable: \(Self.named(situation.capable)), \(ByteCount(situation.capacity(of: situation.capable)))."
  }
}

extension PolicyJudgement {
  /// A command that works, written as the request was; what to change where no command does.
  public var suggestion: String {
    guard let remedy else {
      return situation.capable.isEmpty
        ? "no command helps: no memory of this machine is TDX memory"
        : "let the task use TDX-capable nodes: cpuset.mems=\(situation.allowed.union(situation.capable))"
    }
    // There is nothing to type where there is no policy.
    let command = remedy.command.isEmpty ? "start the guest as it is, without a policy" : remedy.command
    if let memory = remedy.memory, memory != request.memory {
      return "\(command)\(remedy.command.isEmpty ? "," : "") with at most \(ByteCount(memory)) of memory"
    }
    return command
  }
}

extension NodeSituation {
  /// Why a node is not TDX-capable.
  fileprivate func reason(_ node: Int) -> String {
    nodes.first { Int($0.node) == node }?.reason ?? "no memory"
  }
}
