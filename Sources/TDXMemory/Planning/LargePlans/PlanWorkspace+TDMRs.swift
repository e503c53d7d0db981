/// A TDMR while it is planned.
struct PlannedTDMR: BitwiseCopyable {
  var start: UInt64
  var end: UInt64
  /// The region that opened it, an index of the memory list. The regions from here to the next TDMR's opener end in
  /// this TDMR, and no others do.
  var opener: Int
  /// Where its PAMT starts, all levels in one piece.
  var pamt: UInt64 = 0

  var range: AddressRange { AddressRange(unchecked: start, end) }
  var size: UInt64 { end &- start }
}

extension PlanWorkspace {
  /// Chooses the TDMRs (`fill_out_tdmrs`): a region whose GiBs are not all covered opens a new TDMR over the rest.
  /// Nothing is extended or merged. Lists where the node changes on the way.
  ///
  /// Only regions that open a TDMR are read, and a few around them; for the nodes all of them, unless nodes are
  /// guessed.
  ///
  /// - Throws: `tdmrsExhausted`; `notAddressable` where a TDMR would end at 2^64.
  mutating func chooseTDMRs(_ memory: TDXMemoryList, limit: UInt64) throws(PlanFailure) {
    // Where nodes are guessed, they change at most once between two TDMRs.
    nodeSpans.reserve(nodesAreGuessed ? tdmrs.capacity : memory.count)
    var spans = NodeSpanList(nodeSpans.base, of: memory)
    let (tdmrs, nodes, gib) = (tdmrs.base, nodes.base, tdmrAlignment)
    let limit = Int(clamping: limit)
    var (count, opener, inner) = (0, 0, 0)
    var end: UInt64 = 0
    var smallest = UInt64.max
    while opener < memory.count {
      let region = memory.regions + opener
      let regionEnd = region.pointee.end
      guard regionEnd <= 0 &- gib else { throw .notAddressable(memory.range(opener)) }
      guard count < limit else { throw .tdmrsExhausted }
      let start = max(memory.start(opener).roundedDown(to: gib), end)
      end = (regionEnd &+ (gib &- 1)).roundedDown(to: gib)
      tdmrs[count] = PlannedTDMR(start: start, end: end, opener: opener)
      // The region is the first that ends after the TDMR's base: its node is the one Linux asks for the PAMT.
      nodes[count] = region.pointee.node
      smallest = min(smallest, end &- start)
      count &+= 1
      let next = memory.firstIndex(endingAfter: end, from: opener &+ 1, near: inner)
      if nodesAreGuessed {
        spans.guess(to: opener, after: opener &- inner &- 1)
      } else {
        spans.list(from: opener, to: next)
      }
      inner = next &- opener &- 1
      opener = next
    }
    // One more, which nothing reaches: what is asked of a next TDMR needs no question whether there is one.
    tdmrs[count] = PlannedTDMR(start: .max, end: .max, opener: memory.count)
    tdmrCount = count
    smallestTDMR = smallest
    nodeSpanCount = spans.count
  }
}
