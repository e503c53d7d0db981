import TDXMemory

/// Blocks going offline and coming back (`memory_block_change_state`).
extension HotplugMachine {
  /// Takes a block offline: it needs a zone, no hole, and nothing in it that cannot move. TDX has no say.
  public mutating func offline(_ block: UInt64) -> HotplugAnswer {
    guard let range = presentBlock(block) else { return .noSuchBlock(block, blockSize.range(of: block)) }
    if isOffline(range) { return .alreadyOffline(block) }
    if let refusal = offlineRefusal(range) { return refusal }
    takeOffline(range)
    return .offlined(range)
  }

  /// What keeps a block from going offline, in the kernel's order.
  func offlineRefusal(_ block: AddressRange) -> HotplugAnswer? {
    var nodes: [UInt32] = []
    var firstHole: AddressRange?
    var position = block.start
    for region in memory(in: block) {
      if region.start > position, firstHole == nil {
        firstHole = AddressRange(unchecked: position, region.start)
      }
      if nodes.last != region.node, !nodes.contains(region.node) { nodes.append(region.node) }
      position = region.end
    }
    if position < block.end, firstHole == nil { firstHole = AddressRange(unchecked: position, block.end) }
    if nodes.count > 1 { return .severalNodes(block, nodes) }
    var zones = zones.zones(of: nodes[0], touching: block)
    if zoneless.contains(block) { zones.append(.movable) }
    if zones.count != 1 { return .severalZones(block, nodes[0], zones) }
    if let firstHole { return .hole(block, first: firstHole) }
    let next = notSystemRAM.firstIndex(ofSorted: { $0.end > block.start })
    if next < notSystemRAM.count, let hole = notSystemRAM[next].intersection(block) {
      return .hole(block, first: hole)
    }
    return pinnedRefusal(block)
  }

  /// What lies in a range and cannot move.
  func pinnedRefusal(_ range: AddressRange) -> HotplugAnswer? {
    if case .on(let taken) = tdx {
      let next = taken.pamts.firstIndex(ofSorted: { $0.range.end > range.start })
      if next < taken.pamts.count, taken.pamts[next].range.overlaps(range) {
        return .pinnedByPAMT(range, pamt: taken.pamts[next].range, tdmr: taken.pamts[next].tdmr)
      }
    }
    return tdPages.first(in: range).map { .pinnedByTD(range, pages: $0) }
  }

  /// Brings a block online. TDX allows it where its list is empty, or where one entry holds the whole block
  /// (`tdx_memory_notifier`).
  ///
  /// - Complexity: a binary search; where zones overlap or shrink, as many steps as blocks are away in the zone.
  public mutating func online(_ block: UInt64, into wanted: OnlineZone = .inherited) -> HotplugAnswer {
    guard let range = presentBlock(block) else { return .noSuchBlock(block, blockSize.range(of: block)) }
    guard isOffline(range) else { return .alreadyOnline(block) }
    var entry: AddressRange?
    if let snapshot = tdx.snapshot {
      let answer = snapshot.answer(range)
      guard answer == .entry else {
        return .notInOneEntry(range, answer, missing: snapshot.firstMissing(in: range))
      }
      entry = snapshot[snapshot.firstEntry(endingAfter: range.start)].range
    }
    let before = left.first { $1.contains(range.start) }?.key
    let zone = zone(for: range, wanted)
    bringOnline(range, zone)
    return .onlined(
      range,
      entry: entry,
      moved: wanted == .inherited && before.map { $0 != zone } ?? false ? zone : nil
    )
  }

  /// Private pages of a TD lie in a range from now on: their blocks stay online until the TD is gone (I).
  public mutating func pin(_ range: AddressRange) -> HotplugAnswer {
    if let refusal = pageRefusal(range) { return refusal }
    guard let snapshot = tdx.snapshot else { return .notInitialized }
    if tdPages.first(in: range) != nil || pinnedRefusal(range) != nil { return .alreadyPinned(range) }
    if let missing = snapshot.firstMissing(in: range) {
      return .noPages(range, missing: missing, .notTDXMemory)
    }
    if let missing = firstHole(in: range) ?? offline.first(in: range) {
      return .noPages(range, missing: missing, .notOnline)
    }
    if let missing = movable.first(in: range) { return .noPages(range, missing: missing, .movable) }
    tdPages.insert(range)
    return .pinned(range)
  }

  /// The TD is gone, and its pages are free.
  public mutating func unpin(_ range: AddressRange) -> HotplugAnswer {
    if let refusal = pageRefusal(range) { return refusal }
    guard tdPages.firstMissing(in: range) == nil else { return .notPinned(range) }
    tdPages.remove(range)
    return .unpinned(range)
  }

  private func pageRefusal(_ range: AddressRange) -> HotplugAnswer? {
    if range.isEmpty { return .empty(range) }
    return (range.start | range.end).isMultiple(ofPowerOfTwo: pageSize) ? nil : .notPages(range)
  }

  /// The first bytes of a range that are not memory.
  func firstHole(in range: AddressRange) -> AddressRange? {
    var position = range.start
    for region in memory(in: range) {
      if region.start > position { return AddressRange(unchecked: position, region.start) }
      position = region.end
    }
    return position < range.end ? AddressRange(unchecked: position, range.end) : nil
  }
}

extension TDXSnapshot {
  /// The first bytes of a range that are not in the snapshot.
  public func firstMissing(in range: AddressRange) -> AddressRange? {
    var position = range.start
    var index = firstEntry(endingAfter: position)
    while index < count, position < range.end {
      if start(index) > position { return AddressRange(unchecked: position, min(start(index), range.end)) }
      position = end(index)
      index += 1
    }
    return position < range.end ? AddressRange(unchecked: position, range.end) : nil
  }
}
