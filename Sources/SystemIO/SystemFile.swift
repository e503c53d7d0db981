import Glibc

/// The small text files in which Linux tells about the machine, under /proc and /sys.
package enum SystemFile {
  /// The first 64 KiB of the file, without blanks and line ends around them; nil where it cannot be read.
  package static func contents(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    var count = 0
    while count < bytes.count {
      let got = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress! + count, $0.count - count) }
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { break }
      count += got
    }
    let isBlank: (UInt8) -> Bool = { " \t\r\n\0".utf8.contains($0) }
    let trimmed = bytes[..<count].drop(while: isBlank)
    let end = trimmed.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? trimmed.startIndex
    return String(decoding: trimmed[..<end], as: UTF8.self)
  }
}
