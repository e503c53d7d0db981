extension PlanWorkspace {
  /// Places the PAMT of each TDMR, in one chunk each (`tdmrs_set_up_pamt_all`), and lists the chunks by address.
  ///
  /// - Returns: the bytes of all PAMTs.
  /// - Throws: `noMemoryForPAMT`.
  mutating func placePAMTs(_ memory: TDXMemoryList, _ options: PlanOptions) throws(PlanFailure) -> UInt64 {
    var placer = try PAMTPlacer(
      &freeMemory,
      memory,
      UnsafeMutableBufferPointer(start: nodeSpans.base, count: nodeSpanCount),
      options,
      smallestTDMR: tdmrCount > 0 ? smallestTDMR : nil
    )
    let (tdmrs, nodes, chunks) = (tdmrs.base, nodes.base, chunks.base)
    var last: UInt64 = 0
    var ascend = true
    for index in 0..<tdmrCount {
      guard let start = placer.place(tdmrSize: tdmrs[index].size, on: nodes[index], in: &freeMemory) else {
        throw .noMemoryForPAMT(tdmr: tdmrs[index].range, bytes: placer.bytes)
      }
      tdmrs[index].pamt = start
      chunks[index] = AddressRange(unchecked: start, start &+ placer.bytes)
      ascend = ascend && last <= start
      last = start
    }
    if !ascend { sortChunks() }
    // One more, which nothing reaches.
    chunks[tdmrCount] = AddressRange(unchecked: .max, .max)
    return placer.total
  }

  private mutating func sortChunks() {
    sortOrder.reserve(tdmrCount)
    spareOrder.reserve(tdmrCount)
    spareChunks.base.update(from: chunks.base, count: tdmrCount)
    for index in 0..<tdmrCount {
      sortOrder[index] = KeyedIndex(key: chunks[index].start, index: index)
    }
    let sorted = radixSorted(
      UnsafeMutableBufferPointer(start: sortOrder.base, count: tdmrCount),
      spare: UnsafeMutableBufferPointer(start: spareOrder.base, count: tdmrCount)
    )
    for index in 0..<tdmrCount { chunks[index] = spareChunks[sorted[index].index] }
  }
}
