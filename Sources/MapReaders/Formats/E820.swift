import TDXMemory

/// The e820 table that a boot printed last, and the edits it printed after it; and the same as they stood when memblock
/// was made of them.
struct E820Reader {
  private struct Entry {
    var range: AddressRange
    var type: E820Type
    var line: Int
  }

  private struct Edit {
    var range: AddressRange
    /// Nil: whatever the type was.
    var from: E820Type?
    /// Nil: the range goes away.
    var to: E820Type?

    /// A removal of whatever there was (`e820: remove [mem 0xffa000000-0xffd42ffff] `) that is not followed by a new table
    /// is of the place that the kernel lies at, which memmap= gave up; the kernel adds it as usable, without another line
    /// (`e820_add_kernel_range`).
    var isOfKernelImage: Bool { from == nil && to == nil }

    func changes(_ entry: Entry) -> Bool {
      (from == nil || from == entry.type) && range.overlaps(entry.range)
    }
  }

  private var entries: [Entry] = []
  private var edits: [Edit] = []
  /// The table and edits that memblock was made of; nil where nothing has changed them since.
  private var atMemblock: (entries: [Entry], edits: [Edit])?
  private var moment = MemblockMoment()
  /// Whether it is decided what memblock was made of, if only that it is not in the log.
  private var isSettled = false
  /// Who printed the table, as an index of `E820Reader.printers`.
  private var printer: Int?
  /// What the last `WHO: [mem ` line said beside its range.
  private var last = (printer: 0, type: E820Type.usable)

  /// Whether there was any entry, memory or not.
  var isEmpty: Bool { entries.isEmpty }
  /// Whether it is a table that Xen gave to its dom0.
  var isOfDom0: Bool { printer == Self.xenPrinter }
  var hasUsable: Bool { (atMemblock?.entries ?? entries).contains { $0.type == .usable } }
  /// The lowest address that the table speaks of.
  var firstAddress: UInt64? { entries.lazy.map(\.range.start).min() }
  var firstLine: Int? { entries.first?.line }

  /// Whether a table or an edit was printed after memblock had been made of the one before.
  var hasLateChanges: Bool { atMemblock != nil }
  /// Whether the only table there is was printed after memblock had been made of another.
  var isLateAlone: Bool {
    moment.isPast && atMemblock == nil && printer.map { !Self.isFirmware($0) } ?? false
  }

  /// Begins a new table.
  mutating func restart() {
    entries.removeAll(keepingCapacity: true)
    edits.removeAll()
    printer = nil
  }

  /// `BIOS-provided physical RAM map:` and the like.
  ///
  /// - Parameters:
  ///   - line: where its line starts.
  ///   - end: where it ends.
  mutating func readHeading(
    ofFirmware: Bool,
    from line: UnsafePointer<UInt8>,
    to end: UnsafePointer<UInt8>
  ) {
    beginChange(by: ofFirmware ? 0 : nil, at: line)
    moment.pass(to: end)
    restart()
  }

  /// A table or an edit is about to change the table: if memblock has been made of it, it is kept.
  ///
  /// - Parameter printer: nil where it does not matter. Firmware's table is the first of a boot.
  @inline(__always)
  private mutating func beginChange(by printer: Int?, at line: UnsafePointer<UInt8>) {
    moment.arrive(at: line)
    guard moment.isPast else { return }
    if let printer, Self.isFirmware(printer) {
      moment.restart()
      atMemblock = nil
      isSettled = false
    } else {
      settle()
    }
  }

  /// memblock has been made: of what there is, if it is not settled already.
  private mutating func settle() {
    guard !isSettled else { return }
    isSettled = true
    if !entries.isEmpty { atMemblock = (entries, edits) }
  }

  /// Who prints tables (`e820__print_table` and its older names).
  private static let printers: [StaticString] = [
    "BIOS-e820", "modified", "extended", "user", "reserve setup_data", "Xen", "BIOS-e801", "BIOS-88",
  ]
  private static let xenPrinter = 5
  private static func isFirmware(_ printer: Int) -> Bool { printer == 0 || printer >= 5 }

