extension PlanWorkspace {
  /// Places the PAMTs of a small plan (`tdmrs_set_up_pamt_all`). Writes where they lie, and lists them by address.
  ///
  /// - Returns: the bytes of all PAMTs.
  /// - Throws: `noMemoryForPAMT`, also for a request of no pages, which PAMT entries of no bytes cause.
  @inline(never)
  mutating func placePAMTs(
    _ memory: TDXMemoryList,
    in table: EntryTable,
    _ options: PlanOptions
  ) throws(PlanFailure) -> UInt64 {
    let scale = PAMTScale(options)
    freeMemory.start(
      memory,
      UnsafeMutableBufferPointer(start: nodeSpans.base, count: nodeSpanCount),
      placement: options.placement,
      // A larger TDMR needs no smaller PAMT. What is passed over for the first is of use to the others only, and the
      // TDMR below 4 GiB, of most hosts the first, is far smaller than those.
      minimumPages: tdmrCount > 1 ? scale.sizes(of: smallestButTheFirst).unsaturatedTotal / pageSize : .max
    )
    var node = freeMemory.nodes.base
    var entry = table.words(0)
    var chunk = chunks.base
    let chunksEnd = chunk + tdmrCount
    var id = nodes.base
    var total: UInt64 = 0
    var last: UInt64 = 0
    // Its highest bit tells whether a PAMT lies below the one before.
    var descents: UInt64 = 0
    repeat {
      if node.pointee.id != id.pointee { node = freeMemory.node(id.pointee, near: node) }
      let sizes = scale.sizes(of: entry[1])
      let bytes = sizes.unsaturatedTotal
      guard bytes > 0, let frame = freeMemory.take(bytes / pageSize, node) else {
        throw .noMemoryForPAMT(tdmr: AddressRange(unchecked: entry[0], entry[0] &+ entry[1]), bytes: bytes)
      }
      let pamt = frame &* pageSize
      EntryTable.writePAMT(entry, pamt, sizes)
      chunk.pointee = AddressRange(unchecked: pamt, pamt &+ bytes)
      descents |= pamt &- last
      last = pamt
      total &+= bytes  // They are disjoint memory.
      entry += EntryTable.wordsInABlock
      id += 1
      chunk += 1
    } while chunk != chunksEnd
    // One more, which nothing reaches.
    chunk.pointee = AddressRange(unchecked: .max, .max)
    if Int64(bitPattern: descents) < 0 { sortChunks() }
    return total
  }
}
