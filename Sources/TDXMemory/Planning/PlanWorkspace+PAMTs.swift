extension PlanWorkspace {
  /// Places the PAMT of each TDMR, in one chunk each (`tdmrs_set_up_pamt_all`), and lists the chunks by address.
  ///
  /// - Returns: the bytes of all PAMTs.
  /// - Throws: `noMemoryForPAMT`, also for a request of no pages, which only an empty memory list and PAMT entries
  ///   of no bytes cause.
  mutating func placePAMTs(_ memory: TDXMemoryList, _ options: PlanOptions) throws(PlanFailure) -> UInt64 {
    guard tdmrCount > 0 else { throw .noMemoryForPAMT(tdmr: AddressRange(unchecked: 0, 0), bytes: 0) }
    var sizes = LastPAMTSizes(smallestTDMR, options)
    freeMemory.start(
      memory,
      UnsafeMutableBufferPointer(start: nodeSpans.base, count: nodeSpanCount),
      placement: options.placement,
      // A larger TDMR needs no smaller PAMT.
      minimumPages: sizes.sizes.total / pageSize
    )
    let (tdmrs, nodes, chunks) = (tdmrs.base, nodes.base, chunks.base)
    var total: UInt64 = 0
    var last: UInt64 = 0
    var ascend = true
    for index in 0..<tdmrCount {
      let bytes = sizes.of(tdmrs[index].size).total
      guard bytes > 0, let frame = freeMemory.take(bytes / pageSize, node: nodes[index]) else {
        throw .noMemoryForPAMT(tdmr: tdmrs[index].range, bytes: bytes)
      }
      let start = frame &* pageSize
      tdmrs[index].pamt = start
      chunks[index] = AddressRange(unchecked: start, start &+ bytes)
      ascend = ascend && last <= start
      last = start
      total &+= bytes  // They are disjoint memory.
    }
    if !ascend { sortChunks() }
    // One more, which nothing reaches.
    chunks[tdmrCount] = AddressRange(unchecked: .max, .max)
    return total
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

/// The sizes of a TDMR's PAMT, kept for the next TDMR: most are as large as the one before.
struct LastPAMTSizes {
  private let options: PlanOptions
  private var tdmrSize: UInt64
  private(set) var sizes: PAMTSizes

  init(_ tdmrSize: UInt64, _ options: PlanOptions) {
    self.options = options
    self.tdmrSize = tdmrSize
    sizes = PAMTSizes(tdmrSize: tdmrSize, options)
  }

  @inline(__always)
  mutating func of(_ size: UInt64) -> PAMTSizes {
    if size != tdmrSize {
      tdmrSize = size
      sizes = PAMTSizes(tdmrSize: size, options)
    }
    return sizes
  }
}

extension PAMTSizes {
  init(tdmrSize: UInt64, _ options: PlanOptions) {
    self.init(tdmrSize: tdmrSize, entryBytes: options.limits.pamtEntryBytes, dynamic: options.dynamicPAMT)
  }
}
