import TDXMemory

/// What `lsmem` prints as text: a table with the columns that were asked for, in their order, or with `--pairs` a row of
/// `NAME="value"` a line. Whole memory blocks, as in `lsmem --json`.
struct LsmemTextReader {
  private(set) var list = RangeList()
  /// The size of a memory block in bytes.
  private(set) var blockSize: UInt64?
  private(set) var offlineCount = 0
  /// The first row whose size is not that of its range.
  private(set) var lineOfOtherSize: Int?
  /// Rows that name blocks and no addresses, until the size of a block is known.
  private var blockRows: [LsmemRow] = []
  private var heading: LsmemHeading?

  /// Whether rows are still to come: they hold no keyword.
  var isInsideTable: Bool { heading != nil }
  var isEmpty: Bool { list.isEmpty && blockRows.isEmpty && blockSize == nil }
  /// Whether there are rows whose addresses are not known, for nothing says how large a block is.
  var lacksAddresses: Bool { list.isEmpty && !blockRows.isEmpty }
  var firstLine: Int? { blockRows.first?.line ?? list.entries.first?.line }

  /// Reads a line that may be a heading, a row, or the summary.
  ///
  /// - Returns: what the line is; nil where it is none of these.
  mutating func read(_ line: TextCursor, number: Int) throws(BrokenLine) -> LineKind? {
    if let heading = LsmemHeading(line) {
      self.heading = heading
      return .other
    }
    if let row = try LsmemRow.pairs(line, number: number) {
      try add(row)
      return .row(.lsmem)
    }
    if try readBlockSize(line) { return .other }
    if let heading {
      if let row = try heading.row(line, number: number) {
        try add(row)
        return .row(.lsmem)
      }
      // A line that cannot be read may be one of the table: what is behind it tells.
      if line.trimmed.isAtEnd { self.heading = nil }
      return nil
    }
    guard let row = try LsmemRow.withoutHeading(line, number: number) else { return nil }
    try add(row)
    return .row(.lsmem)
  }

  /// `Memory block size:       128M`.
  private mutating func readBlockSize(_ line: TextCursor) throws(BrokenLine) -> Bool {
    guard let start = line.find("Memory block size:", by: 7) else { return false }
    var text = TextCursor(from: start, to: line.end)
    _ = text.take("Memory block size:")
    text.takeBlanks()
    guard let size = text.takeSize(), size.bytes > 0 else { return false }
    // `x86/mm: Memory block size: 128MB` is the kernel's.
    guard text.trimmed.isAtEnd else { return false }
    blockSize = size.bytes
    heading = nil
    for row in blockRows {
      var row = row
      row.range = row.blockRange(blockSize: size.bytes)
      try add(row)
    }
    blockRows.removeAll()
    return true
  }

  private mutating func add(_ row: LsmemRow) throws(BrokenLine) {
    guard let range = row.range else {
      guard row.blocks != nil else { throw BrokenLine("the row has neither a range nor blocks") }
      blockRows.append(row)
      return
    }
    if row.isOffline { offlineCount += 1 }
    if let size = row.size, !size.isAbout(range.size), lineOfOtherSize == nil { lineOfOtherSize = row.line }
    if blockSize == nil, let blocks = row.blocks {
      let (size, rest) = range.size.quotientAndRemainder(dividingBy: blocks.count)
      if rest == 0 && size > 0 { blockSize = size }
    }
    list.appendPrinted(ListedRange(range: range, node: row.node, line: row.line))
  }
}

/// The columns that lsmem knows.
enum LsmemColumn: String, CaseIterable {
  case range = "RANGE"
  case size = "SIZE"
  case state = "STATE"
  case removable = "REMOVABLE"
  case block = "BLOCK"
  case node = "NODE"
  case zones = "ZONES"
  case configured = "CONFIGURED"
  case memmapOnMemory = "MEMMAP-ON-MEMORY"

  private static let names: [(name: StaticString, column: LsmemColumn)] = [
    ("RANGE", .range), ("SIZE", .size), ("STATE", .state), ("REMOVABLE", .removable), ("BLOCK", .block),
    ("NODE", .node), ("ZONES", .zones), ("CONFIGURED", .configured), ("MEMMAP-ON-MEMORY", .memmapOnMemory),
  ]

  /// Whether a word names no column, and would but for a slip.
  static func isSlip(_ word: TextCursor) -> Bool { names.contains { word.isSlip(of: $0.name) } }

