extension PlanWorkspace {
  /// Writes the entries with their reserved areas (`tdmrs_populate_rsvd_areas_all`): in one sweep over the ranges
  /// and the PAMTs, both by address, so that nothing is sorted per TDMR.
  ///
  /// - Parameter ranges: what is not a hole: the memory list, or the CMRs.
  /// - Throws: what Linux would find first: `reservedAreaNotAligned` or `reservedAreasExhausted`.
  func writeEntries(
    holesBetween ranges: some AscendingRanges,
    to entries: inout EntryWriter
  ) throws(PlanFailure) {
    var chunks = ChunkCursor(tdmrs: tdmrs.base, byAddress: sortedChunks())
    var range = 0
    for index in 0..<tdmrCount {
      let tdmr = tdmrs[index]
      entryOffsets[index] = entries.offset
      entries.begin(tdmr)
      while range < ranges.count, ranges.end(range) <= tdmr.range.start { range += 1 }
      var holes = Holes(in: tdmr.range, between: ranges, from: range)
      var fits = true
      while fits {
        let hole = holes.next()
        while fits, let pamt = chunks.next(in: tdmr.range, below: hole?.start ?? tdmr.range.end) {
          fits = entries.add(pamt)
        }
        guard let hole else { break }
        fits = fits && hole.isPageAligned && entries.add(hole)
      }
      guard fits else {
        throw failure(in: tdmr.range, between: ranges, from: range, limit: entries.maxReserved)
      }
      entries.end()
      range = holes.range
    }
    entryOffsets[tdmrCount] = entries.offset
  }

  /// Which error Linux reports for a TDMR: it adds the holes by address and then the PAMTs (`tdmr_populate_rsvd_holes`,
  /// `tdmr_populate_rsvd_pamts`), and looks at an area's alignment before it looks at the limit.
  private func failure(
    in tdmr: AddressRange,
    between ranges: some AscendingRanges,
    from range: Int,
    limit: Int
  ) -> PlanFailure {
    var holes = Holes(in: tdmr, between: ranges, from: range)
    var count = 0
    while count <= limit, let hole = holes.next() {
      if !hole.isPageAligned { return .reservedAreaNotAligned(tdmr: tdmr, area: hole) }
      count += 1
    }
    return .reservedAreasExhausted(tdmr: tdmr)
  }

  /// The PAMT chunks by address.
  private func sortedChunks() -> UnsafeMutableBufferPointer<KeyedIndex> {
    for index in 0..<tdmrCount {
      chunks[index] = KeyedIndex(key: tdmrs[index].chunk.start, index: index)
    }
    return radixSorted(
      UnsafeMutableBufferPointer(start: chunks.base, count: tdmrCount),
      spare: UnsafeMutableBufferPointer(start: spareChunks.base, count: tdmrCount)
    )
  }
}

/// The holes of one TDMR: between the ranges, before the first and after the last, by address.
private struct Holes<Ranges: AscendingRanges> {
  let tdmr: AddressRange
  let ranges: Ranges
  /// The first range that has not ended yet: the next TDMR starts with it.
  private(set) var range: Int
  private var coveredTo: UInt64

  /// - Parameter range: the first one that ends after the TDMR's start.
  init(in tdmr: AddressRange, between ranges: Ranges, from range: Int) {
    self.tdmr = tdmr
    self.ranges = ranges
    self.range = range
    coveredTo = tdmr.start
  }

  @inline(__always)
  mutating func next() -> AddressRange? {
    while range < ranges.count, ranges.start(range) < tdmr.end {
      let (start, before) = (ranges.start(range), coveredTo)
      coveredTo = ranges.end(range)
      if coveredTo <= tdmr.end { range += 1 }
      if start > before { return AddressRange(unchecked: before, start) }
      if coveredTo >= tdmr.end { return nil }
    }
    guard coveredTo < tdmr.end else { return nil }
    defer { coveredTo = tdmr.end }
    return AddressRange(unchecked: coveredTo, tdmr.end)
  }
}

/// Hands out the PAMT chunks by address, cut at TDMR borders.
private struct ChunkCursor {
  private let tdmrs: UnsafePointer<PlannedTDMR>
  private let byAddress: UnsafeMutableBufferPointer<KeyedIndex>
  private var position = 0
  /// Where the next piece starts; 2^64 - 1 where there is none. All that most holes have to ask.
  private var start: UInt64

  init(tdmrs: UnsafePointer<PlannedTDMR>, byAddress: UnsafeMutableBufferPointer<KeyedIndex>) {
    self.tdmrs = tdmrs
    self.byAddress = byAddress
    start = byAddress.first?.key ?? .max
  }

  /// The next piece of a chunk in a TDMR, if it starts below `limit`.
  ///
  /// - Precondition: the TDMRs are asked for in order. All chunks lie in TDMRs, so none starts before this one.
  @inline(__always)
  mutating func next(in tdmr: AddressRange, below limit: UInt64) -> AddressRange? {
    start < limit ? cutNext(at: tdmr.end) : nil
  }

  private mutating func cutNext(at border: UInt64) -> AddressRange {
    let chunk = tdmrs[byAddress[position].index].chunk
    let piece = AddressRange(unchecked: start, min(chunk.end, border))
    start = piece.end
    if piece.end == chunk.end {
      position += 1
      start = position < byAddress.count ? byAddress[position].key : .max
    }
    return piece
  }
}

extension AddressRange {
  @inline(__always)
  fileprivate var isPageAligned: Bool { (start | end).isMultiple(ofPowerOfTwo: pageSize) }
}
