extension PlanWorkspace {
  /// Places the PAMT of each TDMR, in one chunk each (`tdmrs_set_up_pamt_all`).
  ///
  /// - Returns: the bytes of all PAMTs.
  /// - Throws: `noMemoryForPAMT`, also for a request of no pages, which only an empty memory list and PAMT entries
  ///   of no bytes cause.
  mutating func placePAMTs(_ memory: TDXMemoryList, _ options: PlanOptions) throws(PlanFailure) -> UInt64 {
    guard tdmrCount > 0 else { throw .noMemoryForPAMT(tdmr: AddressRange(unchecked: 0, 0), bytes: 0) }
    var smallest = UInt64.max
    for index in 0..<tdmrCount {
      let sizes = PAMTSizes(
        tdmrSize: tdmrs[index].range.size,
        entryBytes: options.limits.pamtEntryBytes,
        dynamic: options.dynamicPAMT
      )
      tdmrs.base[index].sizes = sizes
      smallest = min(smallest, sizes.total)
    }
    freeMemory.start(
      UnsafeBufferPointer(start: nodeSpans.base, count: nodeSpanCount),
      placement: options.placement,
      minimumPages: smallest / pageSize
    )
    var total: UInt64 = 0
    for index in 0..<tdmrCount {
      let tdmr = tdmrs[index]
      let bytes = tdmr.sizes.total
      guard bytes > 0, let frame = freeMemory.take(bytes / pageSize, node: tdmr.node, memory) else {
        throw .noMemoryForPAMT(tdmr: tdmr.range, bytes: bytes)
      }
      tdmrs.base[index].chunk = AddressRange(unchecked: frame * pageSize, frame * pageSize + bytes)
      total += bytes  // They are disjoint memory.
    }
    return total
  }
}
