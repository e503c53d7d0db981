#if canImport(Glibc)
  import Glibc
#endif

/// A line that is recognisable and wrong. Who reads the line knows the file and the number.
struct BrokenLine: Error {
  let message: String
  init(_ message: String) { self.message = message }
}

/// Bytes of a line that are read from left to right. They belong to the input, which outlives the cursor.
///
/// A `take` either moves past what it names and says so, or leaves the cursor where it was.
struct TextCursor {
  private(set) var position: UnsafePointer<UInt8>
  private(set) var end: UnsafePointer<UInt8>

  init(from position: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>) {
    self.position = position
    self.end = end
  }

  var count: Int { end - position }
  var isAtEnd: Bool { position == end }
  var next: UInt8? { isAtEnd ? nil : position.pointee }
  var last: UInt8? { isAtEnd ? nil : end[-1] }
  var text: String { String(decoding: UnsafeBufferPointer(start: position, count: count), as: UTF8.self) }

  @inline(__always)
  func starts(with literal: StaticString) -> Bool {
    count >= literal.utf8CodeUnitCount
      && memcmp(position, literal.utf8Start, literal.utf8CodeUnitCount) == 0
  }

  @inline(__always)
  func ends(with literal: StaticString) -> Bool {
    count >= literal.utf8CodeUnitCount
      && memcmp(end - literal.utf8CodeUnitCount, literal.utf8Start, literal.utf8CodeUnitCount) == 0
  }

  /// Whether `literal` is at the end, and not the end of a longer word.
  func endsWithWord(_ literal: StaticString) -> Bool {
    guard ends(with: literal) else { return false }
    let length = literal.utf8CodeUnitCount
    guard count > length else { return true }
    let previous = end[-1 - length]
    return !isHexDigit(previous) && !(UInt8(ascii: "a")...UInt8(ascii: "z") ~= previous | 0x20)
      && previous != UInt8(ascii: "_") && previous != UInt8(ascii: "-")
  }

  func equals(_ literal: StaticString) -> Bool {
    count == literal.utf8CodeUnitCount && starts(with: literal)
  }

  /// Where `literal` occurs first.
  ///
  /// - Parameter offset: of the byte in it to look for; a rare one is found faster.
  func find(_ literal: StaticString, by offset: Int = 0) -> UnsafePointer<UInt8>? {
    guard count >= literal.utf8CodeUnitCount else { return nil }
    var rest = self
    while let found = memchr(rest.position + offset, Int32(literal.utf8Start[offset]), rest.count - offset) {
      rest.position = UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - offset
      if rest.starts(with: literal) { return rest.position }
      rest.position += 1
      guard rest.count >= literal.utf8CodeUnitCount else { return nil }
    }
    return nil
  }

  @inline(__always)
  mutating func take(_ literal: StaticString) -> Bool {
    guard starts(with: literal) else { return false }
    position += literal.utf8CodeUnitCount
    return true
  }

  /// Passes bytes that have been looked at; there must be so many.
  @inline(__always)
  mutating func skip(_ bytes: Int) {
    assert(bytes <= count, "a cursor stays within its bytes")
    position += bytes
  }

  mutating func takeByte() -> UInt8? {
    guard let next else { return nil }
    position += 1
    return next
  }

  @inline(__always)
  mutating func take(while matches: (UInt8) -> Bool) -> TextCursor {
    let start = position
    while let next, matches(next) { position += 1 }
    return TextCursor(from: start, to: position)
  }

  mutating func takeBlanks() { _ = take(while: isBlank) }

  /// The bytes up to `byte`, which is passed too.
  mutating func take(upTo byte: UInt8) -> TextCursor? {
    let start = position
    guard let found = memchr(position, Int32(byte), count) else { return nil }
    position = UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) + 1
    return TextCursor(from: start, to: position - 1)
  }

  // Some formats are recognised in their middle and read to the left from there.

  @inline(__always)
  mutating func dropLast(_ literal: StaticString) -> Bool {
    guard ends(with: literal) else { return false }
    end -= literal.utf8CodeUnitCount
    return true
  }

  /// Drops the last byte; there must be one.
  mutating func dropLast() {
    assert(!isAtEnd, "a cursor stays within its bytes")
    end -= 1
  }

  @inline(__always)
  mutating func dropLast(while matches: (UInt8) -> Bool) -> TextCursor {
    let old = end
    while let last, matches(last) { end -= 1 }
    return TextCursor(from: end, to: old)
  }

  /// A cursor on the same bytes, without blanks at either end.
  var trimmed: TextCursor {
    var copy = self
    copy.takeBlanks()
    _ = copy.dropLast(while: isBlank)
    return copy
  }

  var withoutTrailingBlanks: TextCursor {
    var copy = self
    _ = copy.dropLast(while: isBlank)
    return copy
  }

  /// The rest of the line must be blank.
  func requireEnd() throws(BrokenLine) {
    guard trimmed.isAtEnd else { throw BrokenLine("the line goes on where it should end") }
  }
}

/// Lends a cursor over text.
func withCursor<Result, Failure: Error>(
  _ text: String,
  _ body: (TextCursor) throws(Failure) -> Result
) throws(Failure) -> Result {
  let bytes = Array(text.utf8) + [0]
  return try bytes.withUnsafeBufferPointer { (buffer) throws(Failure) in
    let base = buffer.baseAddress!  // Never empty: it ends with a 0 byte.
    return try body(TextCursor(from: base, to: base + buffer.count - 1))
  }
}
