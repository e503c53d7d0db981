import TDXMemory

/// The memory of one node, by what TDX makes of it.
public struct NodeMemory: Hashable, Sendable {
  public var node: UInt32
  /// All of it, offline memory too.
  public var bytes: UInt64 = 0
  /// Below 1 MiB, which no snapshot has.
  public var lowBytes: UInt64 = 0
  /// In the snapshot and in CMRs: what TDs can have.
  public var capableBytes: UInt64 = 0
  /// In the snapshot and in no CMR.
  public var unconvertibleBytes: UInt64 = 0
  /// Not in the snapshot: added after it was taken.
  public var addedBytes: UInt64 = 0
  public var offlineBytes: UInt64 = 0
  /// In ZONE_MOVABLE: of no use for private pages, which cannot move (I).
  public var movableBytes: UInt64 = 0

  public init(node: UInt32) { self.node = node }

  public enum Capability: Hashable, Sendable {
    case whole, partly, none
  }

  /// Whether the memory above 1 MiB is TDX memory. A node of ZONE_MOVABLE alone is not capable.
  public var capability: Capability {
    if capableBytes == 0 || isMovableOnly { return .none }
    return capableBytes == bytes - lowBytes ? .whole : .partly
  }

  public var isMovableOnly: Bool { movableBytes > 0 && movableBytes == bytes }

  /// Whether the kernel counts the node among those with memory (`N_MEMORY`).
  public var hasOnlineMemory: Bool { offlineBytes < bytes }
}

extension HotplugMachine {
  /// The memory of every node, ascending. Without a snapshot it is as if TDX took it now; without CMRs as if they held
  /// the snapshot.
  ///
  /// - Complexity: one sweep over memory, snapshot and CMRs.
  public func nodeMemory() -> [NodeMemory] {
    var nodes: [UInt32: NodeMemory] = [:]
    var snapshot = RangeSweep(tdx.snapshot.map { taken in (0..<taken.count).lazy.map { taken[$0].range } })
    var cmrs = RangeSweep(convertible.map { $0[...] })
    for region in memory {
      var node = nodes[region.node] ?? NodeMemory(node: region.node)
      node.bytes += region.size
      let high = AddressRange(unchecked: max(region.start, lowMemoryEnd), max(region.end, lowMemoryEnd))
      node.lowBytes += region.size - high.size
      snapshot.forEachPart(of: high) { part, isTaken in
        guard isTaken else {
          node.addedBytes += part.size
          return
        }
        cmrs.forEachPart(of: part) { part, isConvertible in
          if isConvertible { node.capableBytes += part.size } else { node.unconvertibleBytes += part.size }
        }
      }
      nodes[region.node] = node
    }
    count(offline, \.offlineBytes, in: &nodes)
    count(movable, \.movableBytes, in: &nodes)
    return nodes.values.sorted { $0.node < $1.node }
  }

  private func count(
    _ set: RangeSet<UInt64>,
    _ bytes: WritableKeyPath<NodeMemory, UInt64>,
    in nodes: inout [UInt32: NodeMemory]
  ) {
    for range in set.ranges {
      for part in memory(in: AddressRange(unchecked: range.lowerBound, range.upperBound)) {
        nodes[part.node]?[keyPath: bytes] += part.size
      }
    }
  }
}

/// Ranges that ascend, which cut other ranges that ascend into parts inside and parts outside.
private struct RangeSweep<Ranges: RandomAccessCollection>
where Ranges.Element == AddressRange, Ranges.Index == Int {
  /// nil where everything is inside.
  private let ranges: Ranges?
  private var index: Int

  init(_ ranges: Ranges?) {
    self.ranges = ranges
    index = ranges?.startIndex ?? 0
  }

  mutating func forEachPart(of range: AddressRange, _ body: (AddressRange, _ isInside: Bool) -> Void) {
    guard !range.isEmpty else { return }
    guard let ranges else { return body(range, true) }
    var position = range.start
    while index < ranges.endIndex, ranges[index].end <= position { index += 1 }
    var next = index
    while next < ranges.endIndex, let part = ranges[next].intersection(range) {
      if part.start > position { body(AddressRange(unchecked: position, part.start), false) }
      body(part, true)
      position = part.end
      next += 1
    }
    if position < range.end { body(AddressRange(unchecked: position, range.end), false) }
  }
}
