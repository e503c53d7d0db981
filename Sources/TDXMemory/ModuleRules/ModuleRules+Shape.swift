/// The checks of one TDMR by itself.
extension ModuleRules {
  /// The checks of range, reserved areas and PAMT shape (A, B, C), in the module's order.
  func shapeRefusal(
    _ index: Int,
    _ tdmrs: TDMRInfoTable,
    _ configuration: ModuleConfiguration,
    _ addresses: AddressLimit
  ) -> ModuleRefusal? {
    let tdmr = tdmrs[index]
    let previous = index > 0 ? tdmrs[index - 1] : nil
    return rangeRefusal(index, tdmr, after: previous, addresses)
      ?? reservedRefusal(index, tdmr)
      ?? pamtRefusal(index, tdmr, configuration, addresses)
  }

  private func rangeRefusal(
    _ index: Int,
    _ tdmr: TDMRInfo,
    after previous: TDMRInfo?,
    _ addresses: AddressLimit
  ) -> ModuleRefusal? {
    let (end, wraps) = tdmr.base.addingReportingOverflow(tdmr.size)
    if wraps { return .invalidTDMR(index) }
    // The previous TDMR has passed: its end does not wrap, and its size is not 0.
    if let previous, tdmr.base < previous.base + previous.size { return .nonOrderedTDMR(index) }
    guard (tdmr.base | tdmr.size).isMultiple(ofPowerOfTwo: tdmrAlignment), tdmr.size > 0,
      addresses.allows(tdmr.base), addresses.allows(end - 1)
    else { return .invalidTDMR(index) }
    return nil
  }

  private func reservedRefusal(_ index: Int, _ tdmr: TDMRInfo) -> ModuleRefusal? {
    var previousEnd: UInt64 = 0
    for slot in 0..<tdmr.reservedSlots {
      let area = tdmr.reserved(slot)
      guard area.size > 0 else {
        if slot + 1 < tdmr.reservedSlots, tdmr.reserved(slot + 1).size > 0 {
          return .nonOrderedReserved(tdmr: index, area: slot)
        }
        continue
      }
      let (end, wraps) = area.offset.addingReportingOverflow(area.size)
      if wraps { return .invalidReserved(tdmr: index, area: slot) }
      if area.offset < previousEnd { return .nonOrderedReserved(tdmr: index, area: slot) }
      guard (area.offset | area.size).isMultiple(ofPowerOfTwo: pageSize), end <= tdmr.size else {
        return .invalidReserved(tdmr: index, area: slot)
      }
      previousEnd = end
    }
    return nil
  }

  private func pamtRefusal(
    _ index: Int,
    _ tdmr: TDMRInfo,
    _ configuration: ModuleConfiguration,
    _ addresses: AddressLimit
  ) -> ModuleRefusal? {
    let needed = PAMTSizes(
      tdmrSize: tdmr.size,
      entryBytes: configuration.limits.pamtEntryBytes,
      dynamic: configuration.dynamicPAMT
    )
    for level in [PAMTLevel.page1G, .page2M, .page4K] {
      let (base, size) = tdmr.pamt(level)
      let (end, wraps) = base.addingReportingOverflow(size)
      // The module wants (TDMR size / page size) x entry size; sizes are whole pages, so rounding that up to
      // whole pages changes nothing.
      guard !wraps, (base | size).isMultiple(ofPowerOfTwo: pageSize), addresses.allows(base),
        size == 0 || addresses.allows(end - 1), size >= needed[level]
      else { return .invalidPAMT(tdmr: index, level: level) }
    }
    return nil
  }

  /// The checks against CMRs (F, G): the PAMTs, then each stretch that is not reserved.
  func convertibleRefusal(_ index: Int, _ tdmr: TDMRInfo) -> ModuleRefusal? {
    for level in [PAMTLevel.page1G, .page2M, .page4K] where !runs.contain(tdmr.pamtRange(level)) {
      return .pamtOutsideCMRs(tdmr: index, level: level)
    }
    var stretches = AvailableStretches(of: tdmr)
    while let stretch = stretches.next() {
      guard runs.contain(stretch) else { return .tdmrOutsideCMRs(index) }
    }
    return nil
  }
}

extension TDMRInfo {
  /// One PAMT as a range.
  ///
  /// - Precondition: its shape has been checked: it does not wrap.
  func pamtRange(_ level: PAMTLevel) -> AddressRange {
    let (base, size) = pamt(level)
    return AddressRange(unchecked: base, base + size)
  }
}

/// The memory of a TDMR that is not reserved, by address: the maximal stretches between reserved areas.
///
/// - Precondition: the TDMR's shape has been checked.
struct AvailableStretches {
  private let tdmr: TDMRInfo
  private var slot = 0
  private var position: UInt64

  init(of tdmr: TDMRInfo) {
    self.tdmr = tdmr
    position = tdmr.base
  }

  mutating func next() -> AddressRange? {
    while slot < tdmr.reservedSlots {
      let (offset, size) = tdmr.reserved(slot)
      // Null entries stand after all others.
      guard size > 0 else { break }
      slot += 1
      let (start, areaStart) = (position, tdmr.base + offset)
      position = areaStart + size
      if start < areaStart { return AddressRange(unchecked: start, areaStart) }
    }
    slot = tdmr.reservedSlots
    let (start, end) = (position, tdmr.base + tdmr.size)
    position = end
    return start < end ? AddressRange(unchecked: start, end) : nil
  }
}
