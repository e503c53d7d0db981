/// One reserved area as it lies in a TDMR_INFO entry.
struct ReservedArea: BitwiseCopyable {
  /// From the TDMR's base on.
  var offset: UInt64
  var size: UInt64
}

/// Where TDMR_INFO entries are written to: in blocks of 512 bytes, an entry on as many as its reserved areas need.
struct EntryTable {
  /// How many areas an entry of 512 bytes has.
  static let areasInABlock = (TDMRInfo.alignment - TDMRInfo.headerBytes) / TDMRInfo.reservedAreaBytes
  /// How many words a block has.
  static let wordsInABlock = TDMRInfo.alignment / MemoryLayout<UInt64>.size

  let bytes: UnsafeMutableRawPointer
  /// How many reserved areas an entry may have, and no more than the table has room for.
  let mostAreas: Int
  /// How many areas may be written to an entry whatever the limit is: those of its first block.
  let roomForAreas: Int
  /// Of each block how many bytes at its front may be other than zero; nil where nothing is known about them.
  let stale: UnsafeMutablePointer<UInt16>?

  @inline(__always)
  init(_ bytes: UnsafeMutableRawBufferPointer, stale: UnsafeMutablePointer<UInt16>?, maxReserved: UInt64) {
    precondition(
      bytes.count >= TDMRInfo.alignment
        && UInt(bitPattern: bytes.baseAddress!) % UInt(TDMRInfo.alignment) == 0,
      "the buffer must be aligned to 512 bytes and hold an entry"
    )
    self.init(unchecked: bytes, stale: stale, maxReserved: maxReserved)
  }

  /// A table in memory of which it is known that it is aligned to 512 bytes and holds an entry.
  @inline(__always)
  init(
    unchecked bytes: UnsafeMutableRawBufferPointer,
    stale: UnsafeMutablePointer<UInt16>?,
    maxReserved: UInt64
  ) {
    self.bytes = bytes.baseAddress.unsafelyUnwrapped
    self.stale = stale
    mostAreas = min(Int(clamping: maxReserved), bytes.count / TDMRInfo.reservedAreaBytes)
    roomForAreas = max(mostAreas, Self.areasInABlock)
  }

  /// A table whose entries take a block each.
  ///
  /// - Parameter maxReserved: at most as many areas as a block has.
  @inline(__always)
  init(
    ofBlocks bytes: UnsafeMutableRawBufferPointer,
    stale: UnsafeMutablePointer<UInt16>,
    maxReserved: UInt64
  ) {
    self.bytes = bytes.baseAddress.unsafelyUnwrapped
    self.stale = stale
    mostAreas = Int(truncatingIfNeeded: maxReserved)
    roomForAreas = Self.areasInABlock
  }

  /// The reserved areas of the entry at `offset`.
  @inline(__always)
  func areas(at offset: Int) -> UnsafeMutablePointer<ReservedArea> { Self.areas(of: words(at: offset)) }

  /// The reserved areas of an entry.
  @inline(__always)
  static func areas(of words: UnsafeMutablePointer<UInt64>) -> UnsafeMutablePointer<ReservedArea> {
    (UnsafeMutableRawPointer(words) + TDMRInfo.headerBytes).assumingMemoryBound(to: ReservedArea.self)
  }

  /// The entry at `offset`.
  @inline(__always)
  func words(at offset: Int) -> UnsafeMutablePointer<UInt64> {
    (bytes + offset).assumingMemoryBound(to: UInt64.self)
  }

  /// The entry in a block.
  @inline(__always)
  func words(_ block: Int) -> UnsafeMutablePointer<UInt64> { words(at: block &* TDMRInfo.alignment) }

  /// Writes where the PAMT of an entry lies: its levels side by side, 4K first.
  @inline(__always)
  static func writePAMT(_ words: UnsafeMutablePointer<UInt64>, _ pamt: UInt64, _ sizes: PAMTSizes) {
    words[2] = pamt &+ sizes.page4K &+ sizes.page2M
    words[3] = sizes.page1G
    words[4] = pamt &+ sizes.page4K
    words[5] = sizes.page2M
    words[6] = pamt
    words[7] = sizes.page4K
  }

  /// Ends an entry of one block, in a table whose blocks are known: zeroes what the last entry there had behind its
  /// areas. Most plans find the lengths of the last one, and nothing to do.
  ///
  /// - Parameters:
  ///   - areasEnd: the end of its areas, all of which were written, however many they are.
  ///   - stale: of its block.
  /// - Returns: false where there are too many.
  @inline(__always)
  func close(
    _ words: UnsafeMutablePointer<UInt64>,
    _ areasEnd: UnsafeMutablePointer<ReservedArea>,
    _ stale: UnsafeMutablePointer<UInt16>
  ) -> Bool {
    let used = UInt(bitPattern: areasEnd) &- UInt(bitPattern: words)
    if used == UInt(stale.pointee), used <= mostBytes { return true }
    return closeAnew(words, Int(used), stale)
  }

