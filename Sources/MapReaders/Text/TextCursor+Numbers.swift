import TDXMemory

extension TextCursor {
  /// Hexadecimal digits without a prefix, at least one, in either case.
  ///
  /// - Returns: nil where there is no digit or the number does not fit in 64 bits; nothing is taken then.
  @inline(__always)
  mutating func takeHexDigits() -> UInt64? {
    if count > 16 {
      let (number, digits) = leadingHexDigits(at: position)
      if digits < 16 || !isHexDigit(position[16]) {
        skip(digits)
        return digits == 0 ? nil : number
      }
    }
    return takeHexDigitsSingly()
  }

  /// The same for numbers near the end of their line, and for those of more than 16 digits.
  @inline(never)
  private mutating func takeHexDigitsSingly() -> UInt64? {
    let start = self
    var value: UInt64 = 0
    while let digit = next.flatMap(hexDigitValue) {
      guard value >> 60 == 0 else {
        self = start
        return nil
      }
      value = value << 4 | digit
      skip(1)
    }
    return position == start.position ? nil : value
  }

  /// Decimal digits, at least one.
  ///
  /// - Returns: nil where there is no digit or the number does not fit in 64 bits; nothing is taken then.
  mutating func takeDecimal() -> UInt64? {
    let start = self
    var value: UInt64 = 0
    while let next, isDecimal(next) {
      let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, wraps) = product.addingReportingOverflow(UInt64(next &- UInt8(ascii: "0")))
      guard !tooLarge, !wraps else {
        self = start
        return nil
      }
      value = sum
      skip(1)
    }
    return position == start.position ? nil : value
  }

  /// `0x1000`.
  @inline(__always)
  mutating func takeHex() -> UInt64? {
    guard take("0x") else { return nil }
    return takeHexDigits()
  }

  /// A node number.
  mutating func takeNode() throws(BrokenLine) -> UInt32 {
    guard let node = takeDecimal().flatMap({ UInt32(exactly: $0) }) else {
      throw BrokenLine("the node is not a number below 2^32")
    }
    return node
  }

  /// `0x1000-0x1fff`: the end is inclusive.
  mutating func takeInclusiveRange() throws(BrokenLine) -> AddressRange {
    guard let first = takeHex(), take("-"), let last = takeHex() else {
      throw BrokenLine("the range is not two 64-bit hexadecimal numbers")
    }
    return try inclusiveRange(first, last)
  }

  /// `0x1000-0xfff]`: a range of length 0 whose printed end is its start - 1, below 2^64.
  ///
  /// - Returns: whether there is one; otherwise nothing is taken.
  mutating func takeEmptyRange() -> Bool {
    var ahead = self
    guard let first = ahead.takeHex(), ahead.take("-"), let last = ahead.takeHex(), last &+ 1 == first,
      ahead.take("]")
    else { return false }
    self = ahead
    return true
  }
}

extension TextCursor {
  /// `0000000000000000 - 000000000009fc00`, half-open, as kernels before 3.5 and Xen print ranges.
  mutating func takeHalfOpenRange() throws(BrokenLine) -> AddressRange {
    guard let start = takeHexDigits(), take(" - "), let end = takeHexDigits() else {
      throw BrokenLine("the range is not two 64-bit hexadecimal numbers")
    }
    let range = try halfOpenRange(start, end)
    if range.isEmpty { throw BrokenLine("the range is empty") }
    return range
  }
}

/// The number that 16 hexadecimal digits make, in either case; nil where one of the bytes is none.
@inline(__always)
func hexNumber(at position: UnsafePointer<UInt8>) -> UInt64? {
  let (number, isDigit) = hexDigits(at: position)
  return isDigit.low & isDigit.high == .max ? number : nil
}

