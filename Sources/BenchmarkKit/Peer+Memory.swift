import Glibc

/// The limits that memory sets, as peers of any workload that works through so many bytes.
extension Peer {
  /// Copies `byteCount` bytes from one buffer to another: each is read once and written once.
  ///
  /// Where the two lie is the same in every process, the source on a page's border and the target in the middle of one.
  /// Otherwise it is drawn anew with each process: a copy of 400 bytes took 5.9 ns, and 13.6 where the target happened to
  /// lie across the border of two pages.
  public static func memcpy(byteCount: Int) -> Peer {
    Peer(.memcpy, "memcpy/\(byteCount)") {
      let wholePages = byteCount <= halfPage ? 0 : (byteCount + pageSize - 1) / pageSize * pageSize
      let bytes = Bytes(zeros: wholePages + halfPage + byteCount)
      bytes.fill(byteCount)
      let source = bytes.start
      let target = source + wholePages + halfPage
      return Subject {
        // The C library's, of which the optimiser may know the size no more than a workload's.
        _ = Glibc.memcpy(target, source, opaque(byteCount))
      } check: { _ in
        // Both are released with `bytes`.
        withExtendedLifetime(bytes) {
          Glibc.memcmp(target, source, byteCount) == 0 ? nil : "the copy differs"
        }
      }
    }
  }

  /// Adds up `byteCount` bytes as words of 8, the bytes after the last whole word singly.
  public static func sum(byteCount: Int) -> Peer {
    Peer(.sum, "sum/\(byteCount)") {
      let bytes = Bytes(counting: byteCount)
      let expected = slowSum(bytes.buffer)
      return Subject {
        wordSum(bytes.buffer)
      } check: { sum in
        sum == expected ? nil : "the sum is \(sum), not \(expected)"
      }
    }
  }

  /// Finds every newline of a text, each from the one before.
  ///
  /// - Parameter name: of the text, as the peer is shared by this name.
  public static func memchr(_ name: String, text: @escaping @Sendable () -> [UInt8]) -> Peer {
    Peer(.memchr, "memchr/\(name)") {
      let text = text()
      let expected = text.count { $0 == newline }
      return Subject {
        text.withUnsafeBytes(newlineCount)
      } check: { count in
        count == expected ? nil : "\(count) newlines, not \(expected)"
      }
    }
  }
}

private let newline = UInt8(ascii: "\n")

/// - Complexity: O(n), a call of memchr for each newline.
private func newlineCount(_ text: UnsafeRawBufferPointer) -> Int {
  guard var next = text.baseAddress else { return 0 }
  let end = next + text.count
  var count = 0
  while let found = Glibc.memchr(next, Int32(newline), end - next) {
    count += 1
    next = UnsafeRawPointer(found) + 1
  }
  return count
}

/// - Complexity: O(n), a load and an addition for each word. The sum wraps, or it could not be vectorised.
private func wordSum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
  let wordBytes = bytes.count / 8 * 8
  var sum: UInt64 = 0
  for word in UnsafeRawBufferPointer(rebasing: bytes[..<wordBytes]).bindMemory(to: UInt64.self) {
    sum &+= word
  }
  for byte in bytes[wordBytes...] { sum &+= UInt64(byte) }
  return sum
}

/// What ``wordSum`` must give, worked out a byte at a time.
private func slowSum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
  let wordBytes = bytes.count / 8 * 8
  return bytes.enumerated().reduce(0) { sum, next in
    sum &+ (UInt64(next.element) << (next.offset < wordBytes ? UInt64(next.offset % 8 * 8) : 0))
  }
}

private let pageSize = 4096
private let halfPage = pageSize / 2

/// Bytes outside the heap of Swift, on a page's border, released with the last reference.
private final class Bytes {
  let start: UnsafeMutableRawPointer
  private let count: Int

  /// Every page is written, or all of them might be one page of zeros.
  init(zeros count: Int) {
    start = .allocate(byteCount: max(count, 1), alignment: pageSize)
    self.count = count
    memset(start, 0, count)
  }

  /// 0, 1, ... 250, 0, 1, ...: no two words in a row are the same.
  convenience init(counting count: Int) {
    self.init(zeros: count)
    fill(count)
  }

  /// The first `count` bytes become 0, 1, ... 250, 0, 1, ...
  func fill(_ count: Int) {
    for index in 0..<count { start.storeBytes(of: UInt8(index % 251), toByteOffset: index, as: UInt8.self) }
  }

  deinit { start.deallocate() }

  var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }
}
