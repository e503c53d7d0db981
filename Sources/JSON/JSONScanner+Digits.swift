extension JSONScanner {
  @inlinable @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  static func isHexDigit(_ byte: UInt8) -> Bool { hexValue(byte) != nil }

  static func hexValue(_ byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  /// The number that the leading digits of eight bytes make, and how many there are.
  ///
  /// The first byte of the text is the lowest. After the exclusive or a digit is 0...9, and adding 0x76 brings
  /// everything from 10 on to the top bit; carries reach only bytes after the first that is no digit.
  @inlinable @inline(__always)
  static func leadingDigits(_ text: UInt64) -> (value: UInt64, count: Int) {
    let nibbles = text ^ 0x3030_3030_3030_3030
    let others = ((nibbles &+ 0x7676_7676_7676_7676) | nibbles) & 0x8080_8080_8080_8080
    let count = others.trailingZeroBitCount >> 3
    guard count > 0 else { return (0, 0) }
    // Shifted so that the last digit is the highest byte and zeros stand before the first one; then pairs, fours
    // and eights are joined in three multiplications.
    var value = nibbles &<< UInt64(64 &- 8 &* count)
    value = (value &* (10 << 8 + 1)) >> 8 & 0x00ff_00ff_00ff_00ff
    value = (value &* (100 << 16 + 1)) >> 16 & 0x0000_ffff_0000_ffff
    value = (value &* (10_000 << 32 + 1)) >> 32
    return (value, count)
  }

  /// 10^exponent for 0...8; the compiler makes it a table.
  @inlinable @inline(__always)
  static func powerOfTen(_ exponent: Int) -> UInt64 {
    switch exponent {
    case 0: 1
    case 1: 10
    case 2: 100
    case 3: 1000
    case 4: 10_000
    case 5: 100_000
    case 6: 1_000_000
    case 7: 10_000_000
    default: 100_000_000
    }
  }

  /// Eight bytes of the text, the first one lowest.
  @inlinable @inline(__always)
  func word(at offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}
