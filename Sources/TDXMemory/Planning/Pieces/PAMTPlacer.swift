/// Places PAMTs one after the other, in one chunk each (`tdmr_set_up_pamt`).
struct PAMTPlacer {
  private var last: LastPAMTSizes
  /// The node that was asked last.
  private var node: UnsafeMutablePointer<FreeMemory.Node>
  /// All PAMTs so far.
  private(set) var total: UInt64 = 0

  /// Frees all memory.
  ///
  /// - Parameters:
  ///   - spans: the node spans of the memory list, by address; they stay where they are.
  ///   - smallestTDMR: the size of the smallest TDMR; nil where there is none.
  /// - Throws: `noMemoryForPAMT` for an empty memory list: Linux makes one TDMR of no bytes there.
  @inline(__always)
  init(
    _ freeMemory: inout FreeMemory,
    _ memory: TDXMemoryList,
    _ spans: UnsafeMutableBufferPointer<NodeSpan>,
    _ options: PlanOptions,
    smallestTDMR: UInt64?
  ) throws(PlanFailure) {
    guard let smallestTDMR else { throw .noMemoryForPAMT(tdmr: AddressRange(unchecked: 0, 0), bytes: 0) }
    last = LastPAMTSizes(smallestTDMR, options)
    freeMemory.start(
      memory,
      spans,
      placement: options.placement,
      // A larger TDMR needs no smaller PAMT.
      minimumPages: last.total / pageSize
    )
    node = freeMemory.nodes.base
  }

  /// Places the PAMT of a TDMR of so many bytes, on a node if it has room.
  ///
  /// - Returns: where it starts; nil where no node has room, also for a request of no pages, which PAMT entries of no
  ///   bytes cause.
  @inline(__always)
  mutating func place(
    tdmrSize: UInt64,
    on id: UInt32,
    in freeMemory: inout FreeMemory
  ) -> UInt64? {
    last.become(tdmrSize)
    if node.pointee.id != id { node = freeMemory.node(id, near: node) }
    guard bytes > 0, let frame = freeMemory.take(bytes / pageSize, node) else { return nil }
    total &+= bytes  // They are disjoint memory.
    return frame &* pageSize
  }

  /// The levels of the PAMT that was asked for last.
  @inline(__always)
  var sizes: PAMTSizes { last.sizes }

  /// Its bytes.
  @inline(__always)
  var bytes: UInt64 { last.total }
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
