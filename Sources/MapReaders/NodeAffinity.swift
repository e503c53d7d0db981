import TDXMemory

/// What a machine says about the NUMA nodes of addresses, whether there is memory at them or not.
struct NodeAffinity {
  /// Ranges of the SRAT, with the hotplug flag where it has it.
  var srat = RangeList()
  /// What `NUMA:` lines join, the holes between included.
  var joins = RangeList()
  /// Zones from first to last page, holes included.
  var zones = RangeList()
  /// `No NUMA configuration found`: there is one node.
  var isSingleNode = false

  var isEmpty: Bool { srat.isEmpty && joins.isEmpty && zones.isEmpty && !isSingleNode }

  /// `ACPI: SRAT: Node 1 PXM 1 [mem 0x1080000000-0x207fffffff] hotplug`. PXM is not the node.
  ///
  /// - Parameters:
  ///   - before: ends with `PXM 1 `.
  ///   - after: starts behind `[mem `.
  mutating func readSRAT(before: TextCursor, after: TextCursor, line: Int) throws(BrokenLine) -> Bool {
    var before = before
    guard before.dropLast(" "), !before.dropLast(while: isDecimal).isAtEnd, before.dropLast(" PXM ")
    else { return false }
    var number = before.dropLast(while: isDecimal)
    guard before.ends(with: "SRAT: Node ") else { return false }
    let node = try number.takeNode()
    var after = after
    let range = try after.takeInclusiveRange()
    guard after.take("]") else { throw BrokenLine("the range is not closed with ]") }
    let isHotplug = after.find(" hotplug") != nil
    srat.appendPrinted(
      ListedRange(range: range, node: node, flags: isHotplug ? .hotplug : [], line: line)
    )
    return true
  }

  /// `NUMA: Node 0 [mem A] + [mem B] -> [mem A+B]`: all of A+B belongs to the node, for the kernel joins only where no
  /// other node has an entry between.
  mutating func readJoin(before: TextCursor, after: TextCursor, line: Int) throws(BrokenLine) -> Bool {
    var before = before
    guard before.dropLast(" ") else { return false }
    var number = before.dropLast(while: isDecimal)
    guard !number.isAtEnd, before.ends(with: "NUMA: Node ") else { return false }
    let node = try number.takeNode()
    var after = after
    let one = try after.takeInclusiveRange()
    guard after.take("] + [mem ") else { throw BrokenLine("a join says `[mem A] + [mem B] -> [mem C]`") }
    let other = try after.takeInclusiveRange()
    let joined = AddressRange(unchecked: min(one.start, other.start), max(one.end, other.end))
    joins.append(ListedRange(range: joined, node: node, line: line))
    return true
  }
}

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

  /// `        spanned  4095` and `  start_pfn:           1`.
  mutating func readInsideZone(_ line: TextCursor, number: Int) throws(BrokenLine) -> Bool {
    guard let node else { return false }
    var line = line.trimmed
    if line.take("spanned") {
      line.takeBlanks()
      guard let pages = line.takeDecimal() else { throw BrokenLine("`spanned` is not a count of pages") }
      spannedPages = pages
      return true
    }
    guard line.take("start_pfn:") else { return false }
    line.takeBlanks()
    guard let first = line.takeDecimal() else { throw BrokenLine("`start_pfn` is not a page number") }
    self.node = nil
    guard spannedPages > 0 else { return true }
    let start = first.multipliedSaturated(by: pageSize)
    let end = first.addingSaturated(spannedPages).multipliedSaturated(by: pageSize)
    list.appendPrinted(ListedRange(range: AddressRange(unchecked: start, end), node: node, line: number))
    return true
  }
}
