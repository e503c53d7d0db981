/// Side by side TDMRs whose entries are written one after the other, and what came of it.
struct EntryPart: BitwiseCopyable {
  /// The TDMRs, `[first, end)`.
  var first: Int
  var end: Int
  /// Where the first entry starts.
  var offset: Int
  var outcome = Outcome.written

  enum Outcome: BitwiseCopyable {
    case written
    /// The first TDMR whose areas are too many, or not on page borders.
    case failed(tdmr: Int)
    /// The node spans were guessed, and wrongly.
    case otherNodes
  }
}

extension PlanWorkspace {
  /// Writes the entries of TDMRs with their reserved areas (`tdmrs_populate_rsvd_areas_all`), in one sweep over the
  /// ranges and the PAMTs, both by address. Nothing but the entries, their bounds and the part itself is written, so
  /// that other parts may be written at the same time.
  func writeEntries(_ part: inout EntryPart, _ task: PlanTask) {
    guard part.first < part.end else { return }
    switch task.options.policy {
    case .linux: writeEntries(&part, RegionHoles(memory: task.memory), task)
    case .linuxCMR:
      let start = tdmrs[part.first].start
      writeEntries(&part, ConvertibleHoles(between: task.convertible, from: start), task)
    case .optimal: preconditionFailure("OptimalPlanner plans optimally")
    }
  }

  /// What Linux says about the first TDMR whose areas are too many, or not on page borders.
  func failure(in tdmr: Int, _ task: PlanTask) -> PlanFailure {
    let (tdmr, most) = (tdmrs[tdmr], Int(clamping: task.options.limits.maxReserved))
    return switch task.options.policy {
    case .linux: RegionHoles(memory: task.memory).failure(in: tdmr, most: most)
    case .linuxCMR:
      ConvertibleHoles(between: task.convertible, from: tdmr.start).failure(in: tdmr, most: most)
    case .optimal: preconditionFailure("OptimalPlanner plans optimally")
    }
  }

  @inline(__always)
  private func writeEntries(
    _ part: inout EntryPart,
    _ holes: consuming some HoleWriter,
    _ task: PlanTask
  ) {
    let (tdmrs, chunks, starts, ends) = (tdmrs.base, chunks.base, entryStarts.base, entryEnds.base)
    let table = task.table
    var index = part.first
    var offset = part.offset
    var chunk = firstChunk(endingAfter: tdmrs[index].start)
    var sizes = LastPAMTSizes(tdmrs[index].size, task.options)
    var span = nodesAreGuessed ? nodeSpan(of: tdmrs[index].opener) : 0
    while index < part.end {
      let (tdmr, next) = (tdmrs[index], tdmrs[index &+ 1])
      let areas = table.areas(at: offset)

      var afterChunks = chunk
      while chunks[afterChunks].start < tdmr.end { afterChunks &+= 1 }
      let pieces = afterChunks &- chunk
      let isRun = nodesAreGuessed && task.memory.isRun(from: tdmr.opener, to: next.opener)
      var used = pieces
      if pieces <= table.mostAreas {
        used = holes.writeHoles(
          of: tdmr,
          next: next,
          isRun: isRun,
          to: areas,
          behind: pieces,
          room: table.roomForAreas,
          most: table.mostAreas
        )
      }
      guard used <= table.mostAreas else {
        table.forget(from: offset, areas: pieces + holes.mostHoles(in: tdmr, next: next))
        part.outcome = .failed(tdmr: index)
        return
      }
      if pieces > 0 { chunk = mergePieces(of: chunk, to: afterChunks, with: areas, used: used, in: tdmr) }

      starts[index] = offset
      sizes.become(tdmr.size)
      offset = table.complete(offset, tdmr, sizes.sizes, areas: used)
      ends[index] = offset
      if nodesAreGuessed, !isRun,
        !nodesAreAsListed(task.memory, from: tdmr.opener, to: next.opener, span: &span)
      {
        part.outcome = .otherNodes
        return
      }
      index &+= 1
    }
    part.outcome = .written
  }

  /// Writes the pieces of PAMT chunks in a TDMR between its holes, by address.
  ///
  /// The holes lie where they will be when all pieces are there, so many areas behind the front; from the front on
  /// the two are merged, and meet no hole that has not been moved yet. What lies behind the last piece stays.
  ///
  /// - Returns: the first chunk that ends after the TDMR.
  private func mergePieces(
    of first: Int,
    to end: Int,
    with areas: UnsafeMutablePointer<ReservedArea>,
    used: Int,
    in tdmr: PlannedTDMR
  ) -> Int {
    var (area, hole) = (areas, areas + (end &- first))
    let holesEnd = areas + used
    for index in first..<end {
      let chunk = chunks.base[index]
      let start = max(chunk.start, tdmr.start)
      while hole < holesEnd, hole.pointee.offset < start &- tdmr.start {
        area.pointee = hole.pointee
        area += 1
        hole += 1
      }
      area.pointee = ReservedArea(offset: start &- tdmr.start, size: min(chunk.end, tdmr.end) &- start)
      area += 1
    }
    return chunks.base[end &- 1].end > tdmr.end ? end &- 1 : end
  }

  /// The first PAMT chunk, by address, that ends after `address`; the one behind the last where there is none.
  private func firstChunk(endingAfter address: UInt64) -> Int {
    var (low, high) = (0, tdmrCount)
    while low < high {
      let middle = (low + high) / 2
      if chunks.base[middle].end > address { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