/// The number that hexadecimal digits make, in either case, 16 at most, and how many there are; 16 bytes must be there.
///
/// Some 40 instructions. One digit at a time a number of 16 took 370, and all numbers together a third of the time
/// that a log of ranges took.
@inline(__always)
func leadingHexDigits(at position: UnsafePointer<UInt8>) -> (number: UInt64, count: Int) {
  let (number, isDigit) = hexDigits(at: position)
  if isDigit.low & isDigit.high == .max { return (number, 16) }
  let first = (~isDigit.low).trailingZeroBitCount >> 3
  let count = first < 8 ? first : 8 &+ (~isDigit.high).trailingZeroBitCount >> 3
  // What is behind the digits is shifted out.
  return (count > 0 ? number &>> UInt64(truncatingIfNeeded: 64 &- 4 &* count) : 0, count)
}

/// The number that decimal digits make, 16 at most, and how many there are; 16 bytes must be there.
@inline(__always)
func leadingDecimals(at position: UnsafePointer<UInt8>) -> (number: UInt64, count: Int) {
  var (number, count) = (UInt64(0), 0)
  while count < 16 {
    let digit = position[count] &- UInt8(ascii: "0")
    guard digit < 10 else { break }
    number = number &* 10 &+ UInt64(digit)
    count &+= 1
  }
  return (number, count)
}

/// The number that 16 bytes make as hexadecimal digits, and which of them are digits, 0xff for one: the first byte lowest.
@inline(__always)
private func hexDigits(
  at position: UnsafePointer<UInt8>
) -> (number: UInt64, isDigit: (low: UInt64, high: UInt64)) {
  typealias Lanes = SIMD16<UInt8>
  let text = UnsafeRawPointer(position).loadUnaligned(as: Lanes.self)
  let decimals = text &- Lanes(repeating: UInt8(ascii: "0"))
  let letters = (text | Lanes(repeating: 0x20)) &- Lanes(repeating: UInt8(ascii: "a"))
  let isLetter = letters .< Lanes(repeating: 6)
  let isDigit = unsafeBitCast((decimals .< Lanes(repeating: 10)) .| isLetter, to: SIMD2<UInt64>.self)
  // What is no digit must not spill over into its neighbours below.
  let nibbles =
    decimals.replacing(with: letters &+ Lanes(repeating: 10), where: isLetter) & Lanes(repeating: 0x0f)
  // Two digits make a byte; that all bytes are joined at once takes half of the instructions that two words of eight take.
  let pairs = unsafeBitCast(nibbles, to: SIMD8<UInt16>.self)
  let bytes = unsafeBitCast((pairs &<< 4) | (pairs &>> 8), to: SIMD2<UInt64>.self)
  let number = UInt64(bigEndian: evenBytes(of: bytes[0]) | evenBytes(of: bytes[1]) &<< 32)
  return (number, (UInt64(littleEndian: isDigit[0]), UInt64(littleEndian: isDigit[1])))
}

/// Every second byte of eight, from the lowest on.
@inline(__always)
private func evenBytes(of word: UInt64) -> UInt64 {
  let pairs = word & 0x00ff_00ff_00ff_00ff
  let fours = (pairs | pairs &>> 8) & 0x0000_ffff_0000_ffff
  return (fours | fours &>> 16) & 0xffff_ffff
}

/// Half-open bounds from inclusive ones. Memory whose last byte is 2^64 - 1 ends there (see `AddressRange`).
func inclusiveRange(_ first: UInt64, _ last: UInt64) throws(BrokenLine) -> AddressRange {
  guard first <= last else { throw BrokenLine("the range ends before it starts") }
  return AddressRange(unchecked: first, last.addingSaturated(1))
}

/// A range from half-open bounds.
func halfOpenRange(_ start: UInt64, _ end: UInt64) throws(BrokenLine) -> AddressRange {
  guard let range = AddressRange(from: start, to: end) else {
    throw BrokenLine("the range ends before it starts")
  }
  return range
}

/// A range from its base and its size.
func sizedRange(_ base: UInt64, _ size: UInt64) throws(BrokenLine) -> AddressRange {
  let (end, wraps) = base.addingReportingOverflow(size)
  guard !wraps else { throw BrokenLine("base + size does not fit in 64 bits") }
  return AddressRange(unchecked: base, end)
}

func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
func isDecimal(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
func isHexDigit(_ byte: UInt8) -> Bool { hexDigitValue(byte) != nil }

private func hexDigitValue(_ byte: UInt8) -> UInt64? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
  case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
  case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
  default: nil
  }
}
