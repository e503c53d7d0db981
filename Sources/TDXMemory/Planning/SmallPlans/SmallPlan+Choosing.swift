extension PlanWorkspace {
  /// Chooses the TDMRs of a small plan (`fill_out_tdmrs`): a region whose GiBs are not all covered opens a new TDMR over
  /// the rest. Writes their bases and sizes, and lists where the node changes.
  ///
  /// Three compares for each region that opens none.
  ///
  /// - Throws: `tdmrsExhausted`.
  @inline(never)
  mutating func chooseTDMRs(
    _ memory: TDXMemoryList,
    in table: EntryTable,
    limit: UInt64
  ) throws(PlanFailure) {
    var region = memory.regions
    let last = region + memory.count
    // No plan has more TDMRs than regions.
    let limit = Int(truncatingIfNeeded: min(limit, UInt64(truncatingIfNeeded: memory.count)))
    guard limit > 0 else { throw .tdmrsExhausted }
    var opener = TDMROpener(entry: table.words(0), node: nodes.base)
    let nodesEnd = nodes.base + limit
    opener.open(region, from: max(region.pointee.start, lowMemoryEnd))
    var node = region.pointee.node
    var span = nodeSpans.base
    span.pointee.node = node
    span.pointee.first = 0
    nodesAscend = true
    while true {
      region += 1
      if region == last { break }
      if region.pointee.node != node {
        nodesAscend = nodesAscend && node < region.pointee.node
        node = region.pointee.node
        let index = distance(from: memory.regions, to: region)
        span.pointee.end = index
        span.pointee.tdmrEnd = distance(from: nodes.base, to: opener.node)
        span += 1
        span.pointee.node = node
        span.pointee.first = index
      }
      if region.pointee.end <= opener.end { continue }
      guard opener.node != nodesEnd else { throw .tdmrsExhausted }
      opener.open(region, from: region.pointee.start)
    }
    tdmrCount = distance(from: nodes.base, to: opener.node)
    span.pointee.end = memory.count
    span.pointee.tdmrEnd = tdmrCount
    nodeSpanCount = distance(from: nodeSpans.base, to: span) &+ 1
  }
}

/// Where the next TDMR goes.
private struct TDMROpener {
  var entry: UnsafeMutablePointer<UInt64>
  var node: UnsafeMutablePointer<UInt32>
  /// Where the last TDMR ends.
  var end: UInt64 = 0

  /// Opens a TDMR over the GiBs of a region that are not covered yet.
  @inline(__always)
  mutating func open(_ region: UnsafePointer<MemoryRegion>, from start: UInt64) {
    let gib = tdmrAlignment
    let base = max(start & ~(gib &- 1), end)
    end = (region.pointee.end &+ (gib &- 1)) & ~(gib &- 1)
    entry[0] = base
    entry[1] = end &- base
    entry += EntryTable.wordsInABlock
    // The region is the first that ends after the TDMR's base: its node is the one that Linux asks for the PAMT.
    node.pointee = region.pointee.node
    node += 1
  }
}

/// How many elements lie from one to another that is not below it: the difference of pointers is signed, and costs four
/// instructions more.
@inline(__always)
private func distance<Element>(from first: UnsafePointer<Element>, to other: UnsafePointer<Element>) -> Int {
  Int((UInt(bitPattern: other) &- UInt(bitPattern: first)) / UInt(MemoryLayout<Element>.stride))
}
