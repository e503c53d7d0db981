import TDXMemory
import TDXMessages

/// What TDX prints: convertible memory, key ids, results, and the TDMRs of early out-of-tree kernels.
struct TDXReader {
  /// The CMR list printed last; nil where none was.
  private(set) var convertible: RangeList?
  /// Whether an earlier list in the same boot said something else.
  var convertibleChanged: Bool { earlierChange || differsFromPrevious }
  private var earlierChange = false
  private var previousConvertible: RangeList?
  private(set) var keyIDBits: Int?
  private(set) var observed = Observations()
  /// Whether nothing is kept of messages: where one reads only to ask whether a line means something.
  var forgetsMessages = false

  // MARK: CMRs

  /// `CMR: [0x100000, 0x6f800000)`, `CMR[0]: [0x.., 0x..)` and `TDX CMR[0]: base 0x100000 size 0x77700000`.
  ///
  /// - Parameters:
  ///   - before: what stands before `CMR`.
  ///   - after: starts behind `CMR`.
  mutating func readConvertible(
    before: TextCursor,
    after: TextCursor,
    line: Int
  ) throws(BrokenLine) -> Bool {
    guard before.last.map(isBlank) ?? true else { return false }
    var after = after
    var index: UInt64?
    if after.take("[") {
      index = after.takeDecimal()
      guard index != nil, after.take("]") else { return false }
    }
    guard after.take(": ") else {
      if before.ends(with: "TDX "), after.find("base 0x") != nil, after.find("size 0x") != nil {
        throw BrokenLine("a CMR says `CMR[INDEX]: base 0xBASE size 0xSIZE`")
      }
      return false
    }
    let range: AddressRange
    if after.take("[") {
      guard let start = after.takeHex(), after.take(", "), let end = after.takeHex(), after.take(")") else {
        throw BrokenLine("a CMR says `[0xSTART, 0xEND)`")
      }
      guard let bounds = AddressRange(from: start, to: end) else {
        throw BrokenLine("the range ends before it starts")
      }
      range = bounds
    } else if after.take("base ") {
      guard let base = after.takeHex(), after.take(" size "), let size = after.takeHex() else {
        throw BrokenLine("a CMR says `base 0xBASE size 0xSIZE`")
      }
      range = try sizedRange(base, size)
    } else {
      return false
    }
    try after.requireEnd()
    // An unused slot says 0.
    guard !range.isEmpty || range.start == 0 || index != nil else { throw BrokenLine("the range is empty") }
    addConvertible(ListedRange(range: range, line: line), index: index)
    return true
  }

  /// CMRs ascend, so a list begins anew where a start is not above the one before. Empty ones are unused slots.
  private mutating func addConvertible(_ entry: ListedRange, index: UInt64?) {
    let last = convertible?.entries.last
    if let last, last.saysTheSame(as: entry) && index != 0 { return }
    let isUnused = entry.range.isEmpty
    if index == 0 || !isUnused && last.map({ entry.range.start <= $0.range.start }) ?? false {
      earlierChange = convertibleChanged
      previousConvertible = convertible
      convertible = RangeList()
    }
    convertible = convertible ?? RangeList()
    if !isUnused { convertible?.append(entry) }
  }

  private var differsFromPrevious: Bool {
    guard let convertible, let previousConvertible else { return false }
    return !convertible.saysTheSame(as: previousConvertible)
  }

  // MARK: Messages

  /// Reads a line with `tdx: `.
  ///
  /// - Parameters:
  ///   - before: what stands before `tdx: `.
  ///   - after: starts behind it.
  /// - Returns: whether the line has been read to its end.
  mutating func readMessage(before: TextCursor, after: TextCursor, line: Int) throws(BrokenLine) -> Bool {
    var rest = after
    if rest.take("TDX TDMR[") { return try readTDMR(rest) }
    if rest.take("TDX PAMT[") { return try readPAMT(rest) }
    // Memory, which is read from `CMR` on.
    if rest.starts(with: "CMR") || rest.starts(with: "TDX CMR") { return false }
    if rest.take("BIOS enabled: private KeyID range") {
      // The documentation prints the line with a colon.
      _ = rest.take(":")
      try readKeyIDs(rest.trimmed)
    }
    readPAMTTotal(after)
    return readMessage(in: TextCursor(from: before.position, to: after.end), line: line)
  }

  /// Reads a line that may say something of TDX anywhere.
  mutating func readMessage(in whole: TextCursor, line: Int) -> Bool {
    let bytes = UnsafeBufferPointer(start: whole.position, count: whole.count)
    return forgetsMessages ? TDXMessage.isKnown(bytes) : observed.tdx.read(bytes, line: line)
  }

  /// `1050644 KB allocated for PAMT`, or what early kernels printed: `KBs`, or pages.
  private mutating func readPAMTTotal(_ text: TextCursor) {
    var text = text
    guard let number = text.takeDecimal() else { return }
    if text.take(" KB allocated for PAMT") || text.take(" KBs allocated for PAMT") {
      observed.pamtKiB = number
    } else if text.take(" pages allocated for PAMT") {
      observed.pamtKiB = number > .max / 4 ? nil : number * 4
    }
  }

  /// `[32, 64)`: the end is a power of two, the number of all keys.
  private mutating func readKeyIDs(_ text: TextCursor) throws(BrokenLine) {
    var text = text
    guard text.take("["), let first = text.takeDecimal(), text.take(", "), let end = text.takeDecimal(),
      text.take(")"), first < end, end.nonzeroBitCount == 1, end.trailingZeroBitCount <= maxAddressBits
    else { throw BrokenLine("a range of key ids says `[FIRST, END)`, END a power of two up to 2^52") }
    keyIDBits = end.trailingZeroBitCount
  }

  // MARK: Early out-of-tree kernels

  /// `0]: 0x0 0x1080000000`, base and size.
  private mutating func readTDMR(_ text: TextCursor) throws(BrokenLine) -> Bool {
    let (index, range) = try indexedRange(text)
    if index == 0 { observed.tdmrs.removeAll() }
    observed.tdmrs.append(ObservedTDMR(range: range))
    return true
  }

  private mutating func readPAMT(_ text: TextCursor) throws(BrokenLine) -> Bool {
    let (index, range) = try indexedRange(text)
    if let index = Int(exactly: index), observed.tdmrs.indices.contains(index) {
      observed.tdmrs[index].pamt = range
    }
    return true
  }

  private func indexedRange(_ text: TextCursor) throws(BrokenLine) -> (UInt64, AddressRange) {
    var text = text
    guard let index = text.takeDecimal(), text.take("]: "), let base = text.takeHex(), text.take(" "),
      let size = text.takeHex()
    else { throw BrokenLine("a TDMR or PAMT says `[INDEX]: 0xBASE 0xSIZE`") }
    try text.requireEnd()
    return (index, try sizedRange(base, size))
  }
}
