import TDXMemory
import TerminalText

/// `/sys/kernel/debug/memblock/memory` (`memblock_debug_show`): exactly the list that TDX starts from.
struct MemblockReader {
  private(set) var list = RangeList()
  /// Names of flags that this reader does not know.
  private(set) var unknownFlags: [String] = []
  /// The first line whose index does not follow the one before it.
  private(set) var lineAfterGap: Int?
  private var nextIndex: UInt64 = 0
  /// What the last line said beside its numbers.
  private var last = ListedRange(range: AddressRange(unchecked: 0, 0))

  private static let flagNames: [(StaticString, MemoryFlags)] = [
    ("NONE", []), ("HOTPLUG", .hotplug), ("MIRROR", .mirror), ("NOMAP", .noMap),
    ("DRV_MNG", .driverManaged), ("RSV_NIT", .reservedNoInit),
    ("KHO_SCRATCH", .handover),
  ]

  /// `   0: 0x0000000000001000..0x000000000009ffff    0 NONE`; older kernels end behind the range.
  ///
  /// - Parameters:
  ///   - before: ends with the start of the range.
  ///   - after: starts with the digits of its end.
  mutating func readEntry(
    before: TextCursor,
    after: TextCursor,
    line: Int,
    mayBeCut: Bool
  ) throws(BrokenLine) -> NumberPlaces? {
    var before = before
    var startDigits = before.dropLast(while: isHexDigit)
    guard before.dropLast("0x") else { return nil }
    _ = before.dropLast(while: isBlank)
    guard before.dropLast(":") else { return nil }
    var indexDigits = before.dropLast(while: isDecimal)
    guard !indexDigits.isAtEnd, before.last.map(isBlank) ?? true else { return nil }

    var after = after
    let digits = after.count
    let places = NumberPlaces(
      index: indexDigits.position,
      first: startDigits.position,
      last: after.position
    )
    guard let start = startDigits.takeHexDigits(), startDigits.isAtEnd,
      let end = after.takeHexDigits(), let index = indexDigits.takeDecimal()
    else { throw BrokenLine("the range is not two 64-bit hexadecimal numbers") }
    if mayBeCut && after.isAtEnd && digits < 16 { throw BrokenLine("the line is cut short") }
    var entry = ListedRange(range: try inclusiveRange(start, end), line: line)
    try readColumns(after.trimmed, into: &entry)
    last = entry
    add(entry, index: index)
    return places
  }

  /// Reads the lines that differ from the last one in their numbers alone.
  mutating func readEntries(like shape: NumberedLineShape, from lines: inout LogLines) {
    var entry = last
    while let numbers = lines.next(like: shape) {
      entry.range = numbers.inclusiveRange
      entry.line = numbers.line
      add(entry, index: numbers.index)
    }
  }

  /// The node, or `x`, and the flags, joined by `|`.
  private mutating func readColumns(
    _ columns: TextCursor,
    into entry: inout ListedRange
  ) throws(BrokenLine) {
    var columns = columns
    guard !columns.isAtEnd else { return }
    if !columns.take("x") { entry.node = try columns.takeNode() }
    guard columns.isAtEnd || columns.next.map(isBlank) == true else {
      throw BrokenLine("the node is neither a number nor `x`")
    }
    columns.takeBlanks()
    while !columns.isAtEnd {
      let name = columns.take { $0 != UInt8(ascii: "|") }.trimmed
      _ = columns.takeByte()
      if let (_, flag) = Self.flagNames.first(where: {
        name.starts(with: $0.0) && name.count == $0.0.utf8CodeUnitCount
      }) {
        entry.flags.formUnion(flag)
      } else if !name.isAtEnd {
        let number = Self.number(name)
        if let number, Self.knownFlags.isSuperset(of: number) {
          entry.flags.formUnion(number)
          continue
        }
        let isBrokenNumber = number == nil && name.next.map(isDecimal) == true
        if isBrokenNumber || Self.flagNames.contains(where: { name.isSlip(of: $0.0) }) {
          throw BrokenLine("this is not a flag of memblock")
        }
        let text = fitForTerminal(name.text, limit: 40)
        if unknownFlags.count < 8 && !unknownFlags.contains(text) { unknownFlags.append(text) }
      }
    }
  }

  private static let knownFlags = flagNames.reduce(MemoryFlags()) { $0.union($1.1) }

  /// `0x40`: flags as the kernel has them, which prints those without a name so.
  private static func number(_ name: TextCursor) -> MemoryFlags? {
    var name = name
    guard let bits = name.takeHex(), name.isAtEnd, let raw = UInt32(exactly: bits) else { return nil }
    return MemoryFlags(rawValue: raw)
  }

  /// A list begins at index 0.
  @inline(__always)
  private mutating func add(_ entry: ListedRange, index: UInt64) {
    if index == 0 {
      list.restart()
      lineAfterGap = nil
    } else if index != nextIndex && lineAfterGap == nil {
      lineAfterGap = entry.line
    }
    nextIndex = index.addingSaturated(1)
    list.append(entry)
  }
}