  /// The column that a word names; nil where it names none.
  init?(_ word: TextCursor) {
    guard let first = word.next, UInt8(ascii: "A")...UInt8(ascii: "Z") ~= first,
      let found = Self.names.first(where: { word.equals($0.name) })
    else { return nil }
    self = found.column
  }
}

/// A row of lsmem, whatever columns it has.
struct LsmemRow {
  var line: Int
  var range: AddressRange?
  var size: PrintedSize?
  var isOffline = false
  var node: UInt32?
  var blocks: BlockNumbers?

  /// The numbers of the first and the last block.
  struct BlockNumbers {
    var first: UInt64
    var last: UInt64
    var count: UInt64 { (last - first).addingSaturated(1) }
  }

  init(line: Int) { self.line = line }

  /// Block N covers `[N x size, (N + 1) x size)`.
  func blockRange(blockSize: UInt64) -> AddressRange? {
    blocks.map {
      let start = $0.first.multipliedSaturated(by: blockSize)
      return AddressRange(
        unchecked: start,
        start.addingSaturated($0.count.multipliedSaturated(by: blockSize))
      )
    }
  }

  mutating func set(_ column: LsmemColumn, _ cell: TextCursor) throws(BrokenLine) {
    var cell = cell
    switch column {
    case .range:
      range = try cell.takeRangeOfLsmem()
    case .size:
      guard let size = cell.takeSize(), cell.isAtEnd else {
        throw BrokenLine("the size is not one as lsmem prints them")
      }
      self.size = size
    case .state:
      if cell.isSlipOfState { throw Self.brokenState }
      isOffline = !cell.equals("online")
    case .block:
      guard let first = cell.takeDecimal() else { throw BrokenLine("the blocks are not numbers") }
      guard cell.take("-") else {
        guard cell.isAtEnd else { throw BrokenLine("the blocks are not numbers") }
        blocks = BlockNumbers(first: first, last: first)
        return
      }
      guard let last = cell.takeDecimal(), cell.isAtEnd, first <= last else {
        throw BrokenLine("the blocks are not numbers")
      }
      blocks = BlockNumbers(first: first, last: last)
    case .node:
      if cell.isAtEnd { return }
      node = try cell.takeNode()
      try cell.requireEnd()
    case .removable, .zones, .configured, .memmapOnMemory: break
    }
  }

  /// `RANGE="0x…-0x…" SIZE="2G" …`, in any order.
  ///
  /// - Returns: nil where the line has no `RANGE="` and no `BLOCK="`.
  static func pairs(_ line: TextCursor, number: Int) throws(BrokenLine) -> LsmemRow? {
    guard line.find("RANGE=\"", by: 5) != nil || line.find("BLOCK=\"", by: 5) != nil else {
      if line.find("\"0x", by: 0) != nil, line.find("STATE=\"", by: 5) != nil { throw Self.brokenPairs }
      return nil
    }
    var row = LsmemRow(line: number)
    var rest = line
    while let quote = rest.find("=\"") {
      let isFirst = rest.position == line.position
      var before = TextCursor(from: rest.position, to: quote)
      let name = before.dropLast { !isBlank($0) && $0 != UInt8(ascii: "\"") }
      // Before the first may be a prefix.
      guard isFirst ? before.find("\"") == nil : before.trimmed.isAtEnd else { throw brokenPairs }
      rest = TextCursor(from: quote + 2, to: line.end)
      guard let value = rest.take(upTo: UInt8(ascii: "\"")) else {
        throw BrokenLine("a value has no closing quote")
      }
      if let column = LsmemColumn(name) {
        try row.set(column, value)
      } else if name.isAtEnd || LsmemColumn.isSlip(name) {
        throw brokenPairs
      }
      // A name stands behind a blank.
      guard rest.next.map(isBlank) ?? true else { throw brokenPairs }
    }
    guard rest.take(upTo: UInt8(ascii: "\"")) == nil else { throw brokenPairs }
    return row
  }

  private static let brokenState = BrokenLine("the state is neither online nor offline")
  private static let brokenPairs = BrokenLine("a row says NAME=\"value\" for each of lsmem's columns")

