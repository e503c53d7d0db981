/// The checks of one TDMR by itself.
extension RulesWorkspace {
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
      guard area.size > 0 else { return nullRefusal(index, tdmr, from: slot) }
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

  /// Null entries stand after all others: the last one of a row before one that is not null is refused.
  private func nullRefusal(_ index: Int, _ tdmr: TDMRInfo, from first: Int) -> ModuleRefusal? {
    for slot in first + 1..<max(tdmr.reservedSlots, first + 1) where tdmr.reserved(slot).size > 0 {
      return .nonOrderedReserved(tdmr: index, area: slot - 1)
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
    let levels = PAMTLevel.descending
    for position in levels.indices {
      let level = levels[position]
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
  mutating func convertibleRefusal(_ index: Int, _ tdmr: TDMRInfo) -> ModuleRefusal? {
    let levels = PAMTLevel.descending
    for position in levels.indices where !runs.contain(tdmr.pamtRange(levels[position])) {
      return .pamtOutsideCMRs(tdmr: index, level: levels[position])
    }
    var stretches = AvailableStretches(of: tdmr)
    while let stretch = stretches.next() {
      guard runs.contain(stretch) else { return .tdmrOutsideCMRs(index) }
    }
    return nil
  }
}
