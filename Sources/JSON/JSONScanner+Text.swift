extension JSONScanner {
  /// Reads a string; its opening quote is next.
  mutating func text() throws(JSONError) -> JSONText {
    position += 1
    let start = position
    var hasEscapes = false
    while true {
      skipPlainText()
      guard position < count else { throw failure(.endsEarly) }
      switch bytes[position] {
      case UInt8(ascii: "\""):
        let text = UnsafeRawBufferPointer(rebasing: bytes[start..<position])
        position += 1
        return JSONText(bytes: text, hasEscapes: hasEscapes)
      case UInt8(ascii: "\\"):
        hasEscapes = true
        try skipEscape()
      case 0..<0x20: throw failure(.controlCharacter(bytes[position]))
      case 0x80...: try skipMultibyteCharacter()
      default: position += 1
      }
    }
  }

  /// Steps over eight bytes at a time to the first that is a quote, a backslash, a control character or not ASCII,
  /// or to within eight bytes of the end.
  @inline(__always)
  mutating func skipPlainText() {
    let ones: UInt64 = 0x0101_0101_0101_0101
    while count &- position >= 8 {
      let word = word(at: position)
      let quotes = word ^ (ones &* 0x22)
      let backslashes = word ^ (ones &* 0x5c)
      // The top bit of each byte that is special; above the first such byte there may be false ones.
      let special =
        ((quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes | (word &- ones &* 0x20) & ~word
          | word) & (ones &* 0x80)
      guard special == 0 else {
        position &+= special.trailingZeroBitCount >> 3
        return
      }
      position &+= 8
    }
  }

  mutating func skipEscape() throws(JSONError) {
    let start = position
    guard count - position >= 2 else { throw failure(.endsEarly, at: count) }
    position += 2
    switch bytes[start + 1] {
    case UInt8(ascii: "u"):
      let unit = try codeUnit(escapedAt: start)
      if UTF16.isTrailSurrogate(unit) { throw failure(.unpairedSurrogate, at: start) }
      guard UTF16.isLeadSurrogate(unit) else { return }
      guard isNext("\\u") else { throw failure(.unpairedSurrogate, at: start) }
      position += 2
      guard UTF16.isTrailSurrogate(try codeUnit(escapedAt: start)) else {
        throw failure(.unpairedSurrogate, at: start)
      }
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return
    default: throw failure(.badEscape, at: start)
    }
  }

  /// Reads the four digits of a `\u` escape.
  mutating func codeUnit(escapedAt start: Int) throws(JSONError) -> UInt16 {
    guard count - position >= 4 else { throw failure(.endsEarly, at: count) }
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = Self.hexValue(bytes[position]) else { throw failure(.badEscape, at: start) }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }

  /// Reads past one character that is not ASCII (Unicode, table 3-7).
  mutating func skipMultibyteCharacter() throws(JSONError) {
    let length: Int
    let second: ClosedRange<UInt8>
    switch bytes[position] {
    case 0xc2...0xdf: (length, second) = (2, 0x80...0xbf)
    case 0xe0: (length, second) = (3, 0xa0...0xbf)
    case 0xed: (length, second) = (3, 0x80...0x9f)
    case 0xe1...0xef: (length, second) = (3, 0x80...0xbf)
    case 0xf0: (length, second) = (4, 0x90...0xbf)
    case 0xf1...0xf3: (length, second) = (4, 0x80...0xbf)
    case 0xf4: (length, second) = (4, 0x80...0x8f)
    default: throw failure(.invalidUTF8)
    }
    guard count - position >= length, second.contains(bytes[position + 1]),
      bytes[position + 2..<position + length].allSatisfy({ (0x80...0xbf).contains($0) })
    else { throw failure(.invalidUTF8) }
    position += length
  }
}
