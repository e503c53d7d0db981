import Glibc
import MapReaders

/// What the kernel counts of this process, for who wants to know how far it is.
enum ProcessCounts {
  /// The bytes that it has written so far, to whatever; nil where the kernel does not count them.
  static var written: UInt64? {
    lines(of: "/proc/self/io").lazy.compactMap { line in
      line.hasPrefix("wchar: ") ? UInt64(line.dropFirst(7)) : nil
    }.first
  }

  /// Tells how much of some files lies in the memory of this process: a file is mapped, so that is what has been read of it.
  ///
  /// - Returns: nil as long as none of them does.
  static func shareInMemory(of files: [String]) -> @Sendable (Duration) -> Double? {
    var sizes: [UInt64: UInt64] = [:]
    for file in files where file != "-" {
      var status = stat()
      guard stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      sizes[UInt64(status.st_ino)] = UInt64(max(status.st_size, 0))
    }
    let total = sizes.values.reduce(0, +)
    let inodes = Set(sizes.keys)
    return { _ in
      guard total > 0 else { return nil }
      return Double(min(residentBytes(of: inodes), total)) / Double(total)
    }
  }

  /// Of /proc/self/smaps: a line `start-end rights offset device inode path` for each mapping, then `Rss: N kB` and others.
  private static func residentBytes(of inodes: Set<UInt64>) -> UInt64 {
    var bytes: UInt64 = 0
    var isOne = false
    for line in lines(of: "/proc/self/smaps") {
      if line.hasPrefix("Rss:") {
        let kilobytes = line.split(separator: " ").dropFirst().first.flatMap { UInt64($0) }
        if isOne { bytes += (kilobytes ?? 0) * 1024 }
      } else if let first = line.utf8.first, first < UInt8(ascii: "A") || first >= UInt8(ascii: "a") {
        let words = line.split(separator: " ", maxSplits: 5)
        isOne = words.count > 4 && UInt64(words[4]).map(inodes.contains) == true
      }
    }
    return bytes
  }

  private static func lines(of path: String) -> [Substring] {
    guard let bytes = try? readBytes(of: .file(path)) else { return [] }
    return bytes.withBytes { String(decoding: $0, as: UTF8.self) }.split(separator: "\n")
  }
}
