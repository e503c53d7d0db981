import ReusableMemory

/// Output that is put together in reused memory: JSON, or any bytes.
///
/// Nothing here allocates once the memory has grown to the largest answer. What is appended stays until
/// `removeAll`.
public struct JSONWriter: ~Copyable {
  @usableFromInline var buffer: ReusableBuffer<UInt8>
  @usableFromInline let digits = DecimalDigits.shared

  /// - Parameter capacity: the bytes to have room for from the start.
  public init(capacity: Int = 4096) {
    buffer = ReusableBuffer(capacity: capacity)
  }

  public var count: Int { buffer.count }
  public var isEmpty: Bool { count == 0 }

  /// What has been appended; valid until the next change.
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(buffer.elements) }

  /// Drops the bytes from `index` on.
  public mutating func removeAll(from index: Int = 0) { buffer.removeAll(from: index) }

  /// Drops the first `amount` bytes: those that have been written.
  public mutating func removeFirst(_ amount: Int) { buffer.removeFirst(amount) }

  /// Appends text as it is.
  @inlinable @inline(__always)
  public mutating func append(_ text: StaticString) {
    buffer.append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Appends bytes as they are.
  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    buffer.append(bytes.assumingMemoryBound(to: UInt8.self))
  }

  /// Appends a whole number in decimal.
  public mutating func append(_ value: UInt64) {
    append(atMost: BytePen.numberRoom) { $0.write(value) }
  }

  /// Appends what `body` writes, with one check for room.
  ///
  /// - Parameter room: the bytes that `body` may touch.
  @inlinable @inline(__always)
  public mutating func append(atMost room: Int, _ body: (inout BytePen) -> Void) {
    buffer.append(atMost: room) { memory in
      var pen = BytePen(memory, digits)
      body(&pen)
      return pen.position - memory
    }
  }

  /// Appends `0x` and a whole number in hexadecimal.
  public mutating func appendHex(_ value: UInt64) {
    append("0x")
    let digits = max(1, 16 - value.leadingZeroBitCount / 4)
    for position in (0..<digits).reversed() {
      let digit = UInt8(truncatingIfNeeded: value >> UInt64(4 * position)) & 15
      buffer.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
  }

  public mutating func append(_ value: Bool) { append(value ? "true" : "false") }

  /// Appends a JSON string with its quotes, escaped where JSON asks for it, and where a terminal would take a character for
  /// a command: DEL and the controls from U+0080 to U+009F.
  public mutating func appendString(_ text: String) {
    var text = text
    buffer.append(UInt8(ascii: "\""))
    text.withUTF8 { utf8 in
      appendEscaped(utf8) { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
    }
    buffer.append(UInt8(ascii: "\""))
  }

  /// Appends JSON that was written elsewhere as it is, but for what a terminal would take for a command: such a character
  /// can stand in a string alone, where its escape means the same.
  public mutating func appendJSON(_ bytes: UnsafeRawBufferPointer) {
    appendEscaped(bytes.assumingMemoryBound(to: UInt8.self)) { _ in false }
  }

  /// Appends UTF-8 with the bytes escaped that are chosen, and the controls from U+007F on.
  @inline(__always)
  private mutating func appendEscaped(_ utf8: UnsafeBufferPointer<UInt8>, where isChosen: (UInt8) -> Bool) {
    var plain = 0
    for index in utf8.indices where utf8[index] == 0x7f || utf8[index] == 0xc2 || isChosen(utf8[index]) {
      var end = index + 1
      var control = utf8[index]
      if control == 0xc2 {
        // U+0080 to U+009F are C2 80 to C2 9F; C2 goes on with letters, too.
        guard end < utf8.count, 0x80...0x9f ~= utf8[end] else { continue }
        control = utf8[end]
        end += 1
      }
      buffer.append(UnsafeBufferPointer(rebasing: utf8[plain..<index]))
      appendEscape(control)
      plain = end
    }
    buffer.append(UnsafeBufferPointer(rebasing: utf8[plain...]))
  }

  private mutating func appendEscape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): append(#"\""#)
    case UInt8(ascii: "\\"): append(#"\\"#)
    case UInt8(ascii: "\n"): append(#"\n"#)
    case UInt8(ascii: "\r"): append(#"\r"#)
    case UInt8(ascii: "\t"): append(#"\t"#)
    default:
      append(#"\u00"#)
      for digit in [byte >> 4, byte & 15] {
        buffer.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
      }
    }
  }
}