  /// `WHO: [mem 0x0-0x9efff] usable`.
  ///
  /// - Parameters:
  ///   - before: ends with `WHO: `.
  ///   - after: starts behind `[mem `.
  mutating func readEntry(
    before: TextCursor,
    after: TextCursor,
    line: Int
  ) throws(BrokenLine) -> Bool {
    var before = before
    guard before.dropLast(": "),
      let printer = Self.printers.firstIndex(where: { before.endsWithWord($0) })
    else { return false }
    var after = after
    let range = try after.takeInclusiveRange()
    guard after.take("]") else { throw BrokenLine("the range is not closed with ]") }
    let type = try Self.takeType(from: &after)
    try after.requireEnd()
    last = (printer, type)
    beginChange(by: printer, at: before.position)
    moment.pass(to: after.end)
    add(Entry(range: range, type: type, line: line), by: printer)
    return true
  }

  /// Reads the lines that differ from the last one in their ranges alone.
  mutating func readEntries(like shape: RangeLineShape, from lines: inout LogLines) {
    let (printer, type) = last
    while let (range, line) = lines.next(like: shape) {
      add(Entry(range: range, type: type, line: line), by: printer)
    }
    moment.pass(to: lines.position)
  }

  /// `BIOS-e820: 0000000000000000 - 000000000009f000 (usable)`, as kernels before 3.5 print it: half-open.
  ///
  /// - Parameter after: starts behind `BIOS-e820: `.
  mutating func readOldEntry(after: TextCursor, line: Int) throws(BrokenLine) -> Bool {
    var after = after
    after.takeBlanks()
    guard let next = after.next, isHexDigit(next) else { return false }
    let range = try after.takeHalfOpenRange()
    after.takeBlanks()
    let type = try Self.takeTypeInBrackets(from: &after)
    try after.requireEnd()
    beginChange(by: 0, at: after.position)
    moment.pass(to: after.end)
    add(Entry(range: range, type: type, line: line), by: 0)
    return true
  }

  /// ` modified: 0000000000000000 - 000000000009f000 (usable)`, of any printer.
  ///
  /// - Parameters:
  ///   - before: ends in front of the range.
  ///   - range: what is in front of `(usable)`.
  mutating func readOldUsable(before: TextCursor, range: AddressRange, line: Int) -> Bool {
    var before = before
    guard before.dropLast(": "),
      let printer = Self.printers.firstIndex(where: { before.endsWithWord($0) })
    else { return false }
    beginChange(by: printer, at: before.position)
    moment.pass(to: before.end)
    add(Entry(range: range, type: .usable, line: line), by: printer)
    return true
  }

  /// `e820 update range: 0000000000000000 - 0000000000001000 (usable) ==> (reserved)` and
  /// `e820 remove range: 00000000000a0000 - 0000000000100000 (usable)`, as kernels before 3.5 print them: half-open.
  ///
  /// - Parameters:
  ///   - before: ends in front of ` range: `.
  ///   - after: starts behind it.
  mutating func readOldEdit(before: TextCursor, after: TextCursor) throws(BrokenLine) -> Bool {
    let removes = before.ends(with: "e820 remove")
    guard removes || before.ends(with: "e820 update") else { return false }
    var after = after
    let range = try after.takeHalfOpenRange()
    after.takeBlanks()
    var edit = Edit(range: range, from: nil, to: nil)
    if !removes || !after.isAtEnd {
      edit.from = try Self.takeTypeInBrackets(from: &after)
      if !removes {
        guard after.take(" ==> ") else { throw BrokenLine("an update says `(OLD) ==> (NEW)`") }
        edit.to = try Self.takeTypeInBrackets(from: &after)
      }
      try after.requireEnd()
    }
    add(edit, from: before.position, to: after.end)
    return true
  }

  private static func takeTypeInBrackets(from cursor: inout TextCursor) throws(BrokenLine) -> E820Type {
    guard cursor.take("("), let type = E820Type.take(from: &cursor), cursor.take(")") else {
      throw BrokenLine("this is not a type of e820 memory")
    }
    return type
  }

  @inline(__always)
  private mutating func add(_ entry: Entry, by printer: Int) {
    if let last = entries.last, last.range == entry.range, last.type == entry.type { return }
    let comesAgain = entries.first.map { $0.range == entry.range && $0.type == entry.type } ?? false
    if printer != self.printer || comesAgain { restart() }
    self.printer = printer
    entries.append(entry)
  }