  /// The bytes of an entry with as many areas as it may have.
  @inline(__always)
  private var mostBytes: UInt {
    UInt(bitPattern: TDMRInfo.headerBytes &+ mostAreas &* TDMRInfo.reservedAreaBytes)
  }

  @inline(never)
  private func closeAnew(
    _ words: UnsafeMutablePointer<UInt64>,
    _ used: Int,
    _ stale: UnsafeMutablePointer<UInt16>
  ) -> Bool {
    guard used <= mostBytes else {
      // They have run into the blocks behind.
      for block in 0...(used - 1) >> blockShift { stale[block] = UInt16(TDMRInfo.alignment) }
      return false
    }
    let old = Int(stale.pointee)
    stale.pointee = UInt16(truncatingIfNeeded: used)
    if used < old {
      let start = UnsafeMutableRawPointer(words) - bytes
      zero(from: start &+ used, to: start &+ old)
    }
    return true
  }

  /// Copies the first blocks of another table.
  func copyBlocks(_ count: Int, of other: EntryTable) {
    bytes.copyMemory(from: other.bytes, byteCount: count * TDMRInfo.alignment)
  }

  /// Completes an entry with its header, and with zeros from its last area on, as null entries of reserved areas
  /// are.
  ///
  /// - Returns: where the next entry starts.
  @inline(__always)
  func complete(_ offset: Int, _ tdmr: PlannedTDMR, _ sizes: PAMTSizes, areas: Int) -> Int {
    let words = words(at: offset)
    words[0] = tdmr.start
    words[1] = tdmr.size
    Self.writePAMT(words, tdmr.pamt, sizes)
    return areas < Self.areasInABlock
      ? completeBlock(offset, areas: areas) : completeBlocks(offset, areas: areas)
  }

  /// Zeroes what an entry of one block does not use.
  ///
  /// In a table whose blocks are known most plans find the lengths of the last one: the 16 bytes that `HoleWriter` may
  /// have left are all there is to do. Zeroing all of each entry takes 192 ns in place of 171 with 5 TDMRs.
  @inline(__always)
  private func completeBlock(_ offset: Int, areas: Int) -> Int {
    (self.areas(at: offset) + areas).pointee = ReservedArea(offset: 0, size: 0)
    let used = TDMRInfo.headerBytes &+ areas &* TDMRInfo.reservedAreaBytes
    var staleEnd = TDMRInfo.alignment
    if let stale {
      let block = offset >> blockShift
      staleEnd = Int(stale[block])
      stale[block] = UInt16(truncatingIfNeeded: used)
    }
    if used < staleEnd { zero(from: offset &+ used, to: offset &+ staleEnd) }
    return offset &+ TDMRInfo.alignment
  }

  /// Zeroes what an entry of several blocks, or of a full one, does not use of its last block.
  ///
  /// All of it, whatever it holds: lines that are left out interrupt the stream of stores, and 10^7 regions with holes
  /// took 26 ms in place of 18.6.
  @inline(never)
  private func completeBlocks(_ offset: Int, areas: Int) -> Int {
    let used = offset &+ TDMRInfo.headerBytes &+ areas &* TDMRInfo.reservedAreaBytes
    // An entry ends behind its last area: there is none of 0 bytes in the block that it ends in.
    let end = (used &+ TDMRInfo.alignment &- 1) & ~(TDMRInfo.alignment &- 1)
    zero(from: used, to: end)
    if let stale {
      for block in offset >> blockShift..<end >> blockShift { stale[block] = UInt16(TDMRInfo.alignment) }
    }
    return end
  }

  private func zero(from start: Int, to end: Int) {
    (bytes + start).initializeMemory(as: UInt8.self, repeating: 0, count: end &- start)
  }

  /// Notes that an entry at `offset` was begun, and may have got so many areas, but was not completed.
  func forget(from offset: Int, areas: Int) {
    guard let stale else { return }
    let most = min(areas, mostAreas)
    let end = offset + TDMRInfo.headerBytes + most * TDMRInfo.reservedAreaBytes
    for block in offset >> blockShift...(end - 1) >> blockShift { stale[block] = UInt16(TDMRInfo.alignment) }
  }
}

/// Blocks of 512 bytes.
private let blockShift = 9
