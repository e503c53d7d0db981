/// Numbers at the front of text, which is read byte by byte, as the programs do that read such lists.
struct Digits {
  var rest: Substring.UTF8View

  init(_ text: some StringProtocol) { rest = Substring(text).utf8 }

  var isAtEnd: Bool { rest.isEmpty }

  /// What is left, for messages.
  var text: String { String(Substring(rest)) }

  /// What was taken since, for messages.
  func text(to later: Digits) -> String { String(Substring(rest[..<later.rest.startIndex])) }

  /// - Parameter character: of ASCII.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest = rest.dropFirst()
    return true
  }

  mutating func take(word: StaticString) -> Bool {
    guard starts(with: word) else { return false }
    rest = rest.dropFirst(word.utf8CodeUnitCount)
    return true
  }

  func starts(with word: StaticString) -> Bool {
    rest.starts(with: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
  }

  /// Decimal digits.
  ///
  /// - Returns: nil where there are none; `.max` where they say 2^64 or more.
  mutating func takeDecimal() -> UInt64? { take(radix: 10) }

  /// A number as strtoul takes it with base 0: blanks, a sign, `0x` for hexadecimal, `0` for octal.
  ///
  /// - Returns: nil where there is none; `.max` for what is negative or too large.
  mutating func takeAnyBase() -> UInt64? {
    var copy = self
    copy.rest = copy.rest.drop { $0 == UInt8(ascii: " ") || (9...13).contains($0) }
    let isNegative = copy.take("-")
    if !isNegative { _ = copy.take("+") }
    var number: UInt64?
    var hexadecimal = copy
    if hexadecimal.take(word: "0x") || hexadecimal.take(word: "0X") {
      number = hexadecimal.take(radix: 16)
      if number != nil { copy = hexadecimal }
    }
    if number == nil { number = copy.take(radix: copy.rest.first == UInt8(ascii: "0") ? 8 : 10) }
    guard let number else { return nil }
    self = copy
    return isNegative && number > 0 ? .max : number
  }

  private mutating func take(radix: UInt64) -> UInt64? {
    var value: UInt64 = 0
    var taken = 0
    for character in rest {
      guard let digit = Self.digit(character), digit < radix else { break }
      let (product, overflow) = value.multipliedReportingOverflow(by: radix)
      let (sum, carry) = product.addingReportingOverflow(digit)
      value = overflow || carry || value == .max ? .max : sum
      taken += 1
    }
    rest = rest.dropFirst(taken)
    return taken == 0 ? nil : value
  }

  private static func digit(_ byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
  }
}
