import Glibc
import ReusableMemory

/// The text of a JSON string as it stands between its quotes: checked, not unescaped, not copied.
public struct JSONText {
  /// Valid UTF-8; lies in the line that was read.
  public let bytes: UnsafeRawBufferPointer
  public let hasEscapes: Bool

  /// Lets a `switch` compare a text with names. Names are ASCII; a text may spell them with escapes.
  @inlinable @inline(__always)
  public static func ~= (name: StaticString, text: JSONText) -> Bool {
    guard !text.hasEscapes else { return text.spells(name) }
    guard text.bytes.count == name.utf8CodeUnitCount else { return false }
    for index in 0..<name.utf8CodeUnitCount where text.bytes[index] != name.utf8Start[index] { return false }
    return true
  }

  /// The text for a message, as it stands and cut where it is long.
  ///
  /// Up to 15 bytes, more than any policy or placement has, it needs no allocation.
  public var excerpt: String {
    let limit = 60
    guard bytes.count > limit else { return String(decoding: bytes, as: UTF8.self) }
    // Cut before a character, not inside one.
    var cut = limit
    while bytes[cut] & 0xc0 == 0x80 { cut -= 1 }
    return String(decoding: bytes[..<cut], as: UTF8.self) + "…"
  }

  /// The text, unescaped.
  public var string: String {
    guard hasEscapes else { return String(decoding: bytes, as: UTF8.self) }
    var utf8: [UInt8] = []
    var position = 0
    while position < bytes.count {
      let isEscape = bytes[position] == UInt8(ascii: "\\")
      let unit = next(&position)
      guard isEscape else {
        utf8.append(UInt8(unit))
        continue
      }
      // The scanner has seen to it that the halves of a pair stand together.
      let units =
        UTF16.isLeadSurrogate(UInt16(unit)) ? [UInt16(unit), UInt16(next(&position))] : [UInt16(unit)]
      utf8 += String(decoding: units, as: UTF16.self).utf8
    }
    return String(decoding: utf8, as: UTF8.self)
  }

  /// Appends the text, unescaped: the longest pieces at once, for texts of many lines.
  ///
  /// - Complexity: O(bytes). Nothing is allocated once the buffer has grown to the longest text.
  public func append(to buffer: inout ReusableBuffer<UInt8>) {
    guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
    // No escape is shorter than what it stands for.
    buffer.append(atMost: bytes.count) { memory in
      var (position, end) = (0, 0)
      while position < bytes.count {
        let backslash = hasEscapes ? memchr(base + position, 0x5c, bytes.count - position) : nil
        let plain =
          (backslash.map { base.distance(to: $0.assumingMemoryBound(to: UInt8.self)) } ?? bytes.count)
        (memory + end).initialize(from: base + position, count: plain - position)
        end += plain - position
        position = plain
        if position < bytes.count { end += writeEscape(&position, to: memory + end) }
      }
      return end
    }
  }

  /// Writes the character that an escape stands for, in UTF-8.
  ///
  /// - Returns: its bytes, at most 4.
  private func writeEscape(_ position: inout Int, to memory: UnsafeMutablePointer<UInt8>) -> Int {
    var scalar = next(&position)
    // The scanner has seen to it that the halves of a pair stand together.
    if 0xd800...0xdbff ~= scalar {
      scalar = 0x10000 + (scalar - 0xd800) << 10 + (next(&position) - 0xdc00)
    }
    let count = scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
    guard count > 1 else {
      memory.initialize(to: UInt8(scalar))
      return 1
    }
    for index in (1..<count).reversed() {
      (memory + index).initialize(to: 0x80 | UInt8(scalar & 0x3f))
      scalar >>= 6
    }
    memory.initialize(to: UInt8(truncatingIfNeeded: 0xf00 >> count) | UInt8(scalar))
    return count
  }

  @usableFromInline @inline(never)
  func spells(_ name: StaticString) -> Bool {
    var position = 0
    for index in 0..<name.utf8CodeUnitCount {
      guard position < bytes.count else { return false }
      guard next(&position) == UInt64(name.utf8Start[index]) else { return false }
    }
    return position == bytes.count
  }

  /// The next byte or UTF-16 code unit, unescaped.
  private func next(_ position: inout Int) -> UInt64 {
    let byte = bytes[position]
    guard byte == UInt8(ascii: "\\") else {
      position += 1
      return UInt64(byte)
    }
    let escape = bytes[position + 1]
    position += 2
    switch escape {
    case UInt8(ascii: "b"): return 0x08
    case UInt8(ascii: "f"): return 0x0c
    case UInt8(ascii: "n"): return 0x0a
    case UInt8(ascii: "r"): return 0x0d
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "u"):
      position += 4
      return bytes[position - 4..<position].reduce(0) { $0 << 4 | (JSONScanner.hexValue($1) ?? 0) }
    default: return UInt64(escape)
    }
  }
}
