extension JSONScanner {
  /// Reads a whole number from 0 to 2^64 - 1: a JSON number without fraction and exponent, or a string that is all
  /// decimal digits or `0x` and hexadecimal digits (without escapes).
  public mutating func integer(
    or expectation: JSONError.Expectation = .wholeNumber
  ) throws(JSONError) -> UInt64 {
    let first = try token()
    guard Self.isDigit(first) else { return try unusualInteger(first, expectation) }
    let start = position
    let value = try digits()
    guard first != UInt8(ascii: "0") || position == start + 1 else {
      throw failure(.malformedNumber, at: start)
    }
    // "e" and "E" differ in one bit.
    guard position < count else { return value }
    let next = bytes[position]
    guard next != UInt8(ascii: "."), next | 0x20 != UInt8(ascii: "e") else {
      position = start
      try skipNumber()
      throw failure(.notWhole, at: start)
    }
    return value
  }

  @inline(never)
  mutating func unusualInteger(
    _ first: UInt8,
    _ expectation: JSONError.Expectation
  ) throws(JSONError) -> UInt64 {
    let start = position
    if first == UInt8(ascii: "-") {
      try skipNumber()
      throw failure(.negative, at: start)
    }
    guard first == UInt8(ascii: "\"") else { throw mismatch(expectation) }
    position += 1
    let value = isNext("0x") ? try hexadecimalDigits() : try digits()
    // `"` and `"0x` have no digit before what comes next.
    guard position < count, bytes[position] == UInt8(ascii: "\""), Self.isHexDigit(bytes[position - 1]) else {
      position = start
      _ = try text()
      throw failure(.expected(expectation), at: start)
    }
    position += 1
    return value
  }

  /// Reads decimal digits as far as they go, eight at a time where eight bytes are left.
  mutating func digits() throws(JSONError) -> UInt64 {
    let start = position
    var value: UInt64 = 0
    while count &- position >= 8 {
      let (eight, digits) = Self.leadingDigits(word(at: position))
      let (product, overflows) = value.multipliedReportingOverflow(by: Self.powerOfTen(digits))
      let (sum, carries) = product.addingReportingOverflow(eight)
      guard !overflows, !carries else { throw failure(.aboveUInt64, at: start) }
      value = sum
      position &+= digits
      guard digits == 8 else { return value }
    }
    while position < count, Self.isDigit(bytes[position]) {
      let (product, overflows) = value.multipliedReportingOverflow(by: 10)
      let (sum, carries) = product.addingReportingOverflow(UInt64(bytes[position] &- UInt8(ascii: "0")))
      guard !overflows, !carries else { throw failure(.aboveUInt64, at: start) }
      value = sum
      position &+= 1
    }
    return value
  }

  /// Reads `0x` and hexadecimal digits as far as they go.
  mutating func hexadecimalDigits() throws(JSONError) -> UInt64 {
    let start = position
    position += 2
    var value: UInt64 = 0
    while position < count, let digit = Self.hexValue(bytes[position]) {
      guard value >> 60 == 0 else { throw failure(.aboveUInt64, at: start) }
      value = value << 4 | digit
      position += 1
    }
    if position == start + 2 { position -= 1 }  // "0x" alone: stop at the x, which is no digit.
    return value
  }

  /// Reads past any JSON number.
  mutating func skipNumber() throws(JSONError) {
    let start = position
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    let whole = position
    try skipDigits()
    guard bytes[whole] != UInt8(ascii: "0") || position == whole + 1 else {
      throw failure(.malformedNumber, at: start)
    }
    if position < count, bytes[position] == UInt8(ascii: ".") {
      position += 1
      try skipDigits()
    }
    if position < count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      if position < count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
        position += 1
      }
      try skipDigits()
    }
  }

  /// Reads past one digit and those that follow.
  mutating func skipDigits() throws(JSONError) {
    guard position < count else { throw failure(.endsEarly) }
    guard Self.isDigit(bytes[position]) else { throw failure(.malformedNumber) }
    while position < count, Self.isDigit(bytes[position]) { position += 1 }
  }
}
