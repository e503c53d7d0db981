import TDXMemory

/// `/proc/zoneinfo`: zones with their spans in pages.
struct ZoneinfoReader {
  private(set) var list = RangeList()
  private var node: UInt32?
  private var spannedPages: UInt64 = 0

  /// Whether a zone has begun whose lines are still to come: they hold no keyword.
  var isInsideZone: Bool { node != nil }

  /// `Node 0, zone   Normal`.
  mutating func readHeading(before: TextCursor, line: Int) -> Bool {
    var before = before
    var number = before.dropLast(while: isDecimal)
    guard before.dropLast("Node "), before.trimmed.isAtEnd, let node = try? number.takeNode() else {
      return false
    }
    self.node = node
    spannedPages = 0
    return true
  }

  private static let templates = ["spanned #", "start_pfn: #"].map(RowTemplate.init)

  /// Whether a line that says nothing is meant as one that does, or as the heading of the next zone.
  private static func isSlip(_ line: TextCursor) -> Bool {
    guard let first = line.next else { return false }
    let trimmed = line.trimmed
    // A line of its own, up to 4.8.
    if trimmed.starts(with: "scanned ") { return false }
    if RowTemplate.isRow(line, of: templates) { return true }
    if let found = trimmed.find("start_pfn:", by: 6), found - trimmed.position <= 3 {
      let before = TextCursor(from: trimmed.position, to: found).trimmed
      if before.count <= 1 { return true }
    }
    // Behind a zone without pages the next one's heading comes at once.
    return !isBlank(first) && line.find(", zone", by: 2) == nil && RowKind.zone.isRow(line)
  }

  /// `        spanned  4095` and `  start_pfn:           1`.
  mutating func readInsideZone(_ line: TextCursor, number: Int) throws(BrokenLine) -> Bool {
    guard let node else { return false }
    let whole = line
    var line = line.trimmed
    if line.take("spanned") {
      line.takeBlanks()
      guard let pages = line.takeDecimal(), line.isAtEnd else {
        throw BrokenLine("`spanned` is not a count of pages")
      }
      spannedPages = pages
      return true
    }
    guard line.take("start_pfn:") else {
      if Self.isSlip(whole) { throw BrokenLine("the line looks like one of a zone and cannot be read") }
      return false
    }
    line.takeBlanks()
    guard let first = line.takeDecimal(), line.isAtEnd else {
      throw BrokenLine("`start_pfn` is not a page number")
    }
    self.node = nil
    guard spannedPages > 0 else { return true }
    let start = first.multipliedSaturated(by: pageSize)
    let end = first.addingSaturated(spannedPages).multipliedSaturated(by: pageSize)
    list.appendPrinted(ListedRange(range: AddressRange(unchecked: start, end), node: node, line: number))
    return true
  }
}
