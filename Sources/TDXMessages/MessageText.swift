/// The bytes of a line. They belong to whoever has the log, for as long as the line is read.
typealias MessageBytes = UnsafeBufferPointer<UInt8>

/// The bytes of a line, read from left to right. A `take` either passes what it names and says so, or leaves the
/// text where it was.
struct MessageText {
  private let bytes: MessageBytes
  private(set) var position = 0

  init(_ bytes: MessageBytes) { self.bytes = bytes }

  var rest: MessageBytes { MessageBytes(rebasing: bytes[position...]) }
  var next: UInt8? { position < bytes.endIndex ? bytes[position] : nil }
  var isAtEnd: Bool { position == bytes.endIndex }
  var string: String { String(decoding: rest, as: UTF8.self) }

  mutating func skip() { if position < bytes.endIndex { position += 1 } }

  mutating func skipBlanks() {
    while let next, next == UInt8(ascii: " ") || next == UInt8(ascii: "\t") { position += 1 }
  }

  mutating func take(_ literal: StaticString) -> Bool {
    let length = literal.utf8CodeUnitCount
    guard bytes.endIndex - position >= length else { return false }
    for offset in 0..<length where bytes[position + offset] != literal.utf8Start[offset] { return false }
    position += length
    return true
  }

  /// Passes everything up to and with `literal`, if it is there.
  mutating func take(through literal: StaticString) -> Bool {
    var copy = self
    while copy.position < bytes.count {
      if bytes[copy.position] == literal.utf8Start[0], copy.take(literal) {
        self = copy
        return true
      }
      copy.position += 1
    }
    return false
  }

  /// Hexadecimal digits behind `0x`; nil, and nothing taken, where there are none or more than 64 bits.
  mutating func takeHex() -> UInt64? {
    var copy = self
    guard copy.take("0x") else { return nil }
    var value: UInt64 = 0
    var digits = 0
    while let digit = copy.next.flatMap(hexDigit) {
      guard value >> 60 == 0 else { return nil }
      value = value << 4 | UInt64(digit)
      digits += 1
      copy.position += 1
    }
    guard digits > 0 else { return nil }
    self = copy
    return value
  }

  /// Decimal digits; nil, and nothing taken, where there are none or more than 64 bits.
  mutating func takeDecimal() -> UInt64? {
    var copy = self
    var value: UInt64 = 0
    var digits = 0
    while let next = copy.next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) {
      let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, wraps) = product.addingReportingOverflow(UInt64(next - UInt8(ascii: "0")))
      guard !tooLarge, !wraps else { return nil }
      value = sum
      digits += 1
      copy.position += 1
    }
    guard digits > 0 else { return nil }
    self = copy
    return value
  }

  /// Either of them, as kernels print the number of a leaf.
  mutating func takeNumber() -> UInt64? { takeHex() ?? takeDecimal() }

  /// Letters, digits, `.` and `_`, at least one.
  mutating func takeName() -> String? {
    let start = position
    while let next, isNamePart(next) { position += 1 }
    return start == position ? nil : String(decoding: bytes[start..<position], as: UTF8.self)
  }
}

private func isNamePart(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
    UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "_"):
    true
  default: false
  }
}

private func hexDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}

/// `0x22`.
public func hexText(_ value: UInt64) -> String { "0x\(String(value, radix: 16))" }
