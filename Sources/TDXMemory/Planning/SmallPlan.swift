/// A plan of a machine as machines are: few regions, and entries of 512 bytes, so that it is known where each entry
/// will stand before the first one is complete.
///
/// That allows one sweep over the regions which leaves base, size and holes of each TDMR where the module will read
/// them, and PAMTs that go in between as soon as they have a place. Nothing is listed, sorted or merged. A plan of 8
/// regions in 5 TDMRs takes 171 ns, the general way 220; with 1024 regions the general way is faster.
struct SmallPlan {
  private let memory: TDXMemoryList
  private let table: EntryTable
  private let options: PlanOptions
  /// The node that each TDMR's PAMT is asked for on.
  private let nodes: UnsafeMutablePointer<UInt32>
  /// The areas that each TDMR has got.
  private let filled: UnsafeMutablePointer<FilledAreas>
  private let spans: UnsafeMutablePointer<NodeSpan>
  private var spanCount = 0
  private(set) var tdmrCount = 0
  private var smallestTDMR = UInt64.max
  /// The first TDMR with more areas than it may have; `Int.max` where there is none.
  private var exhausted = Int.max

  /// Whether such a plan can have these options: an entry of 512 bytes has room for the areas and a gap.
  static func holds(_ options: PlanOptions) -> Bool {
    options.policy == .linux && options.limits.maxReserved < EntryTable.areasInABlock
  }

  /// - Parameters:
  ///   - nodes, filled: room for all TDMRs that there may be.
  ///   - spans: room for as many spans as regions.
  init(
    _ task: borrowing PlanTask,
    nodes: UnsafeMutablePointer<UInt32>,
    filled: UnsafeMutablePointer<FilledAreas>,
    spans: UnsafeMutablePointer<NodeSpan>
  ) {
    memory = task.memory
    table = task.table
    options = task.options
    self.nodes = nodes
    self.filled = filled
    self.spans = spans
  }

  /// The last step: the areas that the holes and PAMTs leave unused become null entries.
  ///
  /// - Throws: `reservedAreasExhausted`.
  mutating func complete() throws(PlanFailure) {
    guard exhausted == .max else { throw .reservedAreasExhausted(tdmr: table.range(exhausted)) }
    var index = 0
    while index < tdmrCount {
      let count = filled[index].count
      if filled[index].first > 0 {
        // No PAMT has filled the gap.
        let areas = table.areas(at: index &* TDMRInfo.alignment)
        var area = 0
        while area < count {
          areas[area] = areas[area &+ 1]
          area &+= 1
        }
      }
      table.clear(index, areas: count)
      index &+= 1
    }
  }
}

/// Which areas of an entry are filled: so many from the first on.
///
/// The holes leave a gap of one area before them, for a PAMT: most PAMTs lie before most holes of their TDMR, and those
/// would have to make room. With 16 holes in each TDMR that took a seventh of a plan's instructions.
struct FilledAreas: BitwiseCopyable {
  /// 1 where there is a gap, else 0.
  var first: Int
  var count: Int
}

// MARK: - TDMRs and holes

extension SmallPlan {
  /// Chooses the TDMRs (`fill_out_tdmrs`): a region whose GiBs are not all covered opens a new TDMR over the rest.
  /// Writes bases, sizes and holes, and lists where the node changes.
  mutating func sweep() throws(PlanFailure) {
    let gib = tdmrAlignment
    let limit = Int(clamping: options.limits.maxTDMRs)
    let last = memory.regions + memory.count
    var region = memory.regions
    var (start, end, coveredTo) = (0 as UInt64, 0 as UInt64, 0 as UInt64)
    var count = 0
    var areas = AreaWriter(table.areas(at: 0), most: table.mostAreas)
    var node: UInt32 = 0

    while region < last {
      // This region opens a TDMR.
      let (first, regionEnd) = (max(region.pointee.start, lowMemoryEnd), region.pointee.end)
      let holeEnd = min(first, end)
      if holeEnd > coveredTo { areas.add(coveredTo &- start, holeEnd &- coveredTo) }
      endTDMR(&count, areas)
      guard regionEnd <= 0 &- gib else { throw .notAddressable(memory.range(region - memory.regions)) }
      guard count < limit else { throw .tdmrsExhausted }
      start = max(first & ~(gib &- 1), end)
      end = (regionEnd &+ (gib &- 1)) & ~(gib &- 1)
      if node != region.pointee.node || spanCount == 0 {
        node = region.pointee.node
        startSpan(node, at: region)
      }
      // It is the first that ends after the TDMR's base: its node is the one Linux asks for the PAMT.
      nodes[count] = node
      areas = AreaWriter(table.begin(count, start, end &- start), most: table.mostAreas)
      count &+= 1
      smallestTDMR = min(smallestTDMR, end &- start)
      if first > start { areas.add(0, first &- start) }
      coveredTo = regionEnd
      region += 1

      // These lie in it.
      while region < last, region.pointee.end <= end {
        let first = region.pointee.start
        if first != coveredTo { areas.add(coveredTo &- start, first &- coveredTo) }
        coveredTo = region.pointee.end
        if node != region.pointee.node {
          node = region.pointee.node
          startSpan(node, at: region)
        }
        region += 1
      }
    }
    if coveredTo < end { areas.add(coveredTo &- start, end &- coveredTo) }
    endTDMR(&count, areas)
  }

