import TDXMemory

/// Gives memory its nodes: by the SRAT, where that is silent by `NUMA:` lines, then by zones, then node 0.
///
/// As the kernel does it (`numa_cleanup_meminfo`, `numa_register_meminfo`): entries of one node are joined, the holes
/// between included, where no other node has an entry there; the hotplug flag stays with the entry that has it; and an
/// SRAT that leaves more than 1 MiB of memory without a node is not used at all.
struct NodeAssignment {
  private let layers: [[ListedRange]]
  /// The SRAT's entries that are hot-pluggable; those that touch as one.
  private let hotplug: [ListedRange]
  /// Whether the machine is known to have one node.
  private let isSingleNode: Bool
  private let hasSRAT: Bool
  /// The bytes that no layer knew a node for.
  private(set) var unknownBytes: UInt64 = 0

  /// The most bytes without a node that the kernel takes an SRAT with (`memblock_validate_numa_coverage`).
  private static let mostUnknownBytes: UInt64 = 1 << 20

  init(_ affinity: NodeAffinity) {
    let srat = Self.disjoint(affinity.srat)
    layers = [srat, Self.disjoint(affinity.joins), Self.disjoint(affinity.zones)]
      .map(Self.joined).filter { !$0.isEmpty }
    hotplug = Self.touching(srat.filter { $0.flags.contains(.hotplug) })
    isSingleNode = affinity.isSingleNode
    hasSRAT = !srat.isEmpty
  }

  /// Whether the kernel has no use for the SRAT; known once memory has its nodes.
  var rejectsSRAT: Bool { hasSRAT && unknownBytes > Self.mostUnknownBytes }

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

  /// Neighbours of one node as one range: no other node has an entry between them.
  private static func joined(_ entries: [ListedRange]) -> [ListedRange] {
    merged(entries) { $0.node == $1.node }
  }

  /// Neighbours without a gap as one range.
  private static func touching(_ entries: [ListedRange]) -> [ListedRange] {
    merged(entries) { $0.range.end == $1.range.start }
  }

  private static func merged(
    _ entries: [ListedRange],
    where isOne: (ListedRange, ListedRange) -> Bool
  ) -> [ListedRange] {
    var result: [ListedRange] = []
    for entry in entries {
      if let last = result.last, isOne(last, entry) {
        result[result.count - 1].range = AddressRange(unchecked: last.range.start, entry.range.end)
      } else {
        result.append(entry)
      }
    }
    return result
  }

  /// Splits memory at borders of nodes and of hot-pluggable entries. Memory whose node is known stays as it is.
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
    guard rejectsSRAT else { return regions }
    return memory.map { MemoryRegion($0.range, node: $0.node ?? 0, flags: $0.flags) }
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
      splitAtFlags(common, node: entry.node ?? 0, flags: flags, into: &regions)
      start = common.end
    }
    split(AddressRange(unchecked: start, range.end), flags: flags, layer: layer + 1, into: &regions)
  }

  /// Memory of one node: what hot-pluggable entries hold of it has their flag (`memblock_mark_hotplug`).
  private func splitAtFlags(
    _ range: AddressRange,
    node: UInt32,
    flags: MemoryFlags,
    into regions: inout [MemoryRegion]
  ) {
    var start = range.start
    func append(upTo end: UInt64, _ more: MemoryFlags) {
      guard start < end else { return }
      regions.append(MemoryRegion(start: start, end: end, node: node, flags: flags.union(more)))
      start = end
    }
    for entry in hotplug[firstIndex(in: hotplug, endingAfter: start)...] {
      guard let common = entry.range.intersection(range) else { break }
      append(upTo: common.start, [])
      append(upTo: common.end, .hotplug)
    }
    append(upTo: range.end, [])
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
