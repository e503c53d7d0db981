/// The last line that was read of a table, and what lies beside such lines: none that is meant as one of them may be passed
/// over.
struct TableNeighbours {
  private var last: (line: TextCursor, end: UnsafePointer<UInt8>, number: Int)?

  /// A line of a table has been read.
  ///
  /// - Parameters:
  ///   - end: where the line behind begins.
  ///   - number: of that line, less one.
  @inline(__always)
  mutating func add(_ line: TextCursor, to end: UnsafePointer<UInt8>, number: Int) {
    last = (line, end, number)
  }

  /// Whether a line is the one behind the last of a table.
  @inline(__always)
  func isNext(_ line: TextCursor) -> Bool { last.map { $0.end == line.position } ?? false }

  /// Whether a line is the one that the lines behind it are held against.
  @inline(__always)
  func begin(with line: TextCursor) -> Bool { last.map { $0.line.position == line.position } ?? false }

  var hasTable: Bool { last != nil }

  /// Takes the line behind the table, which is at its end then.
  mutating func takeNext(upTo limit: UnsafePointer<UInt8>) -> LogLine? {
    guard let last, last.end < limit else { return nil }
    var lines = LogLines(TextCursor(from: last.end, to: limit))
    guard var line = lines.next() else { return nil }
    line.number = last.number + 1
    return line
  }

  mutating func forget() { last = nil }

  /// How a line compares with the last one of the table.
  func likeness(of line: TextCursor) -> LineShape.Likeness {
    guard let last, last.line.mayBegin(like: line), !line.endsWithBareEntry else { return .different }
    return LineShape.likeness(of: line, to: last.line)
  }
}
