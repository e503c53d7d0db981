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

  /// Appends a JSON string with its quotes, escaped where JSON asks for it.
  public mutating func appendString(_ text: String) {
    var text = text
    buffer.append(UInt8(ascii: "\""))
    text.withUTF8 { utf8 in
      var plain = 0
      for index in utf8.indices where Self.needsEscape(utf8[index]) {
        buffer.append(UnsafeBufferPointer(rebasing: utf8[plain..<index]))
        appendEscape(utf8[index])
        plain = index + 1
      }
      buffer.append(UnsafeBufferPointer(rebasing: utf8[plain...]))
    }
    buffer.append(UInt8(ascii: "\""))
  }

  @inline(__always)
  private static func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private mutating func appendEscape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): append(#"\""#)
    case UInt8(ascii: "\\"): append(#"\\"#)
    case UInt8(ascii: "\n"): append(#"\n"#)
    case UInt8(ascii: "\r"): append(#"\r"#)
    case UInt8(ascii: "\t"): append(#"\t"#)
    default:
      append(byte < 0x10 ? #"\u000"# : #"\u001"#)
      let digit = byte & 15
      buffer.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
  }
}
