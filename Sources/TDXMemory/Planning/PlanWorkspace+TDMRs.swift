extension PlanWorkspace {
  /// The `linux-cmr` patch: every memory region inside one CMR, before anything else. Abutting CMRs are not one
  /// here, unlike in the module.
  func checkConvertible(
    _ memory: TDXMemoryList,
    _ convertible: UnsafeBufferPointer<AddressRange>
  ) throws(PlanFailure) {
    var cmr = 0
    for index in 0..<memory.count {
      let region = memory.range(index)
      while cmr < convertible.count, convertible[cmr].end < region.end { cmr += 1 }
      guard cmr < convertible.count, convertible[cmr].contains(region) else { throw .notConvertible(region) }
    }
  }

  /// Chooses the TDMRs (`fill_out_tdmrs`): a region whose GiBs are not all covered opens a new TDMR over the rest.
  /// Nothing is extended or merged. Notes where the node changes on the way.
  ///
  /// - Throws: `tdmrsExhausted`; `notAddressable` where a TDMR would end at 2^64.
  mutating func chooseTDMRs(_ memory: TDXMemoryList, limit: UInt64) throws(PlanFailure) {
    tdmrCount = 0
    nodeSpanCount = 0
    var end: UInt64 = 0
    for index in 0..<memory.count {
      if nodeSpanCount == 0 || nodeSpans[nodeSpanCount - 1].node != memory.node(index) {
        endNodeSpan(at: index)
        nodeSpans[nodeSpanCount] = NodeSpan(node: memory.node(index), first: index, end: index)
        nodeSpanCount += 1
      }
      guard memory.end(index) > end else { continue }
      guard let roundedEnd = memory.end(index).roundedUp(to: tdmrAlignment) else {
        throw .notAddressable(memory.range(index))
      }
      guard UInt64(tdmrCount) < limit else { throw .tdmrsExhausted }
      let start = max(memory.start(index).roundedDown(to: tdmrAlignment), end)
      // The region is the first that ends after the TDMR's base: its node is the one Linux asks for the PAMT.
      addTDMR(AddressRange(unchecked: start, roundedEnd), node: memory.node(index))
      end = roundedEnd
    }
    endNodeSpan(at: memory.count)
  }

  private func endNodeSpan(at index: Int) {
    if nodeSpanCount > 0 { nodeSpans.base[nodeSpanCount - 1].end = index }
  }

  private mutating func addTDMR(_ range: AddressRange, node: UInt32) {
    tdmrs[tdmrCount] = PlannedTDMR(range: range, node: node)
    nodes[tdmrCount] = node
    tdmrCount += 1
  }

  /// Linux's warnings about the TDMRs. An empty memory list counts as one TDMR of size 0, which has no node.
  func warn(_ memory: TDXMemoryList, limit: UInt64, in messages: inout LinuxMessages) {
    let used = UInt64(max(tdmrCount, 1))
    if used.addingSaturated(3) >= limit {
      messages.consumedTDMRs = .consumedTDMRsReachingLimit(used: used, limit: limit)
    }
    if tdmrCount == 0 { messages.noLocalNode = .noLocalNode(tdmr: AddressRange(unchecked: 0, 0)) }
  }
}
