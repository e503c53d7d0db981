// TDMR_INFO is defined by the TDX module. All fields are 64-bit little endian: `base`, `size`, then the base and
// the size of the 1G, the 2M and the 4K PAMT, then per reserved area its offset from the TDMR base and its size.

/// A view of one TDMR_INFO entry: 64 bytes of header, 16 bytes per reserved area.
///
/// The bytes belong to whoever made them and must outlive the view.
public struct TDMRInfo {
  /// The size of the header.
  public static let headerBytes = 64
  /// The size of one reserved area.
  public static let reservedAreaBytes = 16
  /// The module wants every entry aligned to this.
  public static let alignment = 512

  private let words: UnsafePointer<UInt64>
  /// How many reserved-area slots the entry has; an unused one has size 0.
  public let reservedSlots: Int

  /// - Parameters:
  ///   - bytes: 8-byte aligned, 64 + 16 x `reservedSlots` bytes.
  ///   - reservedSlots: the slots that the module would read.
  public init(at bytes: UnsafeRawPointer, reservedSlots: Int) {
    words = bytes.assumingMemoryBound(to: UInt64.self)
    self.reservedSlots = reservedSlots
  }

  /// The entry as it lies in memory: header and all reserved-area slots.
  public var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: words, count: Self.headerBytes + reservedSlots * Self.reservedAreaBytes)
  }

  public var base: UInt64 { words[0] }
  public var size: UInt64 { words[1] }

  /// The base and the size of one PAMT. They need not make a valid range: this may be untrusted input.
  public func pamt(_ level: PAMTLevel) -> (base: UInt64, size: UInt64) {
    let word = 6 - 2 * level.rawValue
    return (words[word], words[word + 1])
  }

  /// The offset from the TDMR base and the size of one reserved area.
  public func reserved(_ slot: Int) -> (offset: UInt64, size: UInt64) {
    precondition(slot < reservedSlots, "no such reserved area")
    return (words[8 + 2 * slot], words[9 + 2 * slot])
  }

  /// The slots before the first unused one.
  public var usedReservedSlots: Int {
    (0..<reservedSlots).first { reserved($0).size == 0 } ?? reservedSlots
  }

  /// The bytes from one entry to the next in the array that TDH.SYS.CONFIG is handed.
  ///
  /// - Returns: nil where such an entry is larger than an address can say.
  public static func stride(maxReserved: UInt64) -> Int? {
    let bytes = maxReserved.multipliedSaturated(by: UInt64(reservedAreaBytes))
      .addingSaturated(UInt64(headerBytes)).roundedUp(to: UInt64(alignment))
    return bytes.flatMap { Int(exactly: $0) }
  }
}

/// A view of a TDMR_INFO table: what TDH.SYS.CONFIG is handed, as a list of entries that need not be equally far
/// apart (the module takes an array of pointers to them).
public struct TDMRInfoTable: RandomAccessCollection {
  private let bytes: UnsafeRawPointer
  /// Where each entry starts and ends, in bytes.
  private let starts: UnsafePointer<Int>
  private let ends: UnsafePointer<Int>
  public let count: Int
  private let maxReserved: Int

  /// - Parameters:
  ///   - bytes: 8-byte aligned; the entries.
  ///   - offsets: where each entry starts, in bytes, and as a last element where the table ends. Not empty.
  ///   - maxReserved: an entry has at most this many reserved areas, whatever its size.
  public init(bytes: UnsafeRawPointer, offsets: UnsafeBufferPointer<Int>, maxReserved: Int = .max) {
    precondition(!offsets.isEmpty, "a table has an end")
    let starts = offsets.baseAddress!
    self.init(
      bytes: bytes,
      starts: starts,
      ends: starts + 1,
      count: offsets.count - 1,
      maxReserved: maxReserved
    )
  }

  /// A table whose entries need not lie side by side.
  init(
    bytes: UnsafeRawPointer,
    starts: UnsafePointer<Int>,
    ends: UnsafePointer<Int>,
    count: Int,
    maxReserved: Int = .max
  ) {
    self.bytes = bytes
    self.starts = starts
    self.ends = ends
    self.count = count
    self.maxReserved = maxReserved
  }

  /// Where an entry lies, and how many reserved areas it has room for: what `subscript` makes a view of, for those who
  /// copy all of a table.
  ///
  /// - Precondition: `index` is one of the table's.
  @inline(__always)
  package func place(_ index: Int) -> (bytes: UnsafeRawPointer, slots: Int) {
    let space = ends[index] &- starts[index] &- TDMRInfo.headerBytes
    return (bytes + starts[index], Swift.min(space &>> 4, maxReserved))
  }

  /// The same table as a module reads it that takes so many reserved areas in a TDMR.
  func limitingReserved(to maxReserved: UInt64) -> TDMRInfoTable {
    TDMRInfoTable(
      bytes: bytes,
      starts: starts,
      ends: ends,
      count: count,
      maxReserved: Int(clamping: maxReserved)
    )
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { count }

  public subscript(index: Int) -> TDMRInfo {
    let space = ends[index] - starts[index]
    return TDMRInfo(
      at: bytes + starts[index],
      reservedSlots: Swift.min((space - TDMRInfo.headerBytes) / TDMRInfo.reservedAreaBytes, maxReserved)
    )
  }
}
