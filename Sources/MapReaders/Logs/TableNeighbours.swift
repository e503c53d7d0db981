/// The last line that was read of a table, and what lies beside such lines: none that is meant as one of them may be passed
/// over.
struct TableNeighbours {
  private struct Last {
    var line: TextCursor
    var kind: RowKind
    /// Whether it is a row, and not the heading.
    var isRow = true
    /// Where the line behind begins.
    var end: UnsafePointer<UInt8>
    /// Of that line, less one.
    var number: Int
  }

  private var last: Last?

  /// A row of a table has been read.
  ///
  /// - Parameters:
  ///   - end: where the line behind begins.
  ///   - number: of that line, less one.
  @inline(__always)
  mutating func add(_ line: TextCursor, of kind: RowKind, to end: UnsafePointer<UInt8>, number: Int) {
    last = Last(line: line, kind: kind, end: end, number: number)
  }

  /// A line has been read behind which rows stand.
  mutating func add(heading: TextCursor, of kind: RowKind, to end: UnsafePointer<UInt8>, number: Int) {
    last = Last(line: heading, kind: kind, isRow: false, end: end, number: number)
  }

  /// More rows have been read, the last one of which is given.
  @inline(__always)
  mutating func extend(by line: TextCursor, to end: UnsafePointer<UInt8>, number: Int) {
    last?.line = line
    last?.end = end
    last?.number = number
  }

  /// Lines behind the last one that was read are of the table, and say nothing.
  mutating func pass(to lines: LogLines) {
    last?.number += lines.passed
    last?.end = lines.position
  }

  mutating func pass(to end: UnsafePointer<UInt8>, number: Int) {
    last?.number = number
    last?.end = end
  }

  /// Whether a line is the one behind the last of a table.
  @inline(__always)
  func isNext(_ line: TextCursor) -> Bool { last.map { $0.end == line.position } ?? false }

  /// Whether a line is the one that the lines behind it are held against.
  @inline(__always)
  func begin(with line: TextCursor) -> Bool {
    last.map { $0.isRow && $0.line.position == line.position } ?? false
  }

  var hasTable: Bool { last != nil }
  var hasRow: Bool { last?.isRow ?? false }

  /// The lines behind the table, up to the end of the text; nil where there is no table.
  func linesBehind(in text: TextCursor) -> LogLines? {
    last.map { LogLines(TextCursor(from: $0.end, to: text.end)) }
  }

  /// The number in the text of one of the lines behind the table.
  func number(of line: LogLine) -> Int { line.number + (last?.number ?? 0) }

  mutating func forget() { last = nil }

  /// How a line compares with the last one of the table.
  func likeness(of line: TextCursor) -> LineShape.Likeness {
    guard let last else { return .different }
    if last.kind == .ioMemory, let name = line.ioMemoryName {
      guard name.mayBeSystemRAM else { return .different }
    }
    if line.endsWithBareEntry { return .different }
    let likeness = likenessToRow(of: line)
    if likeness != .different { return likeness }
    return last.kind.isRow(line) ? .alike : .different
  }

  /// The same of the row itself, whatever else is a row of such a table.
  func likenessToRow(of line: TextCursor) -> LineShape.Likeness {
    guard let last, last.isRow, last.line.mayBegin(like: line), !line.endsWithBareEntry else {
      return .different
    }
    return LineShape.likeness(of: line, to: last.line)
  }

  /// Whether a line is meant as a row, whatever the last one was.
  func isRow(_ line: TextCursor) -> Bool { last?.kind.isRow(line) ?? false }

  /// Whether a line that says nothing of memory is of the same table, so that the next one may be a row again.
  func passes(_ line: TextCursor) -> Bool {
    switch last?.kind {
    case .ioMemory: line.ioMemoryName != nil
    case .bareRange, .e820: line.endsWithBareEntry
    default: false
    }
  }
}

extension TextCursor {
  /// `PCI Bus 0000:00` of `  000a0000-000bffff : PCI Bus 0000:00`; nil where the line is none of /proc/iomem.
  fileprivate var ioMemoryName: TextCursor? {
    var rest = self
    rest.takeBlanks()
    guard !rest.take(while: isHexDigit).isAtEnd, rest.take("-"), !rest.take(while: isHexDigit).isAtEnd,
      rest.take(" : ")
    else { return nil }
    return rest
  }

  /// Whether a name may be `System RAM` but for a slip, which leaves its beginning or its end as it is.
  fileprivate var mayBeSystemRAM: Bool {
    next == UInt8(ascii: "S") || last == UInt8(ascii: "M") || last == UInt8(ascii: ")")
  }
}
