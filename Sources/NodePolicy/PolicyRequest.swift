/// How a task's memory policy chooses nodes (`set_mempolicy`, `mbind`).
public enum PolicyMode: String, CaseIterable, Sendable {
  case `default`
  case local
  case preferred
  case preferredMany = "preferred-many"
  case bind
  case interleave
  case weightedInterleave = "weighted-interleave"

  /// What numactl calls it; nil where there is no option for it.
  public var numactlOption: String? {
    switch self {
    case .default: nil
    case .local: "--localalloc"
    case .preferred: "--preferred"
    case .preferredMany: "--preferred-many"
    case .bind: "--membind"
    case .interleave: "--interleave"
    case .weightedInterleave: "--weighted-interleave"
    }
  }

  /// What QEMU calls it; nil where it has no such policy.
  public var qemuName: String? {
    switch self {
    case .default, .preferred, .bind, .interleave: rawValue
    case .local, .preferredMany, .weightedInterleave: nil
    }
  }

  /// What libvirt's numatune calls it.
  public var libvirtName: String? {
    switch self {
    case .bind: "strict"
    case .preferred: "preferred"
    case .interleave: "interleave"
    default: nil
    }
  }
}

/// What a user asks for.
public struct PolicyRequest: Hashable, Sendable {
  public var mode: PolicyMode
  /// The nodes that the user names.
  public var nodes: NodeSet
  /// MPOL_F_RELATIVE_NODES: nodes are counted within the allowed ones.
  public var isRelative: Bool
  /// The guest's memory in bytes.
  public var memory: UInt64?
  /// How it was written, so that a suggestion is written so too.
  public var form: Form

  public enum Form: Hashable, Sendable {
    /// With what follows numactl's options: the program and its arguments.
    case numactl(command: [String])
    /// A memory backend of QEMU, with its properties but host-nodes and policy.
    case qemu(properties: [String])
    case libvirt
  }

  public init(
    _ mode: PolicyMode,
    _ nodes: NodeSet = [],
    isRelative: Bool = false,
    memory: UInt64? = nil,
    form: Form = .numactl(command: [])
  ) {
    self.mode = mode
    self.nodes = nodes
    self.isRelative = isRelative
    self.memory = memory
    self.form = form
  }
}
