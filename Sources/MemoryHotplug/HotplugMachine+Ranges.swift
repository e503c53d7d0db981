import TDXMemory

/// Memory that is added and removed, and questions about ranges (mm/memory_hotplug.c, mm/memblock.c).
extension HotplugMachine {
  /// Nodes that an x86-64 kernel can have (`MAX_NUMNODES`).
  public static let maxNodes: UInt64 = 1024

  /// Adds memory: its blocks exist from now on, offline, and memblock has it before any of them is online. TDX has
  /// no say.
  public mutating func add(_ range: AddressRange, node: UInt64) -> HotplugAnswer {
    if let refusal = blockRefusal(range) { return refusal }
    guard node < Self.maxNodes else { return .noSuchNode(node) }
    let place = firstRegion(endingAfter: range.start)
    if place < memory.count, memory[place].start < range.end { return .alreadyMemory(range, memory[place]) }
    let region = insert(MemoryRegion(range, node: UInt32(node)), at: place)
    offline.insert(range)
    zones.add(range, of: UInt32(node))
    let allowed = tdx.snapshot?.wholeBlocks(of: blockSize, in: range) ?? [range]
    let allowedBlocks = allowed.reduce(0) { $0 + blockSize.block(of: $1.size) }
    if let autoOnline {
      // No memory is between them, so all blocks go where the first one goes.
      let zone = zone(for: range, autoOnline)
      for part in allowed { bringOnline(part, zone) }
    }
    return .added(
      range,
      region: region,
      blocks: blockSize.block(of: range.size),
      allowedBlocks: tdx.snapshot == nil ? nil : allowedBlocks,
      onlineBlocks: autoOnline == nil ? nil : allowedBlocks
    )
  }

  /// What becomes of added memory by itself from now on: a write to `auto_online_blocks`.
  public mutating func setAutoOnline(_ zone: OnlineZone?) -> HotplugAnswer {
    autoOnline = zone
    return .autoOnlineSet(zone)
  }

  /// Puts a region into memblock. Neighbours that it touches become one with it where node and flags are equal
  /// (`memblock_merge_regions`).
  private mutating func insert(_ region: MemoryRegion, at place: Int) -> MemoryRegion {
    var (low, high) = (place, place)
    var (start, end) = (region.start, region.end)
    func joins(_ other: MemoryRegion) -> Bool { other.node == region.node && other.flags == region.flags }
    if place > 0, memory[place - 1].end == start, joins(memory[place - 1]) {
      low = place - 1
      start = memory[low].start
    }
    if place < memory.count, memory[place].start == end, joins(memory[place]) {
      high = place + 1
      end = memory[place].end
    }
    let joined = MemoryRegion(start: start, end: end, node: region.node, flags: region.flags)
    memory.replaceSubrange(low..<high, with: CollectionOfOne(joined))
    return joined
  }

  /// Removes memory whose blocks are all offline. memblock loses it, the snapshot of TDX does not.
  public mutating func remove(_ range: AddressRange) -> HotplugAnswer {
    if let refusal = blockRefusal(range) { return refusal }
    if let absent = firstAbsentBlock(in: range) {
      return .noSuchBlock(absent, blockSize.range(of: absent))
    }
    if let online = offline.firstMissing(in: range) {
      let block = blockSize.block(of: online.start)
      return .stillOnline(block, blockSize.range(of: block) ?? online)
    }
    takeAway(range)
    return .removed(range)
  }

  private mutating func takeAway(_ range: AddressRange) {
    let nodes = cut(range)
    offline.remove(range)
    for zone in Zone.allCases { left[zone]?.remove(range) }
    let place = firstRegion(endingAfter: range.end)
    for node in nodes { zones.remove(range, of: node, from: memory, before: place) }
  }

