import TDXMemory

/// Which zone a block is brought online into.
public enum OnlineZone: String, Sendable {
  /// The one that its surroundings have (`online`).
  case inherited
  /// `online_kernel`.
  case kernel
  /// `online_movable`.
  case movable
}

/// The zones of blocks that leave and come back (`zone_for_pfn_range`, `shrink_zone_span`).
extension HotplugMachine {
  /// The zone that all memory of a block is in; nil where the block is absent or offline, or has no zone.
  public func zone(of block: UInt64) -> Zone? {
    guard let range = presentBlock(block), !isOffline(range) else { return nil }
    switch offlineRefusal(range) {
    case .severalNodes, .severalZones: return nil
    default: return zone(ofOnline: range)
    }
  }

  private func zone(ofOnline block: AddressRange) -> Zone {
    if movable.contains(block.start) { return .movable }
    return block.start >= Zone.normal.limits.start || lowNormal.contains(block.start) ? .normal : .dma32
  }

  /// The block leaves its zone, whose span shrinks if the block was at its edge.
  mutating func takeOffline(_ block: AddressRange) {
    left[zone(ofOnline: block), default: RangeSet()].insert(block)
    offline.insert(block)
    movable.remove(block)
    lowNormal.remove(block)
  }

  mutating func bringOnline(_ block: AddressRange, _ zone: Zone) {
    // Not by its keys: who holds those holds a copy, and each removal would copy all ranges.
    for zone in Zone.allCases { left[zone]?.remove(block) }
    offline.remove(block)
    if zone == .movable { movable.insert(block) }
    if zone == .normal, block.start < Zone.normal.limits.start { lowNormal.insert(block) }
  }

  /// The zone that an offline block goes to.
  ///
  /// A kernel's zone is the first whose span the block touches, and Normal where it touches none. Without a wish the block
  /// goes where it is spanned: if by both or by neither, to the kernel's zone.
  func zone(for block: AddressRange, _ wanted: OnlineZone) -> Zone {
    if wanted == .movable { return .movable }
    guard let node = memory(in: block).first(where: { _ in true })?.node else { return .normal }
    let isLow = block.start < Zone.normal.limits.start
    let kernel: Zone = isLow && spans(.dma32, block, node) ? .dma32 : .normal
    if wanted == .kernel || movable.isEmpty || !spans(.movable, block, node) { return kernel }
    return spans(kernel, block, node) ? kernel : .movable
  }

  /// Whether the span of a zone, from its first to its last online page, goes over a block that is not in it.
  private func spans(_ zone: Zone, _ block: AddressRange, _ node: UInt32) -> Bool {
    let limits = limits(of: zone)
    let below = memory[..<min(firstRegion(endingAfter: block.start) + 1, memory.count)].reversed().lazy
      .prefix { $0.end > limits.start }
    let above = memory[firstRegion(endingAfter: block.end)...].lazy.prefix { $0.start < limits.end }
    return below.contains {
      $0.node == node
        && has(zone, in: AddressRange(from: $0.start, to: min($0.end, block.start)))
    }
      && above.contains {
        $0.node == node
          && has(zone, in: AddressRange(from: max($0.start, block.end), to: $0.end))
      }
  }

  /// Where pages of a zone may be: blocks below 4 GiB come back as Normal, too.
  private func limits(of zone: Zone) -> AddressRange {
    zone == .normal && !lowNormal.isEmpty ? Zone.movable.limits : zone.limits
  }

  /// Whether memory of a node has a block that is online and in a zone.
  ///
  /// - Parameter range: nil where there is nothing on that side.
  /// - Complexity: as many steps as the range has stretches that are offline, whatever the number of blocks.
  private func has(_ zone: Zone, in range: AddressRange?) -> Bool {
    guard let range = range.flatMap(limits(of: zone).intersection), !range.isEmpty else { return false }
    let start = range.start.roundedDown(to: blockSize.bytes)
    let end = range.end.roundedUp(to: blockSize.bytes) ?? .max
    // These lie in several zones.
    if start == 0, let first = blockSize.range(of: 0), !isOffline(first) { return true }
    var several = zoneless.firstIndex(ofSorted: { $0.start >= start })
    while several < zoneless.count, zoneless[several].start < end {
      if !isOffline(zoneless[several]) { return true }
      several += 1
    }
    let gone = offline.ranges
    var next = gone.firstIndex(ofSorted: { $0.upperBound > start })
    var position = start
    while position < end {
      let online = AddressRange(
        unchecked: position,
        next < gone.count ? max(min(gone[next].lowerBound, end), position) : end
      )
      if hasBlock(of: zone, in: online) { return true }
      position = next < gone.count ? gone[next].upperBound : end
      next += 1
    }
    return false
  }

  /// Whether a block that starts in a range of online blocks is in a zone.
  private func hasBlock(of zone: Zone, in online: AddressRange) -> Bool {
    let border = Zone.normal.limits.start
    let low = AddressRange(unchecked: min(online.start, border), min(online.end, border))
    let high = AddressRange(unchecked: max(online.start, border), max(online.end, border))
    switch zone {
    case .movable: return movable.hasStart(of: blockSize, in: online)
    case .normal: return lowNormal.first(in: low) != nil || movable.lacksStart(of: blockSize, in: high)
    case .dma, .dma32:
      // At most 32 blocks.
      return stride(from: low.start, to: low.end, by: UInt64.Stride(blockSize.bytes)).contains {
        !movable.contains($0) && !lowNormal.contains($0)
      }
    }
  }
}

extension RangeSet where Bound == UInt64 {
  /// Whether a block starts in the set and in a range.
  fileprivate func hasStart(of size: BlockSize, in range: AddressRange) -> Bool {
    let all = ranges
    var next = all.firstIndex(ofSorted: { $0.upperBound > range.start })
    while next < all.count, all[next].lowerBound < range.end {
      // Nearly all are whole blocks.
      if let start = max(all[next].lowerBound, range.start).roundedUp(to: size.bytes),
        start < min(all[next].upperBound, range.end)
      {
        return true
      }
      next += 1
    }
    return false
  }

  /// Whether a block starts in a range and not in the set.
  fileprivate func lacksStart(of size: BlockSize, in range: AddressRange) -> Bool {
    let all = ranges
    var next = all.firstIndex(ofSorted: { $0.upperBound > range.start })
    var position = range.start
    while let start = position.roundedUp(to: size.bytes), start < range.end {
      guard next < all.count, all[next].lowerBound <= start else { return true }
      position = all[next].upperBound
      next += 1
    }
    return false
  }
}
