import TDXMemory

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

  func starts(with literal: StaticString) -> Bool {
    count >= literal.utf8CodeUnitCount
      && memcmp(position, literal.utf8Start, literal.utf8CodeUnitCount) == 0
  }

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

  /// Where `literal` occurs first.
  func find(_ literal: StaticString) -> UnsafePointer<UInt8>? {
    var rest = self
    while let found = memchr(rest.position, Int32(literal.utf8Start.pointee), rest.count) {
      rest.position = UnsafePointer(found.assumingMemoryBound(to: UInt8.self))
      if rest.starts(with: literal) { return rest.position }
      rest.position += 1
    }
    return nil
  }

  mutating func take(_ literal: StaticString) -> Bool {
    guard starts(with: literal) else { return false }
    position += literal.utf8CodeUnitCount
    return true
  }

  mutating func takeByte() -> UInt8? {
    guard let next else { return nil }
    position += 1
    return next
  }

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

  mutating func dropLast(_ literal: StaticString) -> Bool {
    guard ends(with: literal) else { return false }
    end -= literal.utf8CodeUnitCount
    return true
  }

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
}

// MARK: - Numbers

extension TextCursor {
  /// Digits without a prefix, at least one.
  ///
  /// - Returns: nil where there is no digit or the number does not fit in 64 bits.
  mutating func takeNumber(radix: UInt64) -> UInt64? {
    let start = position
    var value: UInt64 = 0
    while let next, let digit = digitValue(next), digit < radix {
      let (product, tooLarge) = value.multipliedReportingOverflow(by: radix)
      let (sum, wraps) = product.addingReportingOverflow(digit)
      guard !tooLarge, !wraps else { return nil }
      value = sum
      position += 1
    }
    return position == start ? nil : value
  }

  mutating func takeDecimal() -> UInt64? { takeNumber(radix: 10) }

  /// `0x1000`.
  mutating func takeHex() -> UInt64? {
    guard take("0x") else { return nil }
    return takeNumber(radix: 16)
  }

  /// A node number.
  mutating func takeNode() throws(BrokenLine) -> UInt32 {
    guard let node = takeDecimal().flatMap({ UInt32(exactly: $0) }) else {
      throw BrokenLine("the node is not a number below 2^32")
    }
    return node
  }

  /// `0x1000-0x1fff`, or with another separator: the end is inclusive.
  mutating func takeInclusiveRange(separator: StaticString = "-") throws(BrokenLine) -> AddressRange {
    guard let first = takeHex(), take(separator), let last = takeHex() else {
      throw BrokenLine("the range is not two 64-bit hexadecimal numbers")
    }
    return try inclusiveRange(first, last)
  }

  /// The rest of the line must be blank.
  func requireEnd() throws(BrokenLine) {
    guard trimmed.isAtEnd else { throw BrokenLine("the line goes on where it should end") }
  }
}

/// Half-open bounds from inclusive ones. Memory whose last byte is 2^64 - 1 ends there (see `AddressRange`).
func inclusiveRange(_ first: UInt64, _ last: UInt64) throws(BrokenLine) -> AddressRange {
  guard first <= last else { throw BrokenLine("the range ends before it starts") }
  return AddressRange(unchecked: first, last.addingSaturated(1))
}

/// A range from its base and its size.
func sizedRange(_ base: UInt64, _ size: UInt64) throws(BrokenLine) -> AddressRange {
  let (end, wraps) = base.addingReportingOverflow(size)
  guard !wraps else { throw BrokenLine("base + size does not fit in 64 bits") }
  return AddressRange(unchecked: base, end)
}

func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
func isDecimal(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
func isHexDigit(_ byte: UInt8) -> Bool { digitValue(byte) != nil }

private func digitValue(_ byte: UInt8) -> UInt64? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
  case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
  case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
  default: nil
  }
}
