import TDXMemory

/// What has become of memory between the lines that tell of it and the machine as it runs.
extension Findings {
  /// The memory of a source without what came after boot to a node that nothing tells.
  ///
  /// /proc/iomem has DIMMs that were added later. Their node is that of their own _PXM, which need not be that of the
  /// SRAT's entry that they lie in; only the links of their memory blocks know it. That an entry held nothing at boot shows
  /// in what the kernel joins: it prints `NUMA: Node …` for each entry with memory that has another one of its node beside.
  func memoryAtBoot(
    _ memory: [ListedRange],
    of source: MapSource,
    _ blockNodes: [ListedRange],
    _ notes: inout [String]
  ) -> [ListedRange] {
    guard source == .ioMemory else { return memory }
    let windows = subtract(blockNodes.map(\.range), from: affinity.windowsEmptyAtBoot(memory))
    guard !windows.isEmpty else { return memory }
    let left = subtract(subtract(windows, from: memory.map(\.range)), from: memory.map(\.range))
    guard !left.isEmpty else { return memory }
    var kept: [ListedRange] = []
    var next = 0
    for entry in memory {
      while next < left.count, left[next].end <= entry.range.start { next += 1 }
      let inside = left[next...].prefix { $0.start < entry.range.end }
      for rest in subtract(Array(inside), from: [entry.range]) {
        var part = entry
        part.range = rest
        kept.append(part)
      }
    }
    guard !kept.isEmpty else { return memory }
    notes.append(
      "By rule: \(summary(left)) came after boot (hot-added): the SRAT's hot-pluggable entry held nothing then. Its node is "
        + "that of its own device, not of the entry, and nothing tells it, so it is left out; "
        + "/sys/devices/system/memory knows it."
    )
    return kept
  }

  /// Where regions of one node touch only because of what the SRAT calls hot-pluggable.
  ///
  /// memblock keeps such a border while the kernel boots, on a node without reservations, and drops the flag, and with it
  /// the border, when it gives its memory to the page allocator (`free_low_memory_core_early`). A list of the running
  /// kernel's memblock is not doubted.
  func possibleBorders(in map: MemoryMap, from source: MapSource) -> [UInt64] {
    guard ![.memblock, .tdxmap, .convertible].contains(source) else { return [] }
    // Flags are the SRAT's, or a dump has them.
    guard source == .memblockDump || affinity.srat.entries.contains(where: { $0.flags.contains(.hotplug) })
    else { return [] }
    return zip(map, map.dropFirst()).compactMap { one, next in
      let difference = one.flags.symmetricDifference(next.flags)
      return one.end == next.start && one.node == next.node && difference.isSubset(of: .hotplug)
        ? one.end : nil
    }
  }

  /// Memory of the map that is not System RAM to the running kernel, as far as the inputs tell.
  func notSystemRAM(in map: MemoryMap, from source: MapSource) -> [AddressRange] {
    guard source != .convertible, source != .ioMemory else { return [] }
    guard let ram = memory[.ioMemory]?.list ?? ramInTheEnd else { return [] }
    return subtract(wholePages(ram.entries.map(\.range)), from: wholePages(ascending: map.lazy.map(\.range)))
  }

  /// What a reader should know about all of this.
  func rangeNotes(
    _ source: MapSource,
    possibleBorders: [UInt64],
    notSystemRAM: [AddressRange],
    _ map: MemoryMap
  ) -> [String] {
    var notes: [String] = []
    if memory[.ioMemory] == nil, !notSystemRAM.isEmpty {
      notes.append(
        "By rule: e820 counts as it stood when memblock was made. What was printed later takes \(summary(notSystemRAM)) from "
          + "/proc/iomem's System RAM, not from memblock: it is TDX memory, and its block cannot go offline."
      )
    }
    if let first = possibleBorders.first {
      let more = possibleBorders.count > 1 ? " and \(possibleBorders.count - 1) more" : ""
      notes.append(
        "By rule: a border of memblock at \(hex(first))\(more) is possible, not certain: the SRAT's hotplug flag makes it, "
          + "which the kernel drops on nodes where it had reserved memory when it set up NUMA, and on all nodes when boot ends."
      )
    }
    if source == .firmwareMemmap, isMapOfUser {
      notes.append(
        "By rule: /sys/firmware/memmap is what firmware said; it still has memory that mem= or memmap= gave up."
      )
    }
    return notes
  }
}

extension NodeAffinity {
  /// The hot-pluggable entries of the SRAT that held no memory at boot, as far as that shows: ascending and disjoint.
  func windowsEmptyAtBoot(_ memory: [ListedRange]) -> [AddressRange] {
    guard !joins.isEmpty else { return [] }
    let entries = srat.entries.sorted { $0.range.start < $1.range.start }
    let joined = Dictionary(grouping: joins.entries, by: \.node).mapValues { ranges in
      union(ascending: ranges.map(\.range).sorted { $0.start < $1.start })
    }
    var windows: [AddressRange] = []
    for (index, entry) in entries.enumerated() where entry.flags.contains(.hotplug) {
      let hasNeighbour = [index - 1, index + 1].contains { other in
        entries.indices.contains(other) && entries[other].node == entry.node
          && !entries[other].flags.contains(.hotplug) && memory.overlaps(entries[other].range)
      }
      if hasNeighbour, joined[entry.node]?.overlaps(entry.range) != true { windows.append(entry.range) }
    }
    return union(ascending: windows)
  }
}

extension [ListedRange] {
  /// Whether one of ascending, disjoint ranges overlaps another range.
  func overlaps(_ range: AddressRange) -> Bool {
    let next = firstIndex(endingAfter: range.start)
    return next < count && self[next].range.overlaps(range)
  }
}

extension [AddressRange] {
  /// The same.
  fileprivate func overlaps(_ range: AddressRange) -> Bool {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle].end > range.start { high = middle } else { low = middle + 1 }
    }
    return low < count && self[low].overlaps(range)
  }
}
