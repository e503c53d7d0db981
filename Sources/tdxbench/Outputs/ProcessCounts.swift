import Glibc
import MapReaders

/// What the kernel counts of this process and of files, for who wants to know how far it is.
enum ProcessCounts {
  /// The bytes that it has written so far, to whatever; nil where the kernel does not count them.
  static var written: UInt64? {
    lines(of: "/proc/self/io").lazy.compactMap { line in
      line.hasPrefix("wchar: ") ? UInt64(line.dropFirst(7)) : nil
    }.first
  }

  /// The bytes of those of some inputs that are files.
  static func bytes(of inputs: [String]) -> UInt64 {
    inputs.reduce(0) { sum, file in
      var status = stat()
      guard file != "-", stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return sum }
      return sum + UInt64(max(status.st_size, 0))
    }
  }

  private static func lines(of path: String) -> [Substring] {
    guard let bytes = try? readBytes(of: .file(path)) else { return [] }
    return bytes.withBytes { String(decoding: $0, as: UTF8.self) }.split(separator: "\n")
  }
}
