import SystemIO

/// Where the parts of an executable file lie: 64-bit little-endian ELF.
struct ExecutableParts {
  struct Segment {
    let kind: Int
    /// Where its program header begins.
    let header: Int
    /// What it has of the file.
    let bytes: Range<Int>

    static let loaded = 1
    static let interpreter = 3
    static let note = 4
  }

  static let headBytes = 64
  static let headerBytes = 56

  let segments: [Segment]
  /// The program headers.
  private let table: Range<Int>

  /// - Parameters:
  ///   - front: the first bytes of the file, with the program headers, or all of it.
  ///   - size: of the whole file.
  /// - Returns: nil for what is no such file, or one whose parts lie beyond its end.
  init?(_ front: [UInt8], size fileBytes: Int) {
    guard front.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]), front.count >= Self.headBytes else {
      return nil
    }
    func number(_ offset: Int, _ length: Int) -> Int? {
      guard offset >= 0, offset <= front.count - length else { return nil }
      let value = (0..<length).reduce(UInt64(0)) { $0 | UInt64(front[offset + $1]) << (8 * UInt64($1)) }
      return Int(exactly: value)
    }
    guard let table = number(32, 8), let size = number(54, 2), let count = number(56, 2),
      size >= Self.headerBytes
    else { return nil }
    var segments: [Segment] = []
    for index in 0..<count {
      let (start, overflow) = table.addingReportingOverflow(index * size)
      guard !overflow, let kind = number(start, 4), let offset = number(start + 8, 8),
        let length = number(start + 32, 8), offset <= fileBytes, length <= fileBytes - offset,
        start <= front.count - Self.headerBytes
      else { return nil }
      segments.append(Segment(kind: kind, header: start, bytes: offset..<offset + length))
    }
    guard segments.contains(where: { $0.kind == Segment.loaded }) else { return nil }
    self.segments = segments
    self.table = table..<min(table + count * size, fileBytes)
  }

  /// What the system reads of the file when it starts it.
  var started: [Range<Int>] {
    [0..<Self.headBytes, table]
      + segments.filter { $0.kind == Segment.loaded || $0.kind == Segment.interpreter }.map(\.bytes)
  }
}
