/// Writes the holes of TDMRs as reserved areas, TDMR after TDMR.
protocol HoleWriter {
  /// Writes the holes of a TDMR by address, behind the `used` areas that are there.
  ///
  /// - Parameters:
  ///   - next: the TDMR after it.
  ///   - isRun: whether the regions that end in the TDMR are known to touch.
  ///   - room: how many areas the entry has room for, whatever the limit; not fewer than `most`.
  ///   - most: how many areas there may be.
  /// - Returns: how many areas there are then; more than `most` where there are too many, or one is not on page
  ///   borders. Areas behind the last one may have been written to, as far as there is room.
  mutating func writeHoles(
    of tdmr: PlannedTDMR,
    next: PlannedTDMR,
    isRun: Bool,
    to areas: UnsafeMutablePointer<ReservedArea>,
    behind used: Int,
    room: Int,
    most: Int
  ) -> Int

  /// No less than the holes that a TDMR has.
  func mostHoles(in tdmr: PlannedTDMR, next: PlannedTDMR) -> Int

  /// Which error Linux reports for a TDMR whose areas are too many, or not on page borders.
  func failure(in tdmr: PlannedTDMR, most: Int) -> PlanFailure
}

/// What `writeHoles` returns where it cannot.
private let tooMany = Int.max

/// `linux`: holes are what lies between memory regions.
struct RegionHoles: HoleWriter {
  let memory: TDXMemoryList

  @inline(__always)
  mutating func writeHoles(
    of tdmr: PlannedTDMR,
    next: PlannedTDMR,
    isRun: Bool,
    to areas: UnsafeMutablePointer<ReservedArea>,
    behind used: Int,
    room: Int,
    most: Int
  ) -> Int {
    let inner = next.opener &- tdmr.opener &- 1
    guard inner <= Self.few, used &+ inner &+ 2 <= room else {
      return writeManyHoles(of: tdmr, next: next, isRun: isRun, to: areas, behind: used, most: most)
    }
    // Each step writes an area, and keeps it only where there is a hole. With room for all of them nothing else has to
    // be asked.
    let start = tdmr.start
    var area = areas + used
    var region = memory.regions + tdmr.opener
    let last = memory.regions + next.opener
    // The first region may start in the TDMR before, that of the list below the first MiB.
    let first = max(region.pointee.start, lowMemoryEnd, start)
    area.pointee = ReservedArea(offset: 0, size: first &- start)
    area += first == start ? 0 : 1
    var before = region.pointee.end
    region += 1
    while region < last {
      let hole = region.pointee.start &- before
      area.pointee = ReservedArea(offset: before &- start, size: hole)
      area += hole == 0 ? 0 : 1
      before = region.pointee.end
      region += 1
    }
    // The next TDMR's first region may start in this one.
    let end = next.opener < memory.count ? min(region.pointee.start, tdmr.end) : tdmr.end
    area.pointee = ReservedArea(offset: before &- start, size: end &- before)
    area += end == before ? 0 : 1
    return area - areas
  }

  /// Up to so many regions behind the one that opened the TDMR.
  private static let few = 32

  @inline(never)
  private func writeManyHoles(
    of tdmr: PlannedTDMR,
    next: PlannedTDMR,
    isRun: Bool,
    to areas: UnsafeMutablePointer<ReservedArea>,
    behind used: Int,
    most: Int
  ) -> Int {
    var used = used
    let first = memory.start(tdmr.opener)
    if first > tdmr.start {
      guard used < most else { return tooMany }
      areas[used] = ReservedArea(offset: 0, size: first &- tdmr.start)
      used &+= 1
    }
    if !isRun, next.opener &- tdmr.opener > 1 {
      used = writeInnerHoles(of: tdmr, to: next.opener, to: areas, behind: used, most: most)
      guard used <= most else { return tooMany }
    }
    // The next TDMR's first region may start in this one.
    let last = memory.regions[next.opener &- 1].end
    let end = next.opener < memory.count ? min(memory.regions[next.opener].start, tdmr.end) : tdmr.end
    if last < end {
      guard used < most else { return tooMany }
      areas[used] = ReservedArea(offset: last &- tdmr.start, size: end &- last)
      used &+= 1
    }
    return used
  }

