import TDXMemory

/// What a machine says about the NUMA nodes of addresses, whether there is memory at them or not.
struct NodeAffinity {
  /// Ranges of the SRAT, with the hotplug flag where it has it.
  var srat = RangeList()
  /// What `NUMA:` lines join, the holes between included.
  var joins = RangeList()
  /// Zones from first to last page, holes included.
  var zones = RangeList()
  /// `No NUMA configuration found`: there is one node.
  var isSingleNode = false

  var isEmpty: Bool { srat.isEmpty && joins.isEmpty && zones.isEmpty && !isSingleNode }

  /// Adds what a further input says: where both speak of the same thing the later one counts.
  mutating func merge(_ later: NodeAffinity) {
    if !later.srat.isEmpty { srat = later.srat }
    if !later.joins.isEmpty { joins = later.joins }
    if !later.zones.isEmpty { zones = later.zones }
    isSingleNode = isSingleNode || later.isSingleNode
  }
}
