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
    guard var file = try? bytesOfFile(path), let parts = ExecutableParts(file, size: file.count)
    else { return nil }
    // The head says where the sections are, and a note has a sum over the whole file: both change with what is not
    // loaded.
    let notes = parts.segments.filter { $0.kind == ExecutableParts.Segment.note }.map(\.bytes)
    for offset in [40..<48, 58..<64] + notes {
      for place in offset { file[place] = 0 }
    }
    segments = parts.segments.filter { $0.kind == ExecutableParts.Segment.loaded }.map { segment in
      Segment(
        header: Array(file[segment.header..<segment.header + ExecutableParts.headerBytes]),
        bytes: Array(file[segment.bytes])
      )
    }
  }
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
