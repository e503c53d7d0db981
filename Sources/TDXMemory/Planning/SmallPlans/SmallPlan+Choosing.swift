extension PlanWorkspace {
  /// Chooses the TDMRs of a small plan (`fill_out_tdmrs`): a region whose GiBs are not all covered opens a new TDMR over
  /// the rest. Writes their bases and sizes, and lists where the node changes.
  ///
  /// Three compares for each region that opens none.
  ///
  /// - Throws: `tdmrsExhausted`.
  @inline(__always)
  mutating func chooseTDMRs(
    _ memory: TDXMemoryList,
    in table: EntryTable,
    limit: UInt64
  ) throws(PlanFailure) {
    var spans = NodeSpanList(nodeSpans.base, of: memory)
    var region = memory.regions
    let last = region + memory.count
    // No plan has more TDMRs than regions.
    let limit = Int(truncatingIfNeeded: min(limit, UInt64(truncatingIfNeeded: memory.count)))
    guard limit > 0 else { throw .tdmrsExhausted }
    var opener = TDMROpener(entry: table.words(0), node: nodes.base)
    let nodesEnd = nodes.base + limit
    _ = opener.open(region, from: max(region.pointee.start, lowMemoryEnd))
    var smallest = UInt64.max
    while true {
      region += 1
      if region == last { break }
      spans.enter(region)
      if region.pointee.end <= opener.end { continue }
      guard opener.node != nodesEnd else { throw .tdmrsExhausted }
      smallest = min(smallest, opener.open(region, from: region.pointee.start))
    }
    // The quotient of pointers is signed, and costs four instructions more.
    tdmrCount = Int(
      (UInt(bitPattern: opener.node) &- UInt(bitPattern: nodes.base)) / UInt(MemoryLayout<UInt32>.size)
    )
    smallestButTheFirst = smallest
    nodeSpanCount = spans.count
  }
}

/// Where the next TDMR goes.
private struct TDMROpener {
  var entry: UnsafeMutablePointer<UInt64>
  var node: UnsafeMutablePointer<UInt32>
  /// Where the last TDMR ends.
  var end: UInt64 = 0

  /// Opens a TDMR over the GiBs of a region that are not covered yet.
  ///
  /// - Returns: its size.
  @inline(__always)
  mutating func open(_ region: UnsafePointer<MemoryRegion>, from start: UInt64) -> UInt64 {
    let gib = tdmrAlignment
    let base = max(start & ~(gib &- 1), end)
    end = (region.pointee.end &+ (gib &- 1)) & ~(gib &- 1)
    entry[0] = base
    entry[1] = end &- base
    entry += EntryTable.wordsInABlock
    // The region is the first that ends after the TDMR's base: its node is the one that Linux asks for the PAMT.
    node.pointee = region.pointee.node
    node += 1
    return end &- base
  }
}
