/// Tuples as machines write them: two or three numbers, decimal of at most 15 digits or `"0x…"` of at most 16, with at
/// most a blank or a line end after each comma.
///
/// Nearly all that is read are such tuples. The general path keeps its state in memory and checks for the end of the text
/// at every byte. What is not plain is left to that path, and so is every
/// error.
extension JSONScanner {
  /// Steps over an element of the array that is a plain tuple, and over the comma before it.
  ///
  /// Only right after another element.
  ///
  /// - Parameter isGood: whether the caller takes the tuple; what it refuses is not stepped over.
  /// - Returns: nil, and nothing has been read, where the next element is something else, there is none, or the end of the
  ///   text is near.
  @inlinable @inline(__always)
  public mutating func nextPlainTuple(where isGood: (NumberTuple) -> Bool) -> NumberTuple? {
    // The longest such element has 70 bytes, and numbers are read 8 bytes at a time: one check in place of twenty.
    guard count &- position >= 96 else { return nil }
    var end = position
    if bytes[end] == 0x0a { end &+= 1 }
    guard takeComma(&end, isFar: true), let tuple = plainTuple(&end, isFar: true), isGood(tuple) else {
      return nil
    }
    position = end
    return tuple
  }

  /// The tuple that is at an offset; afterwards that is where it ends. Nothing is consumed.
  ///
  /// - Parameter isFar: whether the end of the text is known to be farther away than a tuple reaches.
  @inlinable @inline(__always)
  func plainTuple(_ offset: inout Int, isFar: Bool) -> NumberTuple? {
    guard take(UInt8(ascii: "["), &offset, isFar: isFar), let first = plainNumber(&offset, isFar: isFar),
      takeComma(&offset, isFar: isFar), let second = plainNumber(&offset, isFar: isFar)
    else { return nil }
    if take(UInt8(ascii: "]"), &offset, isFar: isFar) { return NumberTuple(first, second, nil) }
    guard takeComma(&offset, isFar: isFar), let third = plainNode(&offset, isFar: isFar),
      take(UInt8(ascii: "]"), &offset, isFar: isFar)
    else { return nil }
    return NumberTuple(first, second, third)
  }

  /// Whether such a byte is next.
  @inlinable @inline(__always)
  func take(_ byte: UInt8, _ offset: inout Int, isFar: Bool) -> Bool {
    guard isFar || offset < count, bytes[offset] == byte else { return false }
    offset &+= 1
    return true
  }

  @inlinable @inline(__always)
  func takeComma(_ offset: inout Int, isFar: Bool) -> Bool {
    guard take(UInt8(ascii: ","), &offset, isFar: isFar), isFar || offset < count else { return false }
    guard bytes[offset] <= 0x20 else { return true }
    guard bytes[offset] == 0x20 || bytes[offset] == 0x0a else { return false }
    offset &+= 1
    return true
  }

  /// Most numbers of one digit are nodes, and every region has one.
  @inlinable @inline(__always)
  func plainNode(_ offset: inout Int, isFar: Bool) -> UInt64? {
    guard isFar || count &- offset >= 2, Self.isDigit(bytes[offset]), !Self.isDigit(bytes[offset &+ 1]) else {
      return plainNumber(&offset, isFar: isFar)
    }
    defer { offset &+= 1 }
    return UInt64(bytes[offset] &- UInt8(ascii: "0"))
  }

  @inlinable @inline(__always)
  func plainNumber(_ offset: inout Int, isFar: Bool) -> UInt64? {
    guard isFar || count &- offset >= 8 else { return nil }
    let nibbles = word(at: offset) ^ 0x3030_3030_3030_3030
    let others = Self.firstNoDigit(nibbles)
    let digits = others.trailingZeroBitCount >> 3
    if digits == 0 {
      guard let (value, end) = Self.plainHexadecimal(bytes, at: offset) else { return nil }
      offset = end
      return value
    }
    // A zero stands alone.
    guard nibbles & 0xff != 0 || digits == 1 else { return nil }
    offset &+= digits
    guard digits == 8 else { return Self.joined(digits: nibbles &<< UInt64(64 &- 8 &* digits)) }
    guard isFar || count &- offset >= 8 else { return nil }
    let (low, more) = Self.leadingDigits(word(at: offset))
    offset &+= more
    guard more < 8 else { return nil }
    return Self.joined(digits: nibbles) &* Self.powerOfTen(more) &+ low
  }

  /// The number that `"0x`, digits and the closing quote make, and where it ends.
  @usableFromInline @inline(never)
  static func plainHexadecimal(
    _ bytes: UnsafeRawBufferPointer,
    at start: Int
  ) -> (value: UInt64, end: Int)? {
    func word(at offset: Int) -> UInt64 {
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
    guard bytes.count &- start >= 11, bytes[start] == UInt8(ascii: "\""),
      bytes[start &+ 1] == UInt8(ascii: "0"), bytes[start &+ 2] == UInt8(ascii: "x")
    else { return nil }
    var end = start &+ 3
    var (value, digits) = leadingHexDigits(word(at: end))
    guard digits > 0 else { return nil }
    end &+= digits
    if digits == 8 {
      guard bytes.count &- end >= 8 else { return nil }
      let (low, more) = leadingHexDigits(word(at: end))
      end &+= more
      // At most 32 bits of each half: 16 digits are all that fit.
      value = value &<< UInt64(4 &* more) | low
    }
    guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else { return nil }
    return (value, end &+ 1)
  }
}
