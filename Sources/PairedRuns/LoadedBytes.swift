import SystemIO

/// What of an executable is loaded into memory when it starts: its code and data.
///
/// Two builds of the same sources in two folders differ in their debug information, which has paths in it, and in nothing
/// that runs. So the same bytes here are the same program, and there is nothing to measure.
struct LoadedBytes: Equatable {
  private let segments: [Segment]

  private struct Segment: Equatable {
    /// The program header: kind, rights, offset, address, size in the file and in memory, alignment.
    let header: [UInt8]
    let bytes: [UInt8]
  }

  /// - Returns: nil for what is no 64-bit little-endian ELF file, or cannot be read.
  /// - Complexity: O(n) in the size of the file.
  init?(of path: String) {
    guard var file = try? bytesOfFile(path), file.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]),
      file.count >= 64
    else { return nil }
    func number(_ offset: Int, _ length: Int) -> Int? {
      guard offset >= 0, offset <= file.count - length else { return nil }
      let value = (0..<length).reduce(UInt64(0)) { $0 | UInt64(file[offset + $1]) << (8 * UInt64($1)) }
      return Int(exactly: value)
    }
    guard let table = number(32, 8), let size = number(54, 2), let count = number(56, 2), size >= 56 else {
      return nil
    }
    var headers: [(kind: Int, start: Int, bytes: Range<Int>)] = []
    for index in 0..<count {
      let (start, overflow) = table.addingReportingOverflow(index * size)
      guard !overflow, let kind = number(start, 4), let offset = number(start + 8, 8),
        let length = number(start + 32, 8), offset <= file.count, length <= file.count - offset
      else { return nil }
      headers.append((kind, start, offset..<offset + length))
    }
    // The head says where the sections are, and a note has a sum over the whole file: both change with what is not
    // loaded.
    for offset in [40..<48, 58..<64] + headers.filter({ $0.kind == Self.note }).map(\.bytes) {
      for place in offset { file[place] = 0 }
    }
    segments = headers.filter { $0.kind == Self.loaded }.map { header in
      Segment(header: Array(file[header.start..<header.start + 56]), bytes: Array(file[header.bytes]))
    }
    guard !segments.isEmpty else { return nil }
  }

  private static let loaded = 1
  private static let note = 4
}

extension Build {
  /// Whether another build is the same program: see ``LoadedBytes``. False where it cannot be told.
  public func isSameProgram(as other: Build) -> Bool {
    guard let own = LoadedBytes(of: program), let others = LoadedBytes(of: other.program) else {
      return false
    }
    return arguments == other.arguments && own == others
  }
}
