import TDXMemory

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
  private(set) var isEmpty = true

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
    guard after.take(": ") else { return false }
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
    addConvertible(ListedRange(range: range, line: line), index: index)
    return true
  }

  /// CMRs ascend, so a list begins anew where a start is not above the one before. Empty ones are unused slots.
  private mutating func addConvertible(_ entry: ListedRange, index: UInt64?) {
    isEmpty = false
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

  // MARK: Results

  /// Reads what follows `tdx: `.
  mutating func readMessage(after: TextCursor) throws(BrokenLine) -> Bool {
    var after = after
    let isKnown =
      if after.take("TDX TDMR[") {
        try readTDMR(after)
      } else if after.take("TDX PAMT[") {
        try readPAMT(after)
      } else if after.take("BIOS enabled: private KeyID range ") {
        try readKeyIDs(after)
      } else {
        readResult(after)
      }
    if isKnown { isEmpty = false }
    return isKnown
  }

  /// `module initialized`, `1050644 KB allocated for PAMT`, or what failed.
  private mutating func readResult(_ text: TextCursor) -> Bool {
    if text.starts(with: "module initialized") || text.starts(with: "TDX initialized.") {
      observed.initialized = true
      return true
    }
    let endOfInitialization: [StaticString] = ["initialization failed: ", "module initialization failed"]
    let ended = endOfInitialization.contains { text.starts(with: $0) }
    // A failing SEAMCALL may be that of a guest, long after the module was initialized.
    if ended || text.starts(with: "memory region [") || text.starts(with: "SEAMCALL (") {
      let message = text.trimmed.text
      // A log that says it again, in another attempt or twice in a file, says nothing new.
      if !observed.failures.contains(message) && observed.failures.count < 64 {
        observed.failures.append(message)
      }
      if ended { observed.initialized = false }
      return true
    }
    var number = text
    guard let kibibytes = number.takeDecimal(), number.take(" KB") else { return false }
    _ = number.take("s")
    guard number.take(" allocated for PAMT") else { return false }
    observed.pamtKiB = kibibytes
    return true
  }

  /// `[32, 64)`: the end is a power of two, the number of all keys.
  private mutating func readKeyIDs(_ text: TextCursor) throws(BrokenLine) -> Bool {
    var text = text
    guard text.take("["), let first = text.takeDecimal(), text.take(", "), let end = text.takeDecimal(),
      text.take(")"), first < end, end.nonzeroBitCount == 1, end.trailingZeroBitCount <= maxAddressBits
    else { throw BrokenLine("a range of key ids says `[FIRST, END)`, END a power of two up to 2^52") }
    keyIDBits = end.trailingZeroBitCount
    return true
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
