extension SmallEntries {
  /// Places the PAMTs (`tdmrs_set_up_pamt_all`).
  ///
  /// - Returns: the bytes of all PAMTs.
  @inline(__always)
  func placePAMTs(
    _ freeMemory: inout FreeMemory,
    _ memory: TDXMemoryList,
    _ spans: NodeSpanList,
    _ options: PlanOptions,
    smallestTDMR: UInt64
  ) throws(PlanFailure) -> UInt64 {
    var placer = try PAMTPlacer(
      &freeMemory,
      memory,
      spans.listed,
      options,
      smallestTDMR: count > 0 ? smallestTDMR : nil
    )
    var tdmr = 0
    while tdmr < count {
      guard let pamt = placer.place(tdmrSize: table.words(tdmr)[1], on: nodes[tdmr], in: &freeMemory) else {
        throw .noMemoryForPAMT(tdmr: table.range(tdmr), bytes: placer.bytes)
      }
      table.writePAMT(tdmr, pamt, placer.sizes)
      tdmr &+= 1
    }
    return placer.total
  }

  /// Adds the PAMTs to the areas of the TDMRs that they lie in.
  @inline(__always)
  func insertPAMTs() {
    // The TDMR that the last PAMT lies in: they are placed in order, in most cases.
    var holder = 0
    var tdmr = 0
    while tdmr < count {
      let pamt = table.pamt(of: tdmr)
      var holding = table.words(holder)
      if pamt.start &- holding[0] >= holding[1] {
        holder = self.tdmr(holding: pamt.start, near: holder)
        holding = table.words(holder)
      }
      let (offset, bytes) = (pamt.start &- holding[0], pamt.end &- pamt.start)
      if offset &+ bytes <= holding[1] {
        insert(ReservedArea(offset: offset, size: bytes), holder)
      } else {
        holder = insertPieces(pamt, from: holder)
      }
      tdmr &+= 1
    }
  }

  /// Adds a PAMT that lies in several TDMRs to the areas of each, from the first on.
  ///
  /// - Returns: the TDMR that it ends in.
  @inline(never)
  private func insertPieces(_ pamt: AddressRange, from first: Int) -> Int {
    var (holder, start) = (first, pamt.start)
    while true {
      let words = table.words(holder)
      let pieceEnd = min(pamt.end, words[0] &+ words[1])
      insert(ReservedArea(offset: start &- words[0], size: pieceEnd &- start), holder)
      guard pieceEnd < pamt.end else { return holder }
      start = pieceEnd
      holder &+= 1
    }
  }

  /// The TDMR that an address lies in: there is one, for all memory lies in TDMRs.
  @inline(__always)
  private func tdmr(holding address: UInt64, near: Int) -> Int {
    var next = near &+ 1
    while next < min(count, near &+ 4) {
      if address &- table.words(next)[0] < table.words(next)[1] { return next }
      next &+= 1
    }
    return tdmr(holding: address)
  }

  @inline(never)
  private func tdmr(holding address: UInt64) -> Int {
    var (low, high) = (0, count &- 1)
    while low < high {
      let middle = (low &+ high &+ 1) / 2
      if table.words(middle)[0] <= address { low = middle } else { high = middle &- 1 }
    }
    return low
  }

  /// Adds an area to an entry that is not complete, by address. At most as many steps as the entry has areas.
  ///
  /// Where there are as many as there may be, only their count becomes one more.
  @inline(__always)
  private func insert(_ area: ReservedArea, _ tdmr: Int) {
    let old = areaCounts[tdmr]
    areaCounts[tdmr] = old &+ 1
    guard old < table.mostAreas else { return }
    let first = table.areas(of: tdmr)
    var place = first
    if first.pointee.size == 0 {
      // The gap moves up to where the area belongs.
      let end = first + old
      while place < end, place[1].offset < area.offset {
        place.pointee = place[1]
        place += 1
      }
    } else {
      place += old
      while place > first, place[-1].offset > area.offset {
        place.pointee = place[-1]
        place -= 1
      }
    }
    place.pointee = area
  }
}
