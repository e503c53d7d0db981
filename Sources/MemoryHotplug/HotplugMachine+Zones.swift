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
    for zone in left.keys { left[zone]?.remove(block) }
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
        && has(zone, in: AddressRange(from: $0.start, to: min($0.end, block.start)), fromTop: true)
    }
      && above.contains {
        $0.node == node
          && has(zone, in: AddressRange(from: max($0.start, block.end), to: $0.end), fromTop: false)
      }
  }

  /// Where pages of a zone may be: blocks below 4 GiB come back as Normal, too.
  private func limits(of zone: Zone) -> AddressRange {
    zone == .normal && !lowNormal.isEmpty ? Zone.movable.limits : zone.limits
  }

  /// Whether memory of a node has a block that is online and in a zone.
  ///
  /// - Parameter range: nil where there is nothing on that side.
  private func has(_ zone: Zone, in range: AddressRange?, fromTop: Bool) -> Bool {
    guard let range = range.flatMap(limits(of: zone).intersection), !range.isEmpty else { return false }
    let (first, last) = (blockSize.block(of: range.start), blockSize.block(of: range.end - 1))
    func isIn(_ block: UInt64) -> Bool {
      guard let bytes = blockSize.range(of: block), !isOffline(bytes) else { return false }
      return zone == self.zone(ofOnline: bytes) || block == 0 || zoneless.contains(bytes)
    }
    return fromTop ? (first...last).reversed().contains(where: isIn) : (first...last).contains(where: isIn)
  }
}
