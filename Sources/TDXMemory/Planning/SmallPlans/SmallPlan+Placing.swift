extension PlanWorkspace {
  /// Places the PAMTs of a small plan (`tdmrs_set_up_pamt_all`). Writes where they lie, and lists them by address.
  ///
  /// - Returns: the bytes of all PAMTs.
  /// - Throws: `noMemoryForPAMT`, also for a request of no pages, which PAMT entries of no bytes cause.
  @inline(__always)
  mutating func placePAMTs(
    _ memory: TDXMemoryList,
    in table: EntryTable,
    _ options: PlanOptions
  ) throws(PlanFailure) -> UInt64 {
    let scale = PAMTScale(options)
    let placed =
      switch options.placement {
      case .firstFit: placeSimply(memory.regions, table.words(0), scale, FirstFitFrontier.self)
      case .top: placeSimply(memory.regions, table.words(0), scale, TopFrontier.self)
      case .bottom: placeSimply(memory.regions, table.words(0), scale, BottomFrontier.self)
      }
    if placed.tdmrs == tdmrCount { return placed.bytes }
    return try placeWithLists(memory, in: table, options, scale)
  }

  /// Places PAMTs while all is simple, as it is on most machines from the first to the last: the nodes ascend with the
  /// addresses, and each request finds its pages at the frontier in the first region that its node tries.
  ///
  /// So nothing is called, all stays in registers, and PAMTs ascend as nodes do.
  ///
  /// - Returns: how many TDMRs it went through, and the bytes of their PAMTs.
  @inline(never)
  private mutating func placeSimply<Frontier: SimpleFrontier>(
    _ regions: UnsafePointer<MemoryRegion>,
    _ entries: UnsafeMutablePointer<UInt64>,
    _ scale: PAMTScale,
    _: Frontier.Type
  ) -> (tdmrs: Int, bytes: UInt64) {
    guard nodesAscend, !scale.isZero else { return (0, 0) }
    let chunks = chunks.base
    var span = nodeSpans.base
    let spansEnd = span + nodeSpanCount
    var entry = entries
    var chunk = chunks
    var total: UInt64 = 0
    nodes: repeat {
      let spanEnd = entries + span.pointee.tdmrEnd &* EntryTable.wordsInABlock
      if entry != spanEnd {
        guard var frontier = Frontier(span, regions) else { break }
        // A node's PAMTs of `top` are listed from the last on.
        if Frontier.descends { chunk = chunks + span.pointee.tdmrEnd - 1 }
        repeat {
          let sizes = scale.sizes(of: entry[1])
          let bytes = sizes.unsaturatedTotal
          guard let frame = frontier.take(bytes / pageSize) else { break nodes }
          let pamt = frame &* pageSize
          EntryTable.writePAMT(entry, pamt, sizes)
          chunk.pointee = AddressRange(unchecked: pamt, pamt &+ bytes)
          chunk += Frontier.descends ? -1 : 1
          total &+= bytes  // They are disjoint memory.
          entry += EntryTable.wordsInABlock
        } while entry != spanEnd
      }
      span += 1
    } while span != spansEnd
    // One more, which nothing reaches.
    chunks[tdmrCount] = AddressRange(unchecked: .max, .max)
    return (
      Int((UInt(bitPattern: entry) &- UInt(bitPattern: entries)) / UInt(TDMRInfo.alignment)), total
    )
  }

  /// Places all PAMTs with the lists of free memory, those that the simple way has placed once more: so the lists hold what
  /// it passed over.
  @inline(never)
  private mutating func placeWithLists(
    _ memory: TDXMemoryList,
    in table: EntryTable,
    _ options: PlanOptions,
    _ scale: PAMTScale
  ) throws(PlanFailure) -> UInt64 {
    freeMemory.start(
      memory,
      UnsafeMutableBufferPointer(start: nodeSpans.base, count: nodeSpanCount),
      placement: options.placement,
      // A larger TDMR needs no smaller PAMT. What is passed over for the first is of use to the others only, and the
      // TDMR below 4 GiB, of most hosts the first, is far smaller than those.
      minimumPages: scale.sizes(of: smallestTDMR(in: table, from: min(1, tdmrCount - 1))).unsaturatedTotal
        / pageSize
    )
    var node = freeMemory.nodes.base
    var entry = table.words(0)
    var chunk = chunks.base
    let chunksEnd = chunk + tdmrCount
    var id = nodes.base
    var total: UInt64 = 0
    var last: UInt64 = 0
    // Its highest bit tells whether a PAMT lies below the one before.
    var descents: UInt64 = 0
    repeat {
      if node.pointee.id != id.pointee { node = freeMemory.node(id.pointee, near: node) }
      let sizes = scale.sizes(of: entry[1])
      let bytes = sizes.unsaturatedTotal
      guard bytes > 0, let frame = freeMemory.take(bytes / pageSize, node) else {
        throw .noMemoryForPAMT(
          tdmr: AddressRange(unchecked: entry[0], entry[0] &+ entry[1]),
          bytes: bytes
        )
      }
      let pamt = frame &* pageSize
      EntryTable.writePAMT(entry, pamt, sizes)
      chunk.pointee = AddressRange(unchecked: pamt, pamt &+ bytes)
      descents |= pamt &- last
      last = pamt
      total &+= bytes  // They are disjoint memory.
      entry += EntryTable.wordsInABlock
      id += 1
      chunk += 1
    } while chunk != chunksEnd
    // One more, which nothing reaches.
    chunk.pointee = AddressRange(unchecked: .max, .max)
    if Int64(bitPattern: descents) < 0 { sortChunks() }
    return total
  }

  private func smallestTDMR(in table: EntryTable, from first: Int) -> UInt64 {
    var smallest = UInt64.max
    for index in first..<tdmrCount { smallest = min(smallest, table.words(index)[1]) }
    return smallest
  }
}

