/// One line of output in the making, without allocation and without strings: maps have millions of lines.
struct LineBuffer: ~Copyable {
  private let base = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
  private var count = 0
  private static let capacity = 256

  deinit { base.deallocate() }

  /// The line so far.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  mutating func removeAll() { count = 0 }

  mutating func append(_ text: StaticString) {
    let length = text.utf8CodeUnitCount
    makeRoom(for: length).update(from: text.utf8Start, count: length)
  }

  /// At least `digits` hexadecimal digits, without `0x`.
  mutating func appendHex(_ value: UInt64, digits: Int = 1) {
    append(value, count: max(digits, (64 - value.leadingZeroBitCount + 3) / 4)) { rest in
      defer { rest >>= 4 }
      let digit = UInt8(truncatingIfNeeded: rest & 15)
      return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
    }
  }

  /// At least `places` places, filled with blanks.
  mutating func appendDecimal(_ value: UInt64, places: Int = 1) {
    var digits = 1
    var rest = value
    while rest >= 10 {
      rest /= 10
      digits += 1
    }
    for _ in 0..<max(places - digits, 0) { append(" ") }
    append(value, count: digits) { rest in
      defer { rest /= 10 }
      return UInt8(ascii: "0") + UInt8(rest % 10)
    }
  }

  /// - Parameter takeDigit: takes the last digit off a number.
  @inline(__always)
  private mutating func append(_ value: UInt64, count: Int, takeDigit: (inout UInt64) -> UInt8) {
    let start = makeRoom(for: count)
    var rest = value
    for index in stride(from: count - 1, through: 0, by: -1) { start[index] = takeDigit(&rest) }
  }

  /// - Returns: where as many bytes now belong to the line.
  private mutating func makeRoom(for length: Int) -> UnsafeMutablePointer<UInt8> {
    precondition(length <= Self.capacity - count, "a line is too long")
    defer { count += length }
    return base + count
  }
}
