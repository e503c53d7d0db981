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
      minimumPages: sizes.total / pageSize
    )
    let (tdmrs, nodes, chunks) = (tdmrs.base, nodes.base, chunks.base)
    var total: UInt64 = 0
    var last: UInt64 = 0
    var ascend = true
    var node = freeMemory.nodes.base
    for index in 0..<tdmrCount {
      sizes.become(tdmrs[index].size)
      let bytes = sizes.total
      if node.pointee.id != nodes[index] { node = freeMemory.node(nodes[index], near: node) }
      guard bytes > 0, let frame = freeMemory.take(bytes / pageSize, node) else {
        throw .noMemoryForPAMT(tdmr: tdmrs[index].range, bytes: bytes)
      }
      let start = frame &* pageSize
      tdmrs[index].pamt = start
      chunks[index] = AddressRange(unchecked: start, start &+ bytes)
      ascend = ascend && last <= start
      last = start
      total &+= bytes  // They are disjoint memory.
    }
    // One more, which nothing reaches.
    chunks[tdmrCount] = AddressRange(unchecked: .max, .max)
    if !ascend { sortChunks() }
    return total
  }
}

/// The sizes of a TDMR's PAMT, kept for the next TDMR: most are as large as the one before.
struct LastPAMTSizes {
  private let options: PlanOptions
  private var tdmrSize: UInt64
  private(set) var sizes: PAMTSizes
  /// All levels together.
  private(set) var total: UInt64

  @inline(__always)
  init(_ tdmrSize: UInt64, _ options: PlanOptions) {
    self.options = options
    self.tdmrSize = tdmrSize
    sizes = PAMTSizes(tdmrSize: tdmrSize, options)
    total = sizes.total
  }

  /// Takes the sizes of such a TDMR's PAMT.
  @inline(__always)
  mutating func become(_ size: UInt64) {
    guard size != tdmrSize else { return }
    self = LastPAMTSizes(size, options)
  }
}

extension PAMTSizes {
  @inline(__always)
  init(tdmrSize: UInt64, _ options: PlanOptions) {
    self.init(tdmrSize: tdmrSize, entryBytes: options.limits.pamtEntryBytes, dynamic: options.dynamicPAMT)
  }
}
