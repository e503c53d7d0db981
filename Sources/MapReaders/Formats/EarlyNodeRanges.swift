import TDXMemory

/// The list under `Early memory node ranges` (`free_area_init`): a walk over memblock at boot.
struct EarlyNodeRangesReader {
  private(set) var list = RangeList()
  /// The first line of a list whose heading is missing: the log began in its middle.
  private(set) var lineWithoutHeading: Int?
  private var hasHeading = false
  /// Whether a list of page frames has begun whose lines are still to come: they hold no keyword.
  var isInsidePageFrames = false
  /// How many entries the heading of a list of page frames announces.
  private(set) var announced: UInt64?

  mutating func readHeading() {
    list.restart()
    hasHeading = true
    lineWithoutHeading = nil
    announced = nil
  }

  mutating func beginPageFrames(announced: UInt64?) {
    readHeading()
    isInsidePageFrames = true
    self.announced = announced
  }

  mutating func add(_ entry: ListedRange) { list.append(entry) }

  /// `  node   0: [mem 0x1000-0x9efff]`. `Initmem setup node 0 [mem …]` is only the hull and has no colon. `node  -1:` is
  /// memory that no entry of the SRAT has, from 6.10 on; `node 1024:` before.
  mutating func readEntry(
    before: TextCursor,
    after: TextCursor,
    line: Int
  ) throws(BrokenLine) -> Bool {
    var before = before
    guard before.dropLast(": ") else { return false }
    var number = before.dropLast(while: isDecimal)
    let isNone = before.dropLast("-")
    _ = before.dropLast(while: isBlank)
    guard !number.isAtEnd, before.ends(with: "node") else { return false }
    let node = isNone ? nil : try number.takeNode()
    var after = after
    let range = try after.takeInclusiveRange()
    guard after.take("]") else { throw BrokenLine("the range is not closed with ]") }
    try after.requireEnd()
    if list.isEmpty && !hasHeading { lineWithoutHeading = line }
    list.appendPrinted(ListedRange(range: range, node: node, line: line))
    return true
  }

  /// Reads the lines that differ from the last one in their ranges alone.
  mutating func readEntries(like shape: RangeLineShape, from lines: inout LogLines) {
    let node = list.entries.last?.node
    while let (range, line) = lines.next(like: shape) {
      list.appendPrinted(ListedRange(range: range, node: node, line: line))
    }
  }
}
