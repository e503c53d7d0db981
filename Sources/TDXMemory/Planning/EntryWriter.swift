/// Writes TDMR_INFO entries one after the other into the caller's buffer: every entry 512-byte aligned, with as
/// many times 512 bytes as its reserved areas need.
struct EntryWriter {
  private let buffer: UnsafeMutableRawBufferPointer
  /// The most reserved areas in an entry.
  let maxReserved: Int
  private(set) var offset = 0
  private var words: UnsafeMutablePointer<UInt64>
  private var base: UInt64 = 0
  private var areas = 0

  init(_ buffer: UnsafeMutableRawBufferPointer, maxReserved: UInt64) {
    precondition(
      buffer.count >= TDMRInfo.alignment
        && UInt(bitPattern: buffer.baseAddress!) % UInt(TDMRInfo.alignment) == 0,
      "the buffer must be aligned to 512 bytes and hold an entry"
    )
    self.buffer = buffer
    self.maxReserved = Int(clamping: maxReserved)
    words = buffer.baseAddress!.assumingMemoryBound(to: UInt64.self)
  }

  /// Starts the entry of a TDMR.
  mutating func begin(_ tdmr: PlannedTDMR) {
    precondition(buffer.count - offset >= TDMRInfo.alignment, "the buffer is smaller than requiredBytes")
    words = (buffer.baseAddress! + offset).assumingMemoryBound(to: UInt64.self)
    base = tdmr.range.start
    areas = 0
    let sizes = tdmr.sizes
    words[0] = tdmr.range.start
    words[1] = tdmr.range.size
    words[2] = tdmr.chunk.start &+ sizes.page4K &+ sizes.page2M
    words[3] = sizes.page1G
    words[4] = tdmr.chunk.start &+ sizes.page4K
    words[5] = sizes.page2M
    words[6] = tdmr.chunk.start
    words[7] = sizes.page4K
  }

  /// Adds a reserved area to the entry.
  ///
  /// - Returns: false where the TDMR has no area left.
  @inline(__always)
  mutating func add(_ area: AddressRange) -> Bool {
    guard areas < maxReserved else { return false }
    let word = 8 + 2 * areas
    assert(offset + 8 * (word + 2) <= buffer.count, "the buffer is smaller than requiredBytes")
    words[word] = area.start &- base
    words[word + 1] = area.size
    areas += 1
    return true
  }

  /// Ends the entry: what it does not use is zero, as null entries of reserved areas are.
  mutating func end() {
    let used = TDMRInfo.headerBytes + areas * TDMRInfo.reservedAreaBytes
    let size = (used + TDMRInfo.alignment - 1) & ~(TDMRInfo.alignment - 1)
    (UnsafeMutableRawPointer(words) + used).initializeMemory(as: UInt8.self, repeating: 0, count: size - used)
    offset += size
  }
}
