import MemoryHotplug

/// What a request is held against: the nodes of a machine, which of them the task may use, and which TDX can use.
public struct NodeSituation: Sendable {
  /// Nodes that TDs may have memory of.
  public enum Rule: String, CaseIterable, Sendable {
    /// All of a node's memory above 1 MiB is TDX memory.
    case whole
    /// Some of it is.
    case some
  }

  public let nodes: [NodeMemory]
  /// The cpuset's nodes that have memory: A.
  public let allowed: NodeSet
  /// The TDX-capable nodes: T.
  public let capable: NodeSet
  public let highest: Int
  /// Whether the CMRs are known; otherwise they are taken to hold the snapshot.
  public let knowsConvertible: Bool

  /// - Parameters:
  ///   - cpuset: nil where the task may use every node.
  ///   - movable: nodes whose memory is all in ZONE_MOVABLE, of no use for TD pages (I).
  /// - Returns: nil where a node is above 1023, which no kernel has.
  public init?(
    _ nodes: [NodeMemory],
    cpuset: NodeSet? = nil,
    movable: NodeSet = [],
    rule: Rule = .whole,
    knowsConvertible: Bool
  ) {
    let highest = nodes.last.map { Int($0.node) } ?? 0
    guard highest < NodeSet.limit else { return nil }
    self.nodes = nodes.map { node in
      var node = node
      if movable.contains(Int(node.node)) { node.movableBytes = node.bytes }
      return node
    }
    let withMemory = NodeSet(self.nodes.lazy.filter(\.hasOnlineMemory).map { Int($0.node) })
    allowed = cpuset.map(withMemory.intersection) ?? withMemory
    capable = NodeSet(
      self.nodes.lazy.filter { rule == .whole ? $0.capability == .whole : $0.capability != .none }
        .map { Int($0.node) }
    )
    self.highest = highest
    self.knowsConvertible = knowsConvertible
  }

  /// The TDX memory of nodes, in bytes: all of it, whether it is free or not.
  public func capacity(of set: NodeSet) -> UInt64 {
    nodes.reduce(0) { set.contains(Int($1.node)) ? $0 + $1.capableBytes : $0 }
  }
}