/// The region that a node's requests are taken from.
private protocol SimpleFrontier {
  /// Whether each PAMT lies below the one before.
  static var descends: Bool { get }

  /// - Parameter span: all of a node. nil where its first region is not found the simple way.
  init?(_ span: UnsafePointer<NodeSpan>, _ regions: UnsafePointer<MemoryRegion>)

  /// - Returns: nil where the pages are not here, or may be among what was passed over.
  mutating func take(_ pages: UInt64) -> UInt64?
}

private struct FirstFitFrontier: SimpleFrontier {
  @inline(__always) static var descends: Bool { false }
  private var start: UInt64
  private let end: UInt64
  private let zoneStart: UInt64
  /// The last request: the next frame for one of that size is where it ended, and nothing before will do.
  private var stride: UInt64 = 0
  /// The most that was passed over in one piece.
  private var longest: UInt64 = 0

  /// The first region in the Normal zone, or of a node without that in DMA32.
  @inline(__always)
  init?(_ span: UnsafePointer<NodeSpan>, _ regions: UnsafePointer<MemoryRegion>) {
    let last = regions[span.pointee.end &- 1].end
    guard last > dma32ZoneStart else { return nil }
    let zone = last > normalZoneStart ? normalZoneStart : dma32ZoneStart
    var region = regions + span.pointee.first
    while region.pointee.end <= zone { region += 1 }
    start = max(region.pointee.start, zone) / pageSize
    zoneStart = start
    end = region.pointee.end / pageSize
  }

  /// Into the next region it does not go: that cost the plans that stay in one 56 of 450 instructions.
  @inline(__always)
  mutating func take(_ pages: UInt64) -> UInt64? {
    var frame = start
    if stride != pages {
      guard pages > longest else { return nil }
      frame = firstFrame(notBelow: start, zoneStart: zoneStart, pages: pages)
      longest = max(longest, frame &- start)
      stride = pages
    }
    let next = frame &+ pages
    guard next <= end else { return nil }
    start = next
    return frame
  }
}

private struct TopFrontier: SimpleFrontier {
  @inline(__always) static var descends: Bool { true }
  private var start: UInt64
  private var end: UInt64
  /// The most that was passed over in one piece.
  private var longest: UInt64 = 0
  private var region: UnsafePointer<MemoryRegion>
  private let first: UnsafePointer<MemoryRegion>

  @inline(__always)
  init?(_ span: UnsafePointer<NodeSpan>, _ regions: UnsafePointer<MemoryRegion>) {
    first = regions + span.pointee.first
    region = regions + (span.pointee.end &- 1)
    (start, end) = region.frames
  }

  @inline(__always)
  mutating func take(_ pages: UInt64) -> UInt64? {
    guard pages > longest else { return nil }
    while end &- start < pages {
      guard region != first else { return nil }
      longest = max(longest, end &- start)
      region -= 1
      (start, end) = region.frames
    }
    end &-= pages
    return end
  }
}

private struct BottomFrontier: SimpleFrontier {
  @inline(__always) static var descends: Bool { false }
  private var start: UInt64
  private var end: UInt64
  /// The most that was passed over in one piece.
  private var longest: UInt64 = 0
  private var region: UnsafePointer<MemoryRegion>
  private let last: UnsafePointer<MemoryRegion>

  @inline(__always)
  init?(_ span: UnsafePointer<NodeSpan>, _ regions: UnsafePointer<MemoryRegion>) {
    region = regions + span.pointee.first
    last = regions + (span.pointee.end &- 1)
    (start, end) = region.frames
  }

  @inline(__always)
  mutating func take(_ pages: UInt64) -> UInt64? {
    guard pages > longest else { return nil }
    while end &- start < pages {
      guard region != last else { return nil }
      longest = max(longest, end &- start)
      region += 1
      (start, end) = region.frames
    }
    defer { start &+= pages }
    return start
  }
}

extension UnsafePointer<MemoryRegion> {
  /// The frames of a region from the first MiB on.
  @inline(__always)
  fileprivate var frames: (UInt64, UInt64) {
    (Swift.max(pointee.start, lowMemoryEnd) / pageSize, pointee.end / pageSize)
  }
}
