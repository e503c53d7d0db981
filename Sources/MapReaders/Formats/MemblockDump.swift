import TDXMemory

/// The dump that `memblock=debug` puts into the kernel log (`memblock_dump_all`). There are several in a boot; the
/// early ones have no nodes yet.
struct MemblockDumpReader {
  private(set) var list = RangeList()
  /// What `memory.cnt` announced for the list.
  private(set) var announced: UInt64?
  /// How many entries the list has, the empty one of an empty list included.
  private(set) var printed: UInt64 = 0
  /// What the last line said beside its numbers; nil where it was the one of an empty list.
  private var last: ListedRange?

  /// ` memory.cnt  = 0x5`.
  mutating func readCount(after: TextCursor) -> Bool {
    var after = after
    after.takeBlanks()
    guard after.take("=") else { return false }
    after.takeBlanks()
    guard let count = after.takeHex() else { return false }
    restart()
    announced = count
    return true
  }

  private mutating func restart() {
    list.restart()
    announced = nil
    printed = 0
  }

  /// ` memory[0x0]<tab>[0x1000-0x9efff], 0x9e000 bytes on node 0 flags: 0x0`.
  ///
  /// - Parameter after: starts behind `memory[0x`.
  mutating func readEntry(after: TextCursor, line: Int) throws(BrokenLine) -> NumberPlaces? {
    var after = after
    let indexPlace = after.position
    guard let index = after.takeHexDigits(), after.take("]") else { return nil }
    after.takeBlanks()
    let rangePlace = after.position
    guard after.take("["), let first = after.takeHex(), after.take("-") else { throw Self.broken }
    let lastPlace = after.position
    guard let last = after.takeHex(), after.take("], ") else { throw Self.broken }
    let sizePlace = after.position
    guard let size = after.takeHex(), after.take(" bytes") else { throw Self.broken }
    let places = NumberPlaces(
      index: indexPlace,
      isIndexDecimal: false,
      first: rangePlace + "[0x".utf8.count,
      last: lastPlace + 2,
      size: sizePlace + 2
    )
    count(index)
    self.last = nil
    if size == 0 { return places }
    var entry = ListedRange(range: try inclusiveRange(first, last), line: line)
    if after.take(" on node ") { entry.node = try after.takeNode() }
    if after.take(" flags: ") {
      guard let flags = after.takeHex().flatMap({ UInt32(exactly: $0) }) else {
        throw BrokenLine("the flags are not a 32-bit hexadecimal number")
      }
      entry.flags = MemoryFlags(rawValue: flags)
    }
    // A word that a slip has changed would leave out the node or the flags.
    try after.requireEnd()
    self.last = entry
    list.append(entry)
    return places
  }

  private static let broken = BrokenLine("a dump says `memory[0x0] [0xFIRST-0xLAST], 0xSIZE bytes`")

  /// Reads the lines that differ from the last one in their numbers alone.
  mutating func readEntries(like shape: NumberedLineShape, from lines: inout LogLines) {
    guard var entry = last else { return }
    while let numbers = lines.next(like: shape) {
      count(numbers.index)
      // The one entry of an empty list: `[0x0-0xffffffffffffffff], 0x0 bytes`.
      if numbers.size == 0 { continue }
      entry.range = numbers.inclusiveRange
      entry.line = numbers.line
      list.append(entry)
    }
  }

  /// A list begins at index 0, also where its count is missing.
  @inline(__always)
  private mutating func count(_ index: UInt64) {
    if index == 0 && printed > 0 { restart() }
    printed += 1
  }
}
