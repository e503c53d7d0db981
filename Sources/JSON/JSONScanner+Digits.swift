/// Digits of numbers, eight at a time: a word holds eight bytes of the text, the first one lowest.
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

  /// Eight bytes of the text.
  @inlinable @inline(__always)
  func word(at offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// The top bit of the first byte that is no decimal digit, 0 where all eight are. Bits above it mean nothing.
  ///
  /// - Parameter nibbles: the word, exclusive or with eight `0`.
  ///
  /// Of a digit 0...9 is left, and adding 0x76 brings everything from 10 on to the top bit; carries reach only bytes
  /// after the first that is no digit.
  @inlinable @inline(__always)
  static func firstNoDigit(_ nibbles: UInt64) -> UInt64 {
    ((nibbles &+ 0x7676_7676_7676_7676) | nibbles) & 0x8080_8080_8080_8080
  }

  /// The number that eight digits make: pairs, fours and eights are joined in three multiplications.
  @inlinable @inline(__always)
  static func joined(digits nibbles: UInt64) -> UInt64 {
    var value = nibbles
    value = (value &* (10 << 8 + 1)) &>> 8 & 0x00ff_00ff_00ff_00ff
    value = (value &* (100 << 16 + 1)) &>> 16 & 0x0000_ffff_0000_ffff
    return (value &* (10_000 << 32 + 1)) &>> 32
  }

  /// The number that the leading digits of eight bytes make, and how many there are.
  @inlinable @inline(__always)
  static func leadingDigits(_ word: UInt64) -> (value: UInt64, count: Int) {
    let nibbles = word ^ 0x3030_3030_3030_3030
    let count = firstNoDigit(nibbles).trailingZeroBitCount >> 3
    guard count > 0 else { return (0, 0) }
    // Shifted so that the last digit is the highest byte and zeros stand before the first one.
    return (joined(digits: nibbles &<< UInt64(64 &- 8 &* count)), count)
  }

  /// The same for hexadecimal digits.
  @inlinable @inline(__always)
  static func leadingHexDigits(_ word: UInt64) -> (value: UInt64, count: Int) {
    // Of a letter, small or large, 1...6 is left. Taking 1 away or adding 0x79 brings everything else to the top bit;
    // borrows and carries reach only bytes after the first that is neither.
    let letters = (word | 0x2020_2020_2020_2020) ^ 0x6060_6060_6060_6060
    let noLetters = ((letters &- 0x0101_0101_0101_0101) | (letters &+ 0x7979_7979_7979_7979) | letters)
    let others = noLetters & firstNoDigit(word ^ 0x3030_3030_3030_3030)
    let count = others.trailingZeroBitCount >> 3
    guard count > 0 else { return (0, 0) }
    // A letter has bit 6 and, in its lower half, 1...6.
    let nibbles = (word & 0x0f0f_0f0f_0f0f_0f0f) &+ 9 &* (word &>> 6 & 0x0101_0101_0101_0101)
    var value = nibbles &<< UInt64(64 &- 8 &* count)
    value = (value &* (0x10 << 8 + 1)) &>> 8 & 0x00ff_00ff_00ff_00ff
    value = (value &* (0x100 << 16 + 1)) &>> 16 & 0x0000_ffff_0000_ffff
    return ((value &* (0x1_0000 << 32 + 1)) &>> 32, count)
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
}
