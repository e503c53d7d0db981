import TDXMemory

/// What else than islands may be withheld, and pays where PAMTs or a hole at the base of a TDMR take its areas.
extension Subject {
  /// The pages that cut a TDMR with too many areas in two, and the memory of the smallest TDMRs, each by itself.
  func moves(_ withheld: [AddressRange], _ demand: Demand) -> [[AddressRange]] {
    guard let rest = try? without(withheld), let excess = try? excess(rest, demand), !excess.isEmpty else {
      return []
    }
    return excess.prefix(Self.mostCutTDMRs).flatMap { pagesToCut($0.tdmr, rest) }.map { [$0] }
      + smallestTDMRs(rest)
  }

  private static var mostCutTDMRs: Int { 16 }

  /// The pages on either side of the last, the first and the middle border of a GiB in a TDMR.
  ///
  /// A page withheld there ends the region, and with it the TDMR that Linux opened for it. The holes and PAMTs on either
  /// side then count in a TDMR of their own.
  ///
  ///     TDMR [0, 2 GiB)   |·█████████|███·█·█·█|    · hole, █ memory
  ///     a page withheld   |·████████·|███·█·█·█|    two TDMRs
  ///
  /// All GiBs of a Linux TDMR but the last are of one region, so its holes lie before that region and in the last GiB:
  /// a cut saves the last GiB the hole at the base, and the PAMTs below.
  private func pagesToCut(_ tdmr: AddressRange, _ rest: MemoryMap) -> [AddressRange] {
    let last = tdmr.end - tdmrAlignment
    var borders = [last]
    for border in [tdmr.start + tdmrAlignment, (tdmr.start + tdmr.size / 2).roundedDown(to: tdmrAlignment)]
    where !borders.contains(border) { borders.append(border) }
    return borders.filter { $0 > tdmr.start && $0 < tdmr.end }.flatMap { border in
      [
        AddressRange(unchecked: border - pageSize, border),
        AddressRange(unchecked: border, border + pageSize),
      ]
    }.filter { page in
      let index = rest.firstIndex(endingAfter: page.start)
      return index < rest.endIndex && rest[index].range.contains(page)
    }
  }

  /// All memory of each of the TDMRs with the least: without it there are a TDMR and a PAMT less.
  private func smallestTDMRs(_ rest: MemoryMap) -> [[AddressRange]] {
    let tdmrs = tdmrs(rest, options.placement).tdmrs.map(\.tdmr)
    var walk = MemoryWalk(rest)
    let bytes = tdmrs.map { walk.bytes(in: $0) }
    let most = rest.reduce(0) { $0 + $1.size } / Self.mostShareForTDMRs
    return tdmrs.indices.filter { bytes[$0] > 0 && bytes[$0] <= most }.sorted {
      (bytes[$0], tdmrs[$0].start) < (bytes[$1], tdmrs[$1].start)
    }.prefix(Self.mostDroppedTDMRs).map { memory(in: tdmrs[$0], of: rest) }
  }

  private static var mostDroppedTDMRs: Int { 4 }

  private func memory(in tdmr: AddressRange, of rest: MemoryMap) -> [AddressRange] {
    var ranges: [AddressRange] = []
    for index in rest.firstIndex(endingAfter: max(tdmr.start, lowMemoryEnd))..<rest.endIndex {
      guard let part = rest[index].range.intersection(tdmr) else { break }
      let start = max(part.start, lowMemoryEnd)
      if let last = ranges.last, last.end == start {
        ranges[ranges.count - 1] = AddressRange(unchecked: last.start, part.end)
      } else {
        ranges.append(AddressRange(unchecked: start, part.end))
      }
    }
    return ranges
  }
}