  /// Writes the holes between the regions from the TDMR's opener to `end`.
  ///
  /// Each step writes an area, and keeps it only where there is a hole: whether there is one is the toss of a coin in
  /// the worst case, and a branch that is mispredicted costs as much as three steps. Where regions touch, long runs
  /// of them are passed over eight at a time; vectors would gain nothing, since they wait for memory as well.
  ///
  /// - Returns: how many areas there are then; more than `most` where there are too many.
  private func writeInnerHoles(
    of tdmr: PlannedTDMR,
    to end: Int,
    to areas: UnsafeMutablePointer<ReservedArea>,
    behind used: Int,
    most: Int
  ) -> Int {
    let regions = memory.regions
    var used = used
    var index = tdmr.opener &+ 1
    while index < end {
      if regions[index].start == regions[index &- 1].end {
        index &+= 1
        while end &- index >= 8, memory.eightTouch(from: index) { index &+= 8 }
        continue
      }
      // No more steps than areas that there may be: none is written behind the last one.
      let stop = index &+ min(end &- index, most &- used, 16)
      guard index < stop else { return tooMany }
      var before = regions[index &- 1].end
      var area = areas + used
      while index < stop {
        let start = regions[index].start
        area.pointee = ReservedArea(offset: before &- tdmr.start, size: start &- before)
        area += start == before ? 0 : 1
        before = regions[index].end
        index &+= 1
      }
      used = area - areas
    }
    return used
  }

  func mostHoles(in tdmr: PlannedTDMR, next: PlannedTDMR) -> Int { next.opener - tdmr.opener + 1 }

  /// Regions are on page borders, so holes are, too.
  func failure(in tdmr: PlannedTDMR, most: Int) -> PlanFailure { .reservedAreasExhausted(tdmr: tdmr.range) }
}

/// `linux-cmr`: holes are what lies between CMRs.
struct ConvertibleHoles: HoleWriter {
  private let convertible: UnsafeBufferPointer<AddressRange>
  /// The CMRs before it end before the TDMRs that are still to come.
  private var first = 0

  /// - Parameter start: where the first TDMR starts.
  init(between convertible: UnsafeBufferPointer<AddressRange>, from start: UInt64) {
    self.convertible = convertible
    var high = convertible.count
    while first < high {
      let middle = (first + high) / 2
      if convertible[middle].end > start { high = middle } else { first = middle + 1 }
    }
  }

  @inline(__always)
  mutating func writeHoles(
    of tdmr: PlannedTDMR,
    next: PlannedTDMR,
    isRun: Bool,
    to areas: UnsafeMutablePointer<ReservedArea>,
    behind used: Int,
    room: Int,
    most: Int
  ) -> Int {
    while first < convertible.count, convertible[first].end <= tdmr.start { first &+= 1 }
    var used = used
    let last = eachHole(of: tdmr) { hole in
      guard used < most, hole.isPageAligned else { return false }
      areas[used] = ReservedArea(offset: hole.start &- tdmr.start, size: hole.size)
      used &+= 1
      return true
    }
    guard let last else { return tooMany }
    first = last
    return used
  }

  func mostHoles(in tdmr: PlannedTDMR, next: PlannedTDMR) -> Int {
    var count = 0
    _ = eachHole(of: tdmr) { _ in
      count += 1
      return true
    }
    return count
  }

  /// Linux adds the holes by address and then the PAMTs (`tdmr_populate_rsvd_holes`, `tdmr_populate_rsvd_pamts`), and
  /// looks at an area's alignment before it looks at the limit.
  func failure(in tdmr: PlannedTDMR, most: Int) -> PlanFailure {
    var failure = PlanFailure.reservedAreasExhausted(tdmr: tdmr.range)
    var count = 0
    _ = eachHole(of: tdmr) { hole in
      if !hole.isPageAligned { failure = .reservedAreaNotAligned(tdmr: tdmr.range, area: hole) }
      count += 1
      return hole.isPageAligned && count <= most
    }
    return failure
  }

  /// Calls `body` with each hole by address, until it returns false.
  ///
  /// - Returns: the last CMR that starts below the TDMR's end, or `first`; nil where `body` returned false.
  @inline(__always)
  private func eachHole(of tdmr: PlannedTDMR, _ body: (AddressRange) -> Bool) -> Int? {
    var index = first
    var covered = tdmr.start
    while index < convertible.count, convertible[index].start < tdmr.end {
      let start = convertible[index].start
      if start > covered, !body(AddressRange(unchecked: covered, start)) { return nil }
      covered = convertible[index].end
      index &+= 1
    }
    if covered < tdmr.end, !body(AddressRange(unchecked: covered, tdmr.end)) { return nil }
    return max(index &- 1, first)
  }
}

extension AddressRange {
  @inline(__always)
  fileprivate var isPageAligned: Bool { (start | end).isMultiple(ofPowerOfTwo: pageSize) }
}
