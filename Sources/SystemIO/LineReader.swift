import Glibc

/// One line of input, without its line ending.
public enum InputLine {
  /// Valid until the next line is read.
  case bytes(UnsafeRawBufferPointer)
  /// The line is longer than the reader takes; it has been passed over.
  case tooLong(limit: Int)
}

/// Splits what comes from a file descriptor into lines, in memory that is reused and grows only to the longest
/// line.
///
/// Lines end with LF or CR LF; the last one may lack it. Lines of nothing but white space are left out, and
/// counted.
public struct LineReader: ~Copyable {
  /// 1 GiB: a map of some 30 million regions.
  public static let defaultLimit = 1 << 30

  private let descriptor: Int32
  private let limit: Int
  private let chunk: Int
  private var pages = PageMemory()
  private var memory: UnsafeMutableRawBufferPointer { pages.bytes }
  // The bytes of memory: consumed up to `start`, without newline up to `searched`, read up to `end`.
  private var start = 0
  private var searched = 0
  private var end = 0
  private var atEnd = false
  /// Whether the line that is being read is longer than the limit: its bytes are dropped as they come.
  private var isDropping = false
  /// The number of the line that was returned last, from 1.
  public private(set) var number = 0

  /// - Parameters:
  ///   - descriptor: stays the caller's to close.
  ///   - limit: the longest line to take, in bytes without the line ending.
  ///   - chunk: the bytes to ask for at once.
  public init(_ descriptor: Int32, limit: Int = Self.defaultLimit, chunk: Int = 1 << 18) {
    precondition(limit > 0 && chunk > 0, "a line has room")
    self.descriptor = descriptor
    self.limit = limit
    self.chunk = chunk
  }

  /// The next line; nil at the end of the input.
  public mutating func next() throws(SystemError) -> InputLine? {
    while true {
      if let line = nextBuffered() { return line }
      guard try fill() else { return nil }
    }
  }

  /// The next line of those that have been read in full; reads nothing.
  public mutating func nextBuffered() -> InputLine? {
    while let length = lengthOfLine() {
      let bytes = UnsafeRawBufferPointer(rebasing: memory[start..<start + length])
      start = min(start + length + 1, end)
      searched = start
      number += 1
      if isDropping || bytes.count > limit + 1 {
        isDropping = false
        return .tooLong(limit: limit)
      }
      let line = bytes.last == UInt8(ascii: "\r") ? UnsafeRawBufferPointer(rebasing: bytes.dropLast()) : bytes
      guard line.count <= limit else { return .tooLong(limit: limit) }
      guard line.allSatisfy(Self.isWhiteSpace) else { return .bytes(line) }
    }
    return nil
  }

  /// Waits for more input and reads it.
  ///
  /// - Returns: false where there is none: then all lines have been returned.
  public mutating func fill() throws(SystemError) -> Bool {
    guard !atEnd else { return false }
    try makeRoom()
    let room = UnsafeMutableRawBufferPointer(rebasing: memory[end...])
    let amount = try SystemError.retrying(.read, descriptor) { [descriptor] in
      read(descriptor, room.baseAddress, room.count)
    }
    end += amount
    atEnd = amount == 0
    return true
  }

  /// The bytes before the next newline, or before the end of the input; nil where that has not been read.
  private mutating func lengthOfLine() -> Int? {
    let unsearched = memory[searched..<end]
    if let base = unsearched.isEmpty ? nil : memory.baseAddress,
      let newline = memchr(base + searched, 0x0a, unsearched.count)
    {
      return base.distance(to: newline) - start
    }
    searched = end
    return atEnd && (start < end || isDropping) ? end - start : nil
  }

  private mutating func makeRoom() throws(SystemError) {
    // A carriage return may still turn out to belong to the line ending.
    if isDropping || end - start > limit + 1 {
      isDropping = true
      start = end
    }
    if start > 0 {
      memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[start..<end]))
      end -= start
      start = 0
      searched = end
    }
    guard end == memory.count else { return }
    // No line that is taken needs more than the limit, a line ending and one more byte.
    try pages.grow(to: max(chunk, min(2 * memory.count, limit + chunk + 2)))
  }

  private static func isWhiteSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0d
  }
}
