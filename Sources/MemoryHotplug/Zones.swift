import TDXMemory

/// A zone of the page allocator on x86-64.
public enum Zone: Int, CaseIterable, Sendable {
  case dma, dma32, normal
  /// What holds nothing that cannot move. Memory is in it because it was onlined so, or from boot on.
  case movable

  /// The zones that addresses decide about.
  static let ofKernel: [Zone] = [.dma, .dma32, .normal]

  /// The addresses that pages of the zone have at boot.
  public var limits: AddressRange {
    switch self {
    case .dma: AddressRange(unchecked: 0, 16 << 20)
    case .dma32: AddressRange(unchecked: 16 << 20, 4 << 30)
    case .normal: AddressRange(unchecked: 4 << 30, .max)
    case .movable: AddressRange(unchecked: 0, .max)
    }
  }

  /// The kernel's name.
  public var name: String {
    switch self {
    case .dma: "DMA"
    case .dma32: "DMA32"
    case .normal: "Normal"
    case .movable: "Movable"
    }
  }
}

/// The spans of the kernel's zones of every node: from the first to the last page that the node has in the limits of the
/// zone, holes and memory of other nodes included.
public struct ZoneSpans: Sendable {
  /// Three for each node, one for each zone; one without memory ends before it starts.
  private var spans: [(start: UInt64, end: UInt64)] = []
  private var places: [UInt32: Int] = [:]

  /// - Parameter memory: as `MemoryMap` guarantees it.
  /// - Complexity: O(n), one sweep; memory for each node.
  public init(_ memory: UnsafeBufferPointer<MemoryRegion>) {
    var index = 0
    while index < memory.count {
      let first = memory[index]
      if first.start < Zone.normal.limits.start {
        add(first.range, of: first.node)
        index += 1
      } else {
        let place = place(of: first.node)
        // Regions of one node in a row widen its span by the first of them and the last.
        var end = first.end
        repeat {
          end = memory[index].end
          index &+= 1
        } while index < memory.count && memory[index].node == first.node
        widen(place + Zone.normal.rawValue, by: AddressRange(unchecked: first.start, end))
      }
    }
  }

  private mutating func place(of node: UInt32) -> Int {
    if let place = places[node] { return place }
    places[node] = spans.count
    spans += repeatElement((start: .max, end: 0), count: Zone.ofKernel.count)
    return spans.count - Zone.ofKernel.count
  }

  /// Takes in memory that was added.
  mutating func add(_ range: AddressRange, of node: UInt32) {
    let place = place(of: node)
    for zone in Zone.ofKernel {
      if let part = zone.limits.intersection(range) { widen(place + zone.rawValue, by: part) }
    }
  }

  private mutating func widen(_ span: Int, by range: AddressRange) {
    spans[span] = (min(spans[span].start, range.start), max(spans[span].end, range.end))
  }

  /// Memory of a node is gone: spans that began or ended in it begin and end elsewhere.
  ///
  /// - Parameters:
  ///   - range: none of it is memory any more.
  ///   - memory: what is left.
  ///   - place: the first region behind the range, or the number of regions.
  /// - Complexity: O(1) in the midst of spans; at their ends as many steps as there are regions of other nodes beside it.
  mutating func remove(
    _ range: AddressRange,
    of node: UInt32,
    from memory: [MemoryRegion],
    before place: Int
  ) {
    for zone in Zone.ofKernel {
      guard let span = span(of: zone, node: node), span.overlaps(range), let index = places[node] else {
        continue
      }
      var (start, end) = (span.start, span.end)
      if start >= range.start {
        let next = memory[place...].first { $0.node == node }
        start = max(next?.start ?? .max, zone.limits.start)
      }
      if end <= range.end {
        let last = memory[..<place].last { $0.node == node }
        end = min(last?.end ?? 0, zone.limits.end)
      }
      spans[index + zone.rawValue] = start < end ? (start, end) : (.max, 0)
    }
  }

  /// The span of a zone; nil where the node has no memory in it.
  public func span(of zone: Zone, node: UInt32) -> AddressRange? {
    guard let place = places[node], zone != .movable else { return nil }
    let span = spans[place + zone.rawValue]
    return AddressRange(from: span.start, to: span.end)
  }

  /// The zones of a node whose spans a range touches (`zone_intersects`).
  public func zones(of node: UInt32, touching range: AddressRange) -> [Zone] {
    Zone.ofKernel.filter { span(of: $0, node: node)?.overlaps(range) ?? false }
  }

  /// How many zones of a node a range touches.
  func zoneCount(of node: UInt32, touching range: AddressRange) -> Int {
    Zone.ofKernel.count { span(of: $0, node: node)?.overlaps(range) ?? false }
  }
}
