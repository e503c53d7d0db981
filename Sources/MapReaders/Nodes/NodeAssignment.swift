import TDXMemory

/// Gives memory its nodes: by the links of memory blocks, by the SRAT, where that is silent by `NUMA:` lines, then by zones,
/// then node 0. Nodes that `numa=fake=` made stand for all of these.
///
/// As the kernel does it (`numa_cleanup_meminfo`, `numa_register_meminfo`): entries without memory do not count; where
/// entries of two nodes overlap, or leave more than 1 MiB of memory without a node, the SRAT is not used at all; entries of
/// one node are joined, the holes between included, where no other node has an entry there; and the hotplug flag stays with
/// the entry that has it, unless anything was reserved on its node.
struct NodeAssignment {
  private let layers: [[ListedRange]]
  /// The SRAT's entries that are hot-pluggable and whose nodes keep the flag; those that touch as one.
  private let hotplug: [ListedRange]
  /// Whether the machine is known to have one node.
  private let isSingleNode: Bool
  private let usesSRAT: Bool
  private let kernel: KernelVersion?
  /// Entries of different nodes that share memory.
  let overlap: (ListedRange, ListedRange)?
  /// The bytes that no layer knew a node for.
  private(set) var unknownBytes: UInt64 = 0

  /// - Parameters:
  ///   - memory: ascending and disjoint.
  ///   - blockNodes: what memory blocks are linked to, ascending and disjoint.
  init(_ affinity: NodeAffinity, memory: [ListedRange], blockNodes: [ListedRange] = []) {
    kernel = affinity.kernel
    let srat = affinity.fake.isEmpty ? Self.withMemory(affinity.srat, memory) : []
    overlap = Self.overlap(in: srat)
    let isRefused = overlap != nil
    let own = Self.disjoint(srat)
    usesSRAT = !srat.isEmpty && !isRefused
    isSingleNode = affinity.fake.isEmpty && (affinity.isSingleNode || isRefused)
    let all =
      affinity.fake.isEmpty
      ? [blockNodes, Self.joined(own)]
        + [affinity.joins, affinity.zones].map { Self.joined(Self.disjoint($0.entries)) }
      : [Self.disjoint(affinity.fake.entries)]
    layers = all.filter { !$0.isEmpty }
    let flagged = own.filter { $0.flags.contains(.hotplug) }
    let reserved =
      flagged.isEmpty ? [] : affinity.reservations.nodes(owning: Self.joined(own), memory: memory)
    hotplug = Self.touching(flagged.filter { !($0.node.map(reserved.contains) ?? false) })
  }

  /// Whether the kernel has no use for the SRAT; known once memory has its nodes.
  var rejectsSRAT: Bool { overlap != nil || usesSRAT && !isCovered }

  /// Up to 1 MiB without a node is allowed (`memblock_validate_numa_coverage`); before 6.10 less than that
  /// (`numa_meminfo_cover_memory`).
  private var isCovered: Bool {
    unknownBytes < 1 << 20 || unknownBytes == 1 << 20 && !(kernel.map { $0 < Self.noNodeVersion } ?? false)
  }

  /// From 6.10 on memory without a node has NUMA_NO_NODE, before MAX_NUMNODES.
  private static let noNodeVersion = KernelVersion(major: 6, minor: 10)
  private static let maxNumNodes: UInt32 = 1024

  // MARK: - Entries

  /// The entries that have memory, cut to where memory ends; in the SRAT's order of addresses.
  private static func withMemory(_ list: RangeList, _ memory: [ListedRange]) -> [ListedRange] {
    let end = memory.last?.range.end ?? 0
    return list.entries.compactMap { entry in
      guard entry.range.start < end else { return nil }
      var entry = entry
      entry.range = AddressRange(unchecked: entry.range.start, min(entry.range.end, end))
      return memory.overlaps(entry.range) ? entry : nil
    }.sorted { $0.range.start < $1.range.start }
  }

  /// The first two entries of different nodes that overlap.
  private static func overlap(in entries: [ListedRange]) -> (ListedRange, ListedRange)? {
    // Of the entries so far the one that ends last, and the one that ends last of all other nodes.
    var (last, other): (ListedRange?, ListedRange?)
    for entry in entries {
      if let last, last.node != entry.node, last.range.end > entry.range.start { return (last, entry) }
      if let other, other.node != entry.node, other.range.end > entry.range.start { return (other, entry) }
      if let old = last, old.range.end >= entry.range.end {
        if old.node != entry.node, (other?.range.end ?? 0) < entry.range.end { other = entry }
      } else {
        if let old = last, old.node != entry.node { other = old }
        last = entry
      }
    }
    return nil
  }

  /// Ascending, and each range cut to what lies behind the ones before it.
  private static func disjoint(_ entries: [ListedRange]) -> [ListedRange] {
    var result: [ListedRange] = []
    for var entry in entries.sorted(by: { $0.range.start < $1.range.start }) {
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

  // MARK: - Memory

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
      regions.append(MemoryRegion(range, node: isSingleNode ? 0 : nodeOfUnknown, flags: flags))
      return
    }
    let known = layers[layer]
    var start = range.start
    for entry in known[Self.firstIndex(in: known, endingAfter: start)...] {
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

  /// What a kernel calls the node of memory that the SRAT, which it uses all the same, leaves out.
  private var nodeOfUnknown: UInt32 {
    usesSRAT && kernel.map { $0 < Self.noNodeVersion } ?? false ? Self.maxNumNodes : 0
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
    for entry in hotplug[Self.firstIndex(in: hotplug, endingAfter: start)...] {
      guard let common = entry.range.intersection(range) else { break }
      append(upTo: common.start, [])
      append(upTo: common.end, .hotplug)
    }
    append(upTo: range.end, [])
  }

  private static func firstIndex(in ranges: [ListedRange], endingAfter address: UInt64) -> Int {
    ranges.firstIndex(endingAfter: address)
  }
}

extension [ListedRange] {
  /// The first of ascending, disjoint ranges that ends after an address.
  func firstIndex(endingAfter address: UInt64) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].range.end > address { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