  /// `e820: update [mem 0x0-0xfff] usable ==> reserved` and `e820: remove [mem 0xa0000-0xfffff] usable`.
  mutating func readEdit(before: TextCursor, after: TextCursor) throws(BrokenLine) -> Bool {
    let removes = before.ends(with: "e820: remove ")
    guard removes || before.ends(with: "e820: update ") else { return false }
    var after = after
    let range = try after.takeInclusiveRange()
    guard after.take("]") else { throw BrokenLine("the range is not closed with ]") }
    var edit = Edit(range: range, from: nil, to: nil)
    if !removes || !after.trimmed.isAtEnd {
      edit.from = try Self.takeType(from: &after)
      if !removes {
        after.takeBlanks()
        guard after.take("==>") else { throw BrokenLine("an update says `OLD ==> NEW`") }
        edit.to = try Self.takeType(from: &after)
      }
      try after.requireEnd()
    }
    add(edit, from: before.position, to: after.end)
    return true
  }

  private mutating func add(_ edit: Edit, from line: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>) {
    moment.arrive(at: line, toEdit: edit.range)
    if moment.isPast { settle() }
    moment.pass(to: end)
    edits.append(edit)
  }

  /// The type behind a range; the newest kernels put the size before it, as in `] 639 KB System RAM`.
  private static func takeType(from cursor: inout TextCursor) throws(BrokenLine) -> E820Type {
    cursor.takeBlanks()
    if let next = cursor.next, isDecimal(next) {
      _ = cursor.take { isDecimal($0) || $0 == UInt8(ascii: ".") }
      cursor.takeBlanks()
      _ = cursor.take { !isBlank($0) }
      cursor.takeBlanks()
    }
    guard let type = E820Type.take(from: &cursor) else {
      throw BrokenLine("this is not a type of e820 memory")
    }
    return type
  }

  /// The usable memory that memblock was made of: the table with the edits applied, as `e820__range_update` and
  /// `e820__range_remove` do.
  ///
  /// - Returns: nil where there is more than a machine can have, and entries overlap or have more than 15 types.
  func usable() -> RangeList? {
    let (entries, edits) = atMemblock ?? (entries, edits)
    return Self.usable(entries, edits)
  }

  /// The same with all that was printed later: what /proc/iomem calls System RAM.
  func usableInTheEnd() -> RangeList? { Self.usable(entries, edits) }

  /// The most that entries x edits may be where each edit is held against each entry. Linux has room for 3200 entries.
  private static let mostWork = 1 << 20

  private static func usable(_ entries: [Entry], _ edits: [Edit]) -> RangeList? {
    var current = entries
    var work = 0
    for edit in edits {
      work += current.count
      guard work <= mostWork else { return usableOfMany(entries, edits) }
      if current.contains(where: { edit.changes($0) }) { current = apply(edit, to: current) }
      if edit.isOfKernelImage { current.append(Entry(range: edit.range, type: .usable, line: 0)) }
    }
    var list = RangeList()
    for entry in current where entry.type == .usable && !entry.range.isEmpty {
      list.append(ListedRange(range: entry.range, line: entry.line))
    }
    return list
  }

  /// The same of a table without overlaps, in O(n log n).
  private static func usableOfMany(_ entries: [Entry], _ edits: [Edit]) -> RangeList? {
    let ordered = entries.sorted { ($0.range.start, $0.range.end) < ($1.range.start, $1.range.end) }
    guard zip(ordered, ordered.dropFirst()).allSatisfy({ $0.range.end <= $1.range.start }) else { return nil }
    var table = E820Edits(of: entries.map(\.range) + edits.map(\.range))
    for entry in entries {
      guard table.change(entry.range, from: nil, to: entry.type) else { return nil }
    }
    for edit in edits {
      // What the kernel lies in is added again as usable.
      let to = edit.isOfKernelImage ? E820Type.usable : edit.to
      guard table.change(edit.range, from: edit.from, to: to) else { return nil }
    }
    var list = RangeList()
    for range in table.ranges(of: .usable) { list.append(ListedRange(range: range, line: entries[0].line)) }
    return list
  }

  private static func apply(_ edit: Edit, to entries: [Entry]) -> [Entry] {
    var result: [Entry] = []
    result.reserveCapacity(entries.count + 2)
    for entry in entries {
      guard edit.changes(entry), let changed = entry.range.intersection(edit.range) else {
        result.append(entry)
        continue
      }
      func keep(_ start: UInt64, _ end: UInt64, _ type: E820Type) {
        guard start < end else { return }
        result.append(Entry(range: AddressRange(unchecked: start, end), type: type, line: entry.line))
      }
      keep(entry.range.start, changed.start, entry.type)
      if let type = edit.to { keep(changed.start, changed.end, type) }
      keep(changed.end, entry.range.end, entry.type)
    }
    return result
  }
}
