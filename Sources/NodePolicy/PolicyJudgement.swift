/// What becomes of a request today, and with the mask of TDX-capable nodes.
public struct PolicyJudgement: Sendable {
  public enum Verdict: String, Sendable {
    case ok, warning, refused
  }

  /// Nodes that pages land on, and those that they fall back to where these are full.
  public struct Landing: Hashable, Sendable {
    public var nodes: NodeSet
    public var fallback: NodeSet

    public init(_ nodes: NodeSet, fallback: NodeSet = []) {
      self.nodes = nodes
      self.fallback = fallback.subtracting(nodes)
    }

    public var all: NodeSet { nodes.union(fallback) }
  }

  /// Why a request is not fine, the gravest first.
  public enum Finding: Hashable, Sendable {
    /// The kernel takes no nodes with this policy: EINVAL.
    case nodesNotWanted
    /// None of the nodes may be used, or has memory: EINVAL.
    case emptyMask
    /// No allowed node is TDX-capable.
    case noCapableNode
    /// None of the nodes is TDX-capable, and the policy has no others.
    case noneOfMask
    /// The memory is more than the nodes that are left have.
    case tooLarge(UInt64, capacity: UInt64)
    /// None of the preferred nodes is TDX-capable; others serve.
    case preferenceLost
    /// Some nodes fall away.
    case dropped(NodeSet)
    /// The memory fits only together with the nodes that it falls back to.
    case spills(UInt64, capacity: UInt64)

    public var verdict: Verdict {
      switch self {
      case .nodesNotWanted, .emptyMask, .noCapableNode, .noneOfMask, .tooLarge: .refused
      case .preferenceLost, .dropped, .spills: .warning
      }
    }
  }

  public let request: PolicyRequest
  public let situation: NodeSituation
  /// The nodes as the kernel applies them, within the allowed ones: M.
  public let mask: NodeSet
  public let today: Landing
  public let withTDX: Landing
  public let findings: [Finding]

  public var verdict: Verdict {
    findings.contains { $0.verdict == .refused } ? .refused : findings.isEmpty ? .ok : .warning
  }

  public init(_ request: PolicyRequest, in situation: NodeSituation) {
    let (allowed, capable) = (situation.allowed, situation.capable)
    let mask = request.isRelative ? request.nodes.folded(onto: allowed) : request.nodes.intersection(allowed)
    self.request = request
    self.situation = situation
    self.mask = mask
    if let error = Self.kernelError(request, mask) {
      (today, withTDX, findings) = (Landing([]), Landing([]), [error])
      return
    }
    today = Self.landing(request.mode, mask, allowed)
    let left = mask.intersection(capable)
    let others = allowed.intersection(capable)
    withTDX =
      if !left.isEmpty || request.mode.wantsNoNodes {
        Self.landing(request.mode, left, others)
      } else {
        Landing(request.mode.fallsBack ? others : [])
      }
    findings = Self.findings(request, mask, today: today, withTDX: withTDX, situation)
  }

  /// What set_mempolicy says before it looks at any memory.
  private static func kernelError(_ request: PolicyRequest, _ mask: NodeSet) -> Finding? {
    if request.mode.wantsNoNodes { return request.nodes.isEmpty ? nil : .nodesNotWanted }
    return mask.isEmpty ? .emptyMask : nil
  }

  private static func landing(_ mode: PolicyMode, _ mask: NodeSet, _ allowed: NodeSet) -> Landing {
    switch mode {
    case .default, .local: Landing(allowed)
    case .preferred: Landing(NodeSet(mask.first.map { [$0] } ?? []), fallback: allowed)
    case .bind: Landing(mask)
    case .preferredMany, .interleave, .weightedInterleave: Landing(mask, fallback: allowed)
    }
  }

  private static func findings(
    _ request: PolicyRequest,
    _ mask: NodeSet,
    today: Landing,
    withTDX: Landing,
    _ situation: NodeSituation
  ) -> [Finding] {
    let others = situation.allowed.intersection(situation.capable)
    if others.isEmpty { return [.noCapableNode] }
    let left = mask.intersection(situation.capable)
    if left.isEmpty, !request.mode.wantsNoNodes, !request.mode.fallsBack { return [.noneOfMask] }
    var findings: [Finding] = []
    if let memory = request.memory {
      let capacity = situation.capacity(of: withTDX.all)
      if memory > capacity {
        findings.append(.tooLarge(memory, capacity: capacity))
      } else if memory > situation.capacity(of: withTDX.nodes) {
        findings.append(.spills(memory, capacity: situation.capacity(of: withTDX.nodes)))
      }
    }
    if request.mode.wantsNoNodes { return findings }
    let dropped = today.nodes.subtracting(situation.capable)
    if left.isEmpty {
      findings.append(.preferenceLost)
    } else if !dropped.isEmpty {
      findings.append(.dropped(dropped))
    }
    return findings
  }
}

extension PolicyMode {
  /// Whether the kernel takes the policy without nodes only.
  var wantsNoNodes: Bool { self == .default || self == .local }
  /// Whether other nodes serve where none of the mask is left.
  var fallsBack: Bool { self == .preferred || self == .preferredMany }
}