  /// Notes how many areas the last TDMR has got, if there is one.
  @inline(__always)
  private mutating func endTDMR(_ count: inout Int, _ areas: AreaWriter) {
    tdmrCount = count
    guard count > 0 else { return }
    filled[count &- 1] = FilledAreas(first: 1, count: areas.count)
    if areas.isFull { exhausted = min(exhausted, count &- 1) }
  }

  private mutating func startSpan(_ node: UInt32, at region: UnsafePointer<MemoryRegion>) {
    let first = region - memory.regions
    if spanCount > 0 { spans[spanCount &- 1].end = first }
    spans[spanCount] = NodeSpan(node: node, first: first, end: memory.count)
    spanCount &+= 1
  }
}

/// Writes the holes of one TDMR, behind a gap.
private struct AreaWriter {
  private let first: UnsafeMutablePointer<ReservedArea>
  private let end: UnsafeMutablePointer<ReservedArea>
  private var next: UnsafeMutablePointer<ReservedArea>
  /// Whether there were more holes than there may be.
  private(set) var isFull = false

  @inline(__always)
  init(_ areas: UnsafeMutablePointer<ReservedArea>, most: Int) {
    first = areas + 1
    next = first
    end = first + most
  }

  @inline(__always)
  mutating func add(_ offset: UInt64, _ size: UInt64) {
    guard next < end else {
      isFull = true
      return
    }
    next.pointee = ReservedArea(offset: offset, size: size)
    next += 1
  }

  var count: Int { next - first }
}

// MARK: - PAMTs

extension SmallPlan {
  /// Places the PAMTs (`tdmrs_set_up_pamt_all`) and sorts them in among the holes.
  ///
  /// - Returns: the bytes of all PAMTs.
  mutating func placePAMTs(_ freeMemory: inout FreeMemory) throws(PlanFailure) -> UInt64 {
    guard tdmrCount > 0 else { throw .noMemoryForPAMT(tdmr: AddressRange(unchecked: 0, 0), bytes: 0) }
    var size = smallestTDMR
    var sizes = PAMTSizes(tdmrSize: size, options)
    var bytes = sizes.total
    freeMemory.start(
      memory,
      UnsafeMutableBufferPointer(start: spans, count: spanCount),
      placement: options.placement,
      minimumPages: bytes / pageSize
    )
    var total: UInt64 = 0
    // The TDMR that the last PAMT ended in: they are placed in order, in most cases.
    var holder = 0
    var index = 0
    let count = tdmrCount
    while index < count {
      let words = table.words(index)
      if words[1] != size {
        size = words[1]
        sizes = PAMTSizes(tdmrSize: size, options)
        bytes = sizes.total
      }
      guard bytes > 0, let frame = freeMemory.take(bytes / pageSize, node: nodes[index]) else {
        throw .noMemoryForPAMT(tdmr: table.range(index), bytes: bytes)
      }
      let pamt = frame &* pageSize
      words[2] = pamt &+ sizes.page4K &+ sizes.page2M
      words[3] = sizes.page1G
      words[4] = pamt &+ sizes.page4K
      words[5] = sizes.page2M
      words[6] = pamt
      words[7] = sizes.page4K
      total &+= bytes  // They are disjoint memory.
      let (base, room) = (table.words(holder)[0], table.words(holder)[1])
      if pamt >= base, pamt &- base &+ bytes <= room {
        insert(ReservedArea(offset: pamt &- base, size: bytes), holder)
      } else {
        holder = insertPieces(pamt, pamt &+ bytes, from: holder)
      }
      index &+= 1
    }
    return total
  }

  /// Adds a PAMT to the areas of the TDMRs that it lies in.
  ///
  /// - Returns: the TDMR that it ends in.
  @inline(never)
  private mutating func insertPieces(_ pamt: UInt64, _ end: UInt64, from near: Int) -> Int {
    var holder = tdmr(holding: pamt, near: near)
    var start = pamt
    while true {
      let words = table.words(holder)
      let pieceEnd = min(end, words[0] &+ words[1])
      insert(ReservedArea(offset: start &- words[0], size: pieceEnd &- start), holder)
      guard pieceEnd < end else { return holder }
      start = pieceEnd
      holder &+= 1
    }
  }

  /// The TDMR that an address lies in: there is one, for all memory lies in TDMRs.
  private mutating func tdmr(holding address: UInt64, near: Int) -> Int {
    for next in near..<min(near &+ 4, tdmrCount) {
      let words = table.words(next)
      if address >= words[0], address &- words[0] < words[1] { return next }
    }
    var (low, high) = (0, tdmrCount &- 1)
    while low < high {
      let middle = (low &+ high &+ 1) / 2
      if table.words(middle)[0] <= address { low = middle } else { high = middle &- 1 }
    }
    return low
  }

  /// Adds an area to a TDMR, by address. At most as many steps as an entry has areas.
  @inline(__always)
  private mutating func insert(_ area: ReservedArea, _ tdmr: Int) {
    let (gap, count) = (filled[tdmr].first, filled[tdmr].count)
    guard count < table.mostAreas else {
      exhausted = min(exhausted, tdmr)
      return
    }
    filled[tdmr] = FilledAreas(first: 0, count: count &+ 1)
    var place = table.areas(at: tdmr &* TDMRInfo.alignment)
    let end = place + count
    if gap > 0 {
      while place < end, place[1].offset < area.offset {
        place.pointee = place[1]
        place += 1
      }
    } else {
      let first = place
      place = end
      while place > first, place[-1].offset > area.offset {
        place.pointee = place[-1]
        place -= 1
      }
    }
    place.pointee = area
  }
}
