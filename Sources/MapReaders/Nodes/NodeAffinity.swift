import TDXMemory

/// What a machine says about the NUMA nodes of addresses, whether there is memory at them or not.
struct NodeAffinity {
  /// Ranges of the SRAT, with the hotplug flag where it has it.
  var srat = RangeList()
  /// What `NUMA:` lines join, the holes between included.
  var joins = RangeList()
  /// Zones from first to last page, holes included.
  var zones = RangeList()
  /// The nodes that `numa=fake=` makes. They stand for all others.
  var fake = RangeList()
  /// Which nodes memory blocks have links to.
  var blockLinks: [BlockLink] = []
  /// `No NUMA configuration found`: there is one node.
  var isSingleNode = false
  /// What the kernel had reserved when it set up NUMA.
  var reservations = EarlyReservations()
  var kernel: KernelVersion?

  /// `/sys/devices/system/memory/memoryN/nodeM`, which is `/sys/devices/system/node/nodeM/memoryN`.
  struct BlockLink: Hashable {
    var block: UInt64
    var node: UInt32
  }

  var isEmpty: Bool {
    srat.isEmpty && joins.isEmpty && zones.isEmpty && fake.isEmpty && blockLinks.isEmpty && !isSingleNode
  }

  /// Adds what a further input says: where both speak of the same thing the later one counts.
  mutating func merge(_ later: NodeAffinity) {
    if !later.srat.isEmpty { srat = later.srat }
    if !later.joins.isEmpty { joins = later.joins }
    if !later.zones.isEmpty { zones = later.zones }
    if !later.fake.isEmpty { fake = later.fake }
    blockLinks += later.blockLinks
    isSingleNode = isSingleNode || later.isSingleNode
    reservations.merge(later.reservations)
    kernel = later.kernel ?? kernel
  }

  /// Memory blocks that have a link to one node alone: ascending, those that touch as one where the node is the same.
  ///
  /// A block with memory of two nodes has two links, and the links do not say where one ends.
  func blockNodes(size: UInt64) -> [ListedRange] {
    var ranges: [ListedRange] = []
    let links = Set(blockLinks).sorted { ($0.block, $0.node) < ($1.block, $1.node) }
    for (index, link) in links.enumerated() {
      if index > 0, links[index - 1].block == link.block { continue }
      if index + 1 < links.count, links[index + 1].block == link.block { continue }
      let start = link.block.multipliedSaturated(by: size)
      let range = AddressRange(unchecked: start, start.addingSaturated(size))
      if let last = ranges.last, last.node == link.node, last.range.end == range.start {
        ranges[ranges.count - 1].range = AddressRange(unchecked: last.range.start, range.end)
      } else if !range.isEmpty {
        ranges.append(ListedRange(range: range, node: link.node))
      }
    }
    return ranges
  }
}

/// The version that a kernel says it has: 6.12 of `6.12.95+deb12-amd64`.
struct KernelVersion: Hashable, Comparable {
  var major: UInt64
  var minor: UInt64

  static func < (one: KernelVersion, other: KernelVersion) -> Bool {
    (one.major, one.minor) < (other.major, other.minor)
  }

  /// - Parameter text: starts behind `Linux version `.
  static func take(from text: TextCursor) -> KernelVersion? {
    var text = text
    guard let major = text.takeDecimal(), text.take("."), let minor = text.takeDecimal() else { return nil }
    return KernelVersion(major: major, minor: minor)
  }
}
