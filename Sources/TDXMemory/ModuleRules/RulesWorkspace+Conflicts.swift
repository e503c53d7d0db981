/// The checks of TDMRs against each other: PAMT against PAMT (D), PAMT against available memory (E).
extension RulesWorkspace {
  /// The conflict that the module's loops meet first, among the first `count` TDMRs, whose shapes are sound.
  ///
  /// The module meets a conflict at the later of its two TDMRs. So the first conflict is at the last TDMR of the
  /// shortest prefix of the table that has any.
  mutating func firstConflict(_ tdmrs: TDMRInfoTable, count: Int) -> ModuleRefusal? {
    let byAddress = sortedPAMTs(tdmrs, count)
    guard hasConflict(tdmrs, count, byAddress) else { return nil }
    var (without, with) = (0, count)
    while with - without > 1 {
      let middle = (without + with) / 2
      if hasConflict(tdmrs, middle, byAddress) { with = middle } else { without = middle }
    }
    return conflict(at: with - 1, tdmrs)
  }

  /// Every PAMT of the first `count` TDMRs, by address.
  private mutating func sortedPAMTs(
    _ tdmrs: TDMRInfoTable,
    _ count: Int
  ) -> UnsafeMutableBufferPointer<PAMTSpan> {
    pamts.reserve(3 * count)
    sparePAMTs.reserve(3 * count)
    let levels = PAMTLevel.ascending
    for index in 0..<count {
      let tdmr = tdmrs[index]
      for level in levels.indices {
        let position = 3 * index + level
        pamts[position] = PAMTSpan(range: tdmr.pamtRange(levels[level]), position: position)
      }
    }
    return radixSorted(
      UnsafeMutableBufferPointer(start: pamts.base, count: 3 * count),
      spare: UnsafeMutableBufferPointer(start: sparePAMTs.base, count: 3 * count)
    )
  }

  /// Whether any PAMT of the first `count` TDMRs overlaps another, or available memory, of one of them: one sweep
  /// over both by address.
  private func hasConflict(
    _ tdmrs: TDMRInfoTable,
    _ count: Int,
    _ byAddress: UnsafeMutableBufferPointer<PAMTSpan>
  ) -> Bool {
    var previousEnd: UInt64 = 0
    var reserved = ReservedCursor(tdmrs, count: count)
    for pamt in byAddress where pamt.position < 3 * count && !pamt.range.isEmpty {
      if pamt.range.start < previousEnd || reserved.meetsAvailableMemory(pamt.range) { return true }
      previousEnd = pamt.range.end
    }
    return false
  }

  /// The module's loops for TDMR `index`: levels in the order 4K, 2M, 1G.
  private func conflict(at index: Int, _ tdmrs: TDMRInfoTable) -> ModuleRefusal? {
    let new = tdmrs[index]
    for other in 0..<index {
      for level in PAMTLevel.allCases {
        for otherLevel in PAMTLevel.allCases
        where new.pamtRange(level).overlaps(tdmrs[other].pamtRange(otherLevel)) {
          return .pamtOverlap(tdmr: index, level: level, other: other)
        }
      }
    }
    for level in PAMTLevel.allCases {
      for higher in PAMTLevel.allCases
      where higher.rawValue > level.rawValue && new.pamtRange(level).overlaps(new.pamtRange(higher)) {
        return .pamtOverlap(tdmr: index, level: level, other: index)
      }
    }
    for other in 0...index {
      if let level = firstPAMT(of: new, inAvailableMemoryOf: tdmrs[other]) {
        return .pamtOverlap(tdmr: index, level: level, other: other)
      }
      if other < index, let level = firstPAMT(of: tdmrs[other], inAvailableMemoryOf: new) {
        return .pamtOverlap(tdmr: other, level: level, other: index)
      }
    }
    return nil
  }

  private func firstPAMT(of tdmr: TDMRInfo, inAvailableMemoryOf other: TDMRInfo) -> PAMTLevel? {
    PAMTLevel.allCases.first { level in
      let pamt = tdmr.pamtRange(level)
      var stretches = AvailableStretches(of: other)
      while let stretch = stretches.next() {
        if stretch.overlaps(pamt) { return true }
      }
      return false
    }
  }
}