  /// `0x…-0x… 2G online yes 0-15` of `lsmem --noheadings`: a row that begins with a range and has a state.
  static func withoutHeading(_ line: TextCursor, number: Int) throws(BrokenLine) -> LsmemRow? {
    let words = line.words
    guard !words.isCut, let place = words.firstIndex(where: { $0.mayBeAddressRange }) else { return nil }
    guard
      let state = words.firstIndex(where: { $0.equals("online") || $0.equals("offline") || $0.isSlipOfState })
    else {
      if place == 0, words.count > 2, words[0].isRangeOfBlocks {
        throw BrokenLine("a row of lsmem without headings needs its state, online or offline")
      }
      return nil
    }
    // Before it are quotes and stamps, not words of a sentence.
    guard place <= 1 || state < place else { return nil }
    guard !words[state].isSlipOfState else {
      guard words[place].isAddressRange, words.count > 2 else { return nil }
      throw brokenState
    }
    var row = LsmemRow(line: number)
    try row.set(.range, words[place])
    try row.set(.state, words[state])
    // Of two numbers the first is the block, as lsmem orders them by itself; one alone may be either.
    let numbers = words.count { $0.isBlockNumbers }
    guard let first = words.firstIndex(where: { $0.isBlockNumbers }) else { return row }
    if numbers == 2 || words[first].find("-") != nil { try row.set(.block, words[first]) }
    if numbers == 2, let last = words.lastIndex(where: { $0.isBlockNumbers }) {
      try row.set(.node, words[last])
    }
    return row
  }
}

/// The first line of lsmem's table.
struct LsmemHeading {
  private struct Column {
    var name: LsmemColumn
    /// Where the name ends: values end there too, for all but ranges are set to the right.
    var end: Int
  }

  private var columns: [Column] = []
  /// What stands before the names, as in `> `, without blanks at its end: how long it is, and its last byte.
  private let prefix: (count: Int, last: UInt8?)
  private let hasRanges: Bool

  /// `RANGE  SIZE  STATE REMOVABLE BLOCK`, in any choice and order that has ranges or blocks.
  init?(_ line: TextCursor) {
    var rest = line.withoutTrailingBlanks
    while true {
      var before = rest
      let word = before.dropLast { !isBlank($0) }
      guard let name = LsmemColumn(word), !columns.contains(where: { $0.name == name }) else { break }
      columns.append(Column(name: name, end: word.end - line.position))
      rest = before.withoutTrailingBlanks
    }
    guard !columns.isEmpty else { return nil }
    columns.reverse()
    hasRanges = columns.contains { $0.name == .range }
    guard hasRanges || columns.count > 1 && columns.contains(where: { $0.name == .block }) else { return nil }
    prefix = (rest.count, rest.last)
  }

  /// - Returns: nil where the line is no row of the table, which is at its end then.
  func row(_ line: TextCursor, number: Int) throws(BrokenLine) -> LsmemRow? {
    var rest = line
    if let last = prefix.last, line.count >= prefix.count, line.position[prefix.count - 1] == last {
      rest.skip(prefix.count)
    }
    let words = rest.words
    let mark = words.firstIndex {
      hasRanges ? $0.starts(with: "0x") || $0.mayBeAddressRange : $0.isBlockNumbers
    }
    guard mark != nil else { return nil }
    var row = LsmemRow(line: number)
    if words.count == columns.count && !words.isCut {
      for index in 0..<words.count { try row.set(columns[index].name, words[index]) }
      return row
    }
    // A cell is empty: what is there stands below the end of its name.
    for index in 0..<words.count {
      let word = words[index]
      let end = word.end - line.position
      let column = word.isAddressRange ? columns.first { $0.name == .range } : columns.first { $0.end == end }
      guard let column else {
        throw BrokenLine("the row has \(words.count) cells where the heading has \(columns.count)")
      }
      try row.set(column.name, word)
    }
    return row
  }
}

/// A size as util-linux prints it: bytes, or rounded to a tenth of a unit.
struct PrintedSize {
  var bytes: UInt64
  /// How far the size may be off.
  var precision: UInt64

  func isAbout(_ size: UInt64) -> Bool { (bytes > size ? bytes - size : size - bytes) <= precision }
}

extension TextCursor {
  /// `0x0000000000000000-0x000000007fffffff`: 16 digits each.
  mutating func takeRangeOfLsmem() throws(BrokenLine) -> AddressRange {
    let whole = self
    let range = try takeInclusiveRange()
    try requireEnd()
    var digits = whole
    _ = digits.take("0x")
    let first = digits.take(while: isHexDigit).count
    _ = digits.take("-0x")
    let last = digits.take(while: isHexDigit).count
    guard first == last || first != 16 && last != 16 else { throw BrokenLine("an address has not 16 digits") }
    return range
  }

