import TDXMemory

/// What stands between a memory block and being offline, in the order in which the kernel looks.
public enum BlockClass: UInt8, CaseIterable, Sendable {
  /// Its memory belongs to several nodes, so it has no zone (`valid_zones` is `none`): EINVAL.
  case multiNode
  /// It lies in several zones of its node: EINVAL. Block 0 always does.
  case multiZone
  /// A page of it is not memory: EINVAL.
  case hole
  /// A PAMT or private pages of a TD lie in it, which cannot move: EBUSY.
  case pinned
  case offlineable

  /// `multi-node`, as files and tables have it.
  public var name: String {
    switch self {
    case .multiNode: "multi-node"
    case .multiZone: "multi-zone"
    case .hole: "hole"
    case .pinned: "pinned"
    case .offlineable: "offlineable"
    }
  }

  /// What `offline` answers.
  public var outcome: HotplugOutcome {
    switch self {
    case .multiNode, .multiZone, .hole: .invalid
    case .pinned: .busy
    case .offlineable: .ok
    }
  }
}

/// What a block meets that comes back online, once TDX has its snapshot.
public enum BlockReturn: UInt8, CaseIterable, Sendable {
  /// Inside one entry of the snapshot, or TDX is not initialised: allowed.
  case allowed
  /// Inside several entries that touch: all of it is TDX memory, and the kernel refuses it. One-way: EPERM for ever.
  case oneWay
  /// Some of it is outside the snapshot: EPERM.
  case foreign

  public var name: String {
    switch self {
    case .allowed: "ok"
    case .oneWay: "one-way"
    case .foreign: "foreign"
    }
  }
}

/// Memory blocks in a row that are alike.
public struct BlockRun: Hashable, Sendable {
  /// The number of the first one.
  public var first: UInt64
  public var count: UInt64
  public var kind: BlockClass
  /// nil where the block has a hole, or several nodes or zones: it never leaves, so it never comes back.
  public var comesBack: BlockReturn?
  /// The node of all its memory; nil where there are several.
  public var node: UInt32?
  public var isOffline: Bool

  public init(
    first: UInt64,
    count: UInt64,
    kind: BlockClass,
    comesBack: BlockReturn?,
    node: UInt32?,
    isOffline: Bool
  ) {
    self.first = first
    self.count = count
    self.kind = kind
    self.comesBack = comesBack
    self.node = node
    self.isOffline = isOffline
  }

  public var last: UInt64 { first + (count - 1) }

  /// Whether it could go offline, and never come back although all of it is TDX memory.
  public var isOneWay: Bool { comesBack == .oneWay && (kind == .offlineable || isOffline) }

  /// Whether a run goes on where this one ends, and with blocks of the same kind.
  @inline(__always)
  func isContinued(by next: BlockRun) -> Bool {
    first &+ count == next.first && kind == next.kind && comesBack == next.comesBack && node == next.node
      && isOffline == next.isOffline
  }
}
