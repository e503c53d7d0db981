extension SmallEntries {
  /// Chooses the TDMRs (`fill_out_tdmrs`): a region whose GiBs are not all covered opens a new TDMR over the rest.
  /// Writes bases, sizes and holes, and lists where the node changes.
  ///
  /// - Returns: the size of the smallest TDMR.
  @inline(__always)
  mutating func sweep(
    _ memory: TDXMemoryList,
    limit: UInt64,
    _ spans: inout NodeSpanList
  ) throws(PlanFailure) -> UInt64 {
    let gib = tdmrAlignment
    let limit = Int(clamping: limit)
    let last = memory.regions + memory.count
    var region = memory.regions
    var (tdmr, end, smallest) = (0, 0 as UInt64, UInt64.max)
    defer { count = tdmr }

    while region < last {
      // This region opens a TDMR. It is the first that ends after the TDMR's base: its node is the one Linux asks for
      // the PAMT.
      let first = max(region.pointee.start, lowMemoryEnd)
      var coveredTo = region.pointee.end
      guard coveredTo <= 0 &- gib else { throw .notAddressable(memory.range(region - memory.regions)) }
      guard tdmr < limit else { throw .tdmrsExhausted }
      let start = max(first & ~(gib &- 1), end)
      end = (coveredTo &+ (gib &- 1)) & ~(gib &- 1)
      smallest = min(smallest, end &- start)
      spans.enter(region)
      nodes[tdmr] = region.pointee.node
      var holes = HoleList(table.begin(tdmr, start, end &- start) + 1)
      if first > start { holes.add(0, first &- start) }
      region += 1

      // These lie in it. An entry has room for the holes between so many regions, and before and after them.
      let roomEnd = min(region + (HoleList.room &- 2), last)
      while region < roomEnd, region.pointee.end <= end {
        let first = region.pointee.start
        if first != coveredTo { holes.add(coveredTo &- start, first &- coveredTo) }
        coveredTo = region.pointee.end
        spans.enter(region)
        region += 1
      }
      // For long rows: what there are too many of is counted.
      if region == roomEnd {
        while region < last, region.pointee.end <= end {
          if region.pointee.start != coveredTo {
            holes.addIfRoom(coveredTo &- start, region.pointee.start &- coveredTo)
          }
          coveredTo = region.pointee.end
          spans.enter(region)
          region += 1
        }
      }

      // The next TDMR's first region may start in this one.
      let holeEnd = region < last ? min(region.pointee.start, end) : end
      if coveredTo < holeEnd { holes.addIfRoom(coveredTo &- start, holeEnd &- coveredTo) }
      areaCounts[tdmr] = holes.count
      tdmr &+= 1
    }
    return smallest
  }
}

/// The holes of one TDMR while they are written.
private struct HoleList {
  /// How many an entry has room for beside the gap.
  static let room = EntryTable.areasInABlock - 1

  private let first: UnsafeMutablePointer<ReservedArea>
  private var next: UnsafeMutablePointer<ReservedArea>
  private var lost = 0

  @inline(__always)
  init(_ areas: UnsafeMutablePointer<ReservedArea>) {
    first = areas
    next = areas
  }

  /// - Precondition: there is room.
  @inline(__always)
  mutating func add(_ offset: UInt64, _ size: UInt64) {
    next.pointee = ReservedArea(offset: offset, size: size)
    next += 1
  }

  @inline(__always)
  mutating func addIfRoom(_ offset: UInt64, _ size: UInt64) {
    if next < first + Self.room { add(offset, size) } else { lost &+= 1 }
  }

  /// How many holes there were.
  @inline(__always)
  var count: Int {
    // The quotient of pointers is signed, and costs four instructions more.
    Int((UInt(bitPattern: next) &- UInt(bitPattern: first)) / UInt(TDMRInfo.reservedAreaBytes)) &+ lost
  }
}