  /// `128M`, `1.5G`, `134217728`, and `0B`.
  mutating func takeSize() -> PrintedSize? {
    let start = self
    guard let whole = takeDecimal() else { return nil }
    var tenths: UInt64 = 0
    var hasFraction = false
    if take(".") || take(",") {
      var digits = take(while: isDecimal)
      guard let first = digits.takeByte() else {
        self = start
        return nil
      }
      tenths = UInt64(first - UInt8(ascii: "0"))
      hasFraction = true
    }
    let units: [(StaticString, UInt64)] = [("K", 10), ("M", 20), ("G", 30), ("T", 40), ("P", 50), ("E", 60)]
    guard let (_, shift) = units.first(where: { take($0.0) }) else {
      _ = take("B")
      if hasFraction {
        self = start
        return nil
      }
      return PrintedSize(bytes: whole, precision: 0)
    }
    _ = take("iB") || take("B")
    let unit: UInt64 = 1 << shift
    let bytes = whole.multipliedSaturated(by: unit).addingSaturated(tenths.multipliedSaturated(by: unit / 10))
    return PrintedSize(bytes: bytes, precision: unit / 5)
  }

  /// The words between blanks.
  fileprivate var words: LineWords { LineWords(self) }

  /// Whether it is a range of addresses, or looks like one, or like most of one, but for a slip: lsmem prints two times 16
  /// digits.
  fileprivate var mayBeAddressRange: Bool {
    if isAddressRange { return true }
    guard 18...39 ~= count else { return false }
    var (rest, digits, foreign) = (self, 0, 0)
    while let byte = rest.takeByte() {
      if isHexDigit(byte) {
        digits += 1
      } else if byte != UInt8(ascii: "x") && byte != UInt8(ascii: "-") {
        foreign += 1
      }
    }
    return foreign <= 1 && digits >= 17 && (digits >= 32 || starts(with: "0x") || find("-0x") != nil)
  }

  /// Whether it is a range as lsmem prints it: `0x0000000000000000-0x000000007fffffff`, of whole memory blocks. Other tables
  /// have other ranges at the beginning of their lines (/proc/vmallocinfo).
  fileprivate var isRangeOfBlocks: Bool {
    guard count == 37, isAddressRange else { return false }
    var text = self
    guard let range = try? text.takeInclusiveRange() else { return false }
    return (range.start | range.end) % Self.leastBlock == 0
  }

  /// The least size of a memory block, that of a section, on x86-64.
  private static let leastBlock: UInt64 = 128 << 20

  /// Whether it is `online` or `offline` but for a slip.
  var isSlipOfState: Bool { isSlip(of: "online") || isSlip(of: "offline") }

  fileprivate var isAddressRange: Bool {
    var text = self
    return text.take("0x") && !text.take(while: isHexDigit).isAtEnd && text.take("-0x")
      && !text.take(while: isHexDigit).isAtEnd && text.isAtEnd
  }

  /// `7` or `0-15`.
  fileprivate var isBlockNumbers: Bool {
    var text = self
    guard !text.take(while: isDecimal).isAtEnd else { return false }
    return text.isAtEnd || text.take("-") && !text.take(while: isDecimal).isAtEnd && text.isAtEnd
  }
}

/// The words of a line, as many as a row of lsmem can have; on the stack.
private struct LineWords {
  private static let most = 24
  private var words: InlineArray<24, TextCursor>
  private(set) var count = 0
  /// Whether there are more.
  private(set) var isCut = false

  init(_ line: TextCursor) {
    words = InlineArray(repeating: line)
    var rest = line
    while true {
      rest.takeBlanks()
      let word = rest.take { !isBlank($0) }
      if word.isAtEnd { return }
      guard count < Self.most else {
        isCut = true
        return
      }
      words[count] = word
      count += 1
    }
  }

  subscript(index: Int) -> TextCursor { words[index] }

  func firstIndex(where matches: (TextCursor) -> Bool) -> Int? {
    (0..<count).first { matches(words[$0]) }
  }

  func lastIndex(where matches: (TextCursor) -> Bool) -> Int? {
    (0..<count).last { matches(words[$0]) }
  }

  func count(where matches: (TextCursor) -> Bool) -> Int {
    (0..<count).count { matches(words[$0]) }
  }
}
