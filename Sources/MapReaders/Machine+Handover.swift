import TDXMemory

extension Machine {
  /// The areas that a kernel before kexec handed over (KHO scratch): regions of their own in memblock, by address.
  public var handedOver: [AddressRange] {
    map.filter { $0.flags.contains(.handover) }.map(\.range)
  }

  /// The memory as a kernel after kexec finds it where areas are handed over to it: each ends the region before it and
  /// begins one of its own (`kho_populate`, then `memblock_mark_kho_scratch`). Regions that lie in no memory of the map
  /// are left out.
  ///
  /// - Parameter areas: ascending and disjoint.
  /// - Throws: `MapError` never, since what is split was disjoint before.
  public func splitting(handover areas: [AddressRange]) throws(MapError) -> MemoryMap {
    var regions: [MemoryRegion] = []
    var next = 0
    for region in map {
      var start = region.start
      while next < areas.count, areas[next].end <= start { next += 1 }
      var index = next
      while index < areas.count, let part = areas[index].intersection(region.range), !part.isEmpty {
        if start < part.start { regions.append(region.part(start, part.start, region.flags)) }
        regions.append(region.part(part.start, part.end, region.flags.union(.handover)))
        start = part.end
        index += 1
      }
      if start < region.end { regions.append(region.part(start, region.end, region.flags)) }
    }
    return try MemoryMap(regions)
  }

  /// The memory without borders that a handover made: what it would be after a boot through the firmware.
  ///
  /// - Throws: `MapError` never.
  public func joiningHandover() throws(MapError) -> MemoryMap {
    var regions: [MemoryRegion] = []
    for region in map {
      let flags = region.flags.subtracting(.handover)
      if let last = regions.last, last.end == region.start, last.node == region.node, last.flags == flags {
        regions[regions.count - 1] = last.part(last.start, region.end, flags)
      } else {
        regions.append(region.part(region.start, region.end, flags))
      }
    }
    return try MemoryMap(regions)
  }
}

extension MemoryRegion {
  fileprivate func part(_ start: UInt64, _ end: UInt64, _ flags: MemoryFlags) -> MemoryRegion {
    MemoryRegion(start: start, end: end, node: node, flags: flags)
  }
}
