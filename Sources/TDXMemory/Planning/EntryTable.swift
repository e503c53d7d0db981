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

  let bytes: UnsafeMutableRawPointer
  /// How many reserved areas an entry may have, and no more than the table has room for.
  let mostAreas: Int
  /// Of each block how many bytes at its front may be other than zero; nil where nothing is known about them.
  private let stale: UnsafeMutablePointer<UInt16>?

  init(_ bytes: UnsafeMutableRawBufferPointer, stale: UnsafeMutablePointer<UInt16>?, maxReserved: UInt64) {
    precondition(
      bytes.count >= TDMRInfo.alignment
        && UInt(bitPattern: bytes.baseAddress!) % UInt(TDMRInfo.alignment) == 0,
      "the buffer must be aligned to 512 bytes and hold an entry"
    )
    self.bytes = bytes.baseAddress!
    self.stale = stale
    mostAreas = min(Int(clamping: maxReserved), bytes.count / TDMRInfo.reservedAreaBytes)
  }

  /// The reserved areas of the entry at `offset`.
  @inline(__always)
  func areas(at offset: Int) -> UnsafeMutablePointer<ReservedArea> {
    (bytes + offset + TDMRInfo.headerBytes).assumingMemoryBound(to: ReservedArea.self)
  }

  /// The entry in a block.
  @inline(__always)
  func words(_ block: Int) -> UnsafeMutablePointer<UInt64> {
    (bytes + block &* TDMRInfo.alignment).assumingMemoryBound(to: UInt64.self)
  }

  /// Begins the entry in a block.
  ///
  /// - Returns: its reserved areas.
  @inline(__always)
  func begin(_ block: Int, _ base: UInt64, _ size: UInt64) -> UnsafeMutablePointer<ReservedArea> {
    words(block)[0] = base
    words(block)[1] = size
    return areas(at: block &* TDMRInfo.alignment)
  }

  /// The TDMR of the entry in a block.
  func range(_ block: Int) -> AddressRange {
    AddressRange(unchecked: words(block)[0], words(block)[0] &+ words(block)[1])
  }

  /// Zeroes what the entry in a block does not use.
  @inline(__always)
  func clear(_ block: Int, areas: Int) {
    let used = TDMRInfo.headerBytes &+ areas &* TDMRInfo.reservedAreaBytes
    clear(block, from: used, all: false)
    if let stale { stale[block] = UInt16(truncatingIfNeeded: used) }
  }

  /// Notes that entries were begun in the first blocks, and not completed.
  func forgetBlocks(_ count: Int) {
    guard let stale else { return }
    for block in 0..<count { stale[block] = UInt16(TDMRInfo.alignment) }
  }

  /// Completes an entry with its header, and with zeros from its last area on, as null entries of reserved areas
  /// are.
  ///
  /// - Returns: where the next entry starts.
  @inline(__always)
  func complete(_ offset: Int, _ tdmr: PlannedTDMR, _ sizes: PAMTSizes, areas: Int) -> Int {
    let words = (bytes + offset).assumingMemoryBound(to: UInt64.self)
    words[0] = tdmr.start
    words[1] = tdmr.size
    words[2] = tdmr.pamt &+ sizes.page4K &+ sizes.page2M
    words[3] = sizes.page1G
    words[4] = tdmr.pamt &+ sizes.page4K
    words[5] = sizes.page2M
    words[6] = tdmr.pamt
    words[7] = sizes.page4K

    // An entry ends behind its last area: there is none of 0 bytes in the block that it ends in.
    let end = offset &+ TDMRInfo.headerBytes &+ areas &* TDMRInfo.reservedAreaBytes
    let lastBlock = (end &- 1) >> blockShift
    let used = end &- lastBlock &* TDMRInfo.alignment
    clear(lastBlock, from: used, all: lastBlock > offset >> blockShift)
    if let stale {
      var block = offset >> blockShift
      while block < lastBlock {
        stale[block] = UInt16(TDMRInfo.alignment)
        block &+= 1
      }
      stale[lastBlock] = UInt16(truncatingIfNeeded: used)
    }
    return (lastBlock &+ 1) &* TDMRInfo.alignment
  }

  /// Zeroes a block from `used` on.
  ///
  /// In a table whose blocks are known most plans find the lengths of the last one: the 16 bytes that `HoleWriter` may
  /// have left are all there is to do. Zeroing all of each entry takes 192 ns in place of 171 with 5 TDMRs.
  ///
  /// - Parameter all: zeroes the block to its end whatever it holds. Behind long entries that is faster: lines that
  ///   are left out interrupt the stream of stores, and 10^7 regions with holes took 26 ms in place of 18.6.
  @inline(__always)
  private func clear(_ block: Int, from used: Int, all: Bool) {
    guard used < TDMRInfo.alignment else { return }
    let unused = bytes + (block &* TDMRInfo.alignment &+ used)
    unused.assumingMemoryBound(to: ReservedArea.self).pointee = ReservedArea(offset: 0, size: 0)
    let staleEnd = all ? TDMRInfo.alignment : stale.map { Int($0[block]) } ?? TDMRInfo.alignment
    if staleEnd > used { unused.initializeMemory(as: UInt8.self, repeating: 0, count: staleEnd &- used) }
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
