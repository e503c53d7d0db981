/// What the thread proposed for memory that TDX cannot use.
public enum PolicyDesign: String, CaseIterable, Sendable {
  /// Merged: TDX takes all memory, or none; nodes never differ.
  case allMemory = "all memory is TDX memory"
  /// The kernel takes TD pages from capable nodes, whatever the policy says, and says nothing.
  case hidden = "hidden in the kernel"
  /// The kernel takes the policy's nodes AND the capable ones, and refuses the guest where none is left.
  case masked = "AND the masks, refuse"
  /// A new call tells which nodes are capable, and new programs ask it.
  case newABI = "a new ABI"

  /// The name in files.
  public var key: String {
    switch self {
    case .allMemory: "all-memory"
    case .hidden: "hidden"
    case .masked: "masked"
    case .newABI: "new-abi"
    }
  }
}

/// What a request meets under one design.
public struct DesignOutcome: Sendable {
  public var design: PolicyDesign
  /// The nodes that TD pages land on; empty where there is no guest.
  public var lands: NodeSet
  public var verdict: PolicyJudgement.Verdict
  /// What happens, in a sentence.
  public var outcome: String
  /// What a program meets that was written before.
  public var oldCode: String
}

extension PolicyJudgement {
  /// The same request under each design.
  public var designs: [DesignOutcome] { PolicyDesign.allCases.map(outcome) }

  private func outcome(_ design: PolicyDesign) -> DesignOutcome {
    if let error = findings.first, error == .nodesNotWanted || error == .emptyMask {
      return DesignOutcome(
        design: design,
        lands: [],
        verdict: .refused,
        outcome: "EINVAL, TDX or not.",
        oldCode: "EINVAL, as ever."
      )
    }
    switch design {
    case .allMemory: return allMemory
    case .hidden: return hidden
    case .masked:
      return DesignOutcome(
        design: design,
        lands: verdict == .refused ? [] : withTDX.nodes,
        verdict: verdict,
        outcome: verdict == .refused
          ? "The guest is refused with a message." : "TD pages keep to the policy's capable nodes.",
        oldCode: verdict == .refused
          ? "The call that makes the guest fails, where it used to work for guests without TDX."
          : "Works unchanged."
      )
    case .newABI: return newABI
    }
  }

  private var allMemory: DesignOutcome {
    let mixed = NodeSet(situation.nodes.lazy.filter(\.hasOnlineMemory).map { Int($0.node) })
      .subtracting(situation.capable)
    guard mixed.isEmpty else {
      return DesignOutcome(
        design: .allMemory,
        lands: [],
        verdict: .refused,
        outcome:
          "Memory of \(mixed.count == 1 ? "node" : "nodes") \(mixed) keeps TDX from initialising where it is "
          + "there at that time, and stays offline where it is added later.",
        oldCode: "No TD at all, or a machine without that memory; the policy itself means what it says."
      )
    }
    let fits = request.memory.map { $0 <= situation.capacity(of: today.all) } ?? true
    return DesignOutcome(
      design: .allMemory,
      lands: fits ? today.nodes : [],
      verdict: fits ? .ok : .refused,
      outcome: fits ? "Every page of the policy's nodes is TDX memory." : "Out of memory.",
      oldCode: "Works unchanged."
    )
  }

  private var hidden: DesignOutcome {
    let capable = situation.allowed.intersection(situation.capable)
    let left = withTDX.all.isEmpty ? capable : withTDX.nodes
    let fits = request.memory.map { $0 <= situation.capacity(of: capable) } ?? true
    guard !capable.isEmpty, fits else {
      return DesignOutcome(
        design: .hidden,
        lands: [],
        verdict: .refused,
        outcome: "ENOMEM, and nothing says why.",
        oldCode: "ENOMEM beside free memory."
      )
    }
    let isIgnored = !today.nodes.isSubset(of: situation.capable)
    return DesignOutcome(
      design: .hidden,
      lands: left,
      verdict: .ok,
      outcome: isIgnored ? "The policy is not kept, and nobody is told." : "The policy is kept.",
      oldCode: isIgnored
        ? "Runs, on other nodes than it asked for; numastat is the only sign." : "Works unchanged."
    )
  }

  private var newABI: DesignOutcome {
    let isKept = today.all.isSubset(of: situation.capable) && verdict != .refused
    return DesignOutcome(
      design: .newABI,
      lands: verdict == .refused ? [] : withTDX.nodes,
      verdict: verdict,
      outcome: verdict == .refused
        ? "A program that asks is told which nodes are capable, and refuses by itself."
        : "A program that asks chooses capable nodes.",
      oldCode: isKept
        ? "Works unchanged."
        : "Does not ask: its TD fails with ENOMEM when it meets a page that TDX cannot use."
    )
  }
}
