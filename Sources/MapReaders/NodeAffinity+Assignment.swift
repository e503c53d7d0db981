import TDXMemory

/// Gives memory its nodes: by the SRAT, where that is silent by `NUMA:` lines, then by zones, then node 0.
struct NodeAssignment {
  private let layers: [[ListedRange]]
  /// Whether the machine is known to have one node.
  private let isSingleNode: Bool
  /// The bytes that no layer knew a node for.
  private(set) var unknownBytes: UInt64 = 0

  init(_ affinity: NodeAffinity) {
    layers = [affinity.srat, affinity.joins, affinity.zones].map(Self.disjoint).filter { !$0.isEmpty }
    isSingleNode = affinity.isSingleNode
  }

  /// Ascending, and each range cut to what lies behind the ones before it.
  private static func disjoint(_ list: RangeList) -> [ListedRange] {
    var result: [ListedRange] = []
    for var entry in list.entries.sorted(by: { $0.range.start < $1.range.start }) {
      let start = max(entry.range.start, result.last?.range.end ?? 0)
      guard start < entry.range.end else { continue }
      entry.range = AddressRange(unchecked: start, entry.range.end)
      result.append(entry)
    }
    return result
  }

  /// Splits memory at node borders. Memory whose node is known stays as it is.
  mutating func regions(of memory: [ListedRange]) -> [MemoryRegion] {
    var regions: [MemoryRegion] = []
    regions.reserveCapacity(memory.count)
    for entry in memory {
      if let node = entry.node {
        regions.append(MemoryRegion(entry.range, node: node, flags: entry.flags))
      } else {
        split(entry.range, flags: entry.flags, layer: 0, into: &regions)
      }
    }
    return regions
  }

  private mutating func split(
    _ range: AddressRange,
    flags: MemoryFlags,
    layer: Int,
    into regions: inout [MemoryRegion]
  ) {
    guard !range.isEmpty else { return }
    guard !isSingleNode, layer < layers.count else {
      if !isSingleNode { unknownBytes = unknownBytes.addingSaturated(range.size) }
      regions.append(MemoryRegion(range, node: 0, flags: flags))
      return
    }
    let known = layers[layer]
    var start = range.start
    for entry in known[firstIndex(in: known, endingAfter: start)...] {
      guard let common = entry.range.intersection(range) else { break }
      split(
        AddressRange(unchecked: start, common.start),
        flags: flags,
        layer: layer + 1,
        into: &regions
      )
      regions.append(MemoryRegion(common, node: entry.node ?? 0, flags: flags.union(entry.flags)))
      start = common.end
    }
    split(AddressRange(unchecked: start, range.end), flags: flags, layer: layer + 1, into: &regions)
  }

  private func firstIndex(in ranges: [ListedRange], endingAfter address: UInt64) -> Int {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].range.end > address { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