  /// Ejects memory as ACPI does with a DIMM (`acpi_scan_hot_remove`): every block of it that goes offline is taken
  /// offline, then all of it is removed. If one block does not go, those that were taken are brought back online, which
  /// TDX may refuse like any other; and a block that was at the edge of its zone comes back in another.
  public mutating func eject(_ range: AddressRange) -> HotplugAnswer {
    if let refusal = blockRefusal(range) { return refusal }
    if let absent = firstAbsentBlock(in: range) {
      return .noSuchBlock(absent, blockSize.range(of: absent))
    }
    var taken = RangeSet<UInt64>()
    var count: UInt64 = 0
    var failure: HotplugAnswer?
    for block in blockSize.block(of: range.start)...blockSize.block(of: range.end - 1) {
      switch offline(block) {
      case .offlined(let bytes):
        taken.insert(bytes)
        count += 1
      case .alreadyOffline: break
      case let refusal: failure = failure ?? refusal
      }
    }
    guard let failure else {
      takeAway(range)
      return .ejected(range, taken: count)
    }
    var lost: UInt64 = 0
    for bytes in taken.ranges {
      for block in blockSize.block(of: bytes.lowerBound)...blockSize.block(of: bytes.upperBound - 1)
      where online(block).outcome != .ok { lost += 1 }
    }
    return .ejectFailed(range, because: failure, lost: lost)
  }

  private func firstAbsentBlock(in range: AddressRange) -> UInt64? {
    var next = blockSize.block(of: range.start)
    for region in memory(in: range) {
      if blockSize.block(of: region.start) > next { return next }
      next = blockSize.block(of: region.end - 1) + 1
    }
    return next <= blockSize.block(of: range.end - 1) ? next : nil
  }

  /// Takes a range out of memblock; what is left of regions at its borders stays.
  ///
  /// - Returns: the nodes whose memory it was.
  private mutating func cut(_ range: AddressRange) -> Set<UInt32> {
    let low = firstRegion(endingAfter: range.start)
    var high = low
    var rest: [MemoryRegion] = []
    var nodes: Set<UInt32> = []
    while high < memory.count, memory[high].start < range.end {
      let region = memory[high]
      nodes.insert(region.node)
      if region.start < range.start {
        rest.append(
          MemoryRegion(start: region.start, end: range.start, node: region.node, flags: region.flags)
        )
      }
      if region.end > range.end {
        rest.append(MemoryRegion(start: range.end, end: region.end, node: region.node, flags: region.flags))
      }
      high += 1
    }
    memory.replaceSubrange(low..<high, with: rest)
    return nodes
  }

  private func blockRefusal(_ range: AddressRange) -> HotplugAnswer? {
    if range.isEmpty { return .empty(range) }
    return blockSize.isAligned(range) ? nil : .notBlockAligned(range, blockSize)
  }

  /// Whether a range is TDX memory.
  public func query(_ range: AddressRange) -> HotplugAnswer {
    guard let snapshot = tdx.snapshot else { return .notInitialized }
    let first = snapshot.firstEntry(endingAfter: range.start)
    switch snapshot.answer(range) {
    case .entry: return .insideEntry(snapshot[first].range)
    case .union:
      let last = snapshot.firstEntry(endingAfter: range.end - 1)
      return .insideUnion(
        first: snapshot[first].range,
        last: snapshot[last].range,
        count: last - first + 1
      )
    case .partly: return .partlyInside(missing: snapshot.firstMissing(in: range) ?? range)
    case .outside: return .outsideSnapshot
    }
  }

  /// What the check would say that was proposed in 2024 and not merged: the whole range must be inside one entry when
  /// it is added (`virt/tdx: Reject hot-adding memory range`). It asks nothing of blocks, and changes nothing.
  public func checkAdd(_ range: AddressRange) -> HotplugAnswer {
    if let refusal = blockRefusal(range) { return refusal }
    guard let snapshot = tdx.snapshot else { return .addCheckPasses(range, entry: nil) }
    let answer = snapshot.answer(range)
    if answer == .entry {
      return .addCheckPasses(range, entry: snapshot[snapshot.firstEntry(endingAfter: range.start)].range)
    }
    return .addCheckRefuses(
      range,
      answer,
      blocks: blockSize.block(of: range.size),
      allowedBlocks: snapshot.wholeBlocks(of: blockSize, in: range).reduce(0) {
        $0 + blockSize.block(of: $1.size)
      }
    )
  }
}

extension TDXSnapshot {
  /// The blocks of a range that lie inside one entry each, those that the merged check lets online: ascending, disjoint.
  func wholeBlocks(of size: BlockSize, in range: AddressRange) -> [AddressRange] {
    var blocks: [AddressRange] = []
    var index = firstEntry(endingAfter: range.start)
    while index < count, start(index) < range.end {
      let first = max(start(index), range.start).roundedUp(to: size.bytes) ?? .max
      let end = min(end(index), range.end).roundedDown(to: size.bytes)
      if first < end { blocks.append(AddressRange(unchecked: first, end)) }
      index += 1
    }
    return blocks
  }
}
