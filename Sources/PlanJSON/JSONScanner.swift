/// Reads JSON (RFC 8259, strictly) from bytes, one token at a time, in one pass and without allocation.
///
/// A container is entered with `enterArray` or `enterObject` and walked with `nextElement` or `nextMember`; between
/// two of these calls exactly one value is read or skipped. Nesting beyond `maxDepth` is an error. Strings must be
/// valid UTF-8 and must not have half surrogate pairs.
struct JSONScanner {
  /// The levels of nesting that are read; `skip` keeps one bit for each.
  static let maxDepth = 64

  private let bytes: UnsafeRawBufferPointer
  private let count: Int
  /// The offset of the byte that is next.
  private(set) var position = 0
  private var depth = 0
  /// Whether the last token opened a container: then no comma is due.
  private var justEntered = false
  /// What is being read, for errors.
  var place = RequestError.Place(.request)

  /// - Parameter bytes: must outlive the scanner and the strings it returns.
  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    count = bytes.count
  }

  // MARK: Containers

  @inline(__always)
  mutating func enterArray(or expectation: RequestError.Expectation = .array) throws(RequestError) {
    try enter(UInt8(ascii: "["), expectation)
  }

  mutating func enterObject() throws(RequestError) {
    try enter(UInt8(ascii: "{"), .object)
  }

  /// Steps to the next element of the array.
  ///
  /// - Returns: false where there is none; the array has been left then.
  @inline(__always)
  mutating func nextElement() throws(RequestError) -> Bool {
    let byte = try token()
    if byte == UInt8(ascii: "]") {
      leave()
      return false
    }
    if justEntered {
      justEntered = false
    } else {
      guard byte == UInt8(ascii: ",") else { throw unexpected(byte) }
      position &+= 1
    }
    return true
  }

  /// Steps to the value of the object's next member.
  ///
  /// - Returns: the member's name; nil where there is none, the object has been left then.
  mutating func nextMember() throws(RequestError) -> JSONText? {
    let byte = try token()
    if byte == UInt8(ascii: "}") {
      leave()
      return nil
    }
    if justEntered {
      justEntered = false
    } else {
      guard byte == UInt8(ascii: ",") else { throw unexpected(byte) }
      position += 1
    }
    let quote = try token()
    guard quote == UInt8(ascii: "\"") else { throw unexpected(quote) }
    let name = try text()
    let colon = try token()
    guard colon == UInt8(ascii: ":") else { throw unexpected(colon) }
    position += 1
    return name
  }

  @inline(__always)
  private mutating func enter(
    _ bracket: UInt8,
    _ expectation: RequestError.Expectation
  ) throws(RequestError) {
    guard try token() == bracket else { throw mismatch(expectation) }
    guard depth < Self.maxDepth else { throw failure(.tooDeep) }
    position &+= 1
    depth &+= 1
    justEntered = true
  }

  @inline(__always)
  private mutating func leave() {
    position &+= 1
    depth &-= 1
    justEntered = false
  }

  // MARK: Values

  mutating func string() throws(RequestError) -> JSONText {
    guard try token() == UInt8(ascii: "\"") else { throw mismatch(.string) }
    return try text()
  }

  mutating func bool() throws(RequestError) -> Bool {
    switch try token() {
    case UInt8(ascii: "t"):
      try literal("true")
      return true
    case UInt8(ascii: "f"):
      try literal("false")
      return false
    default: throw mismatch(.bool)
    }
  }

  /// Reads a `null` where one is next.
  ///
  /// - Returns: whether there was one.
  mutating func null() throws(RequestError) -> Bool {
    guard try token() == UInt8(ascii: "n") else { return false }
    try literal("null")
    return true
  }

  /// Whether an object is next.
  mutating func isObject() throws(RequestError) -> Bool { try token() == UInt8(ascii: "{") }

  /// Reads a string, a number, `true`, `false` or `null` and returns its bytes as they stand.
  mutating func scalar() throws(RequestError) -> UnsafeRawBufferPointer {
    let first = try token()
    guard first != UInt8(ascii: "["), first != UInt8(ascii: "{") else { throw mismatch(.scalar) }
    let start = position
    try skipScalar(first)
    return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
  }

  /// Reads a whole number from 0 to 2^64 - 1: a JSON number without fraction and exponent, or a string that is all
  /// decimal digits or `0x` and hexadecimal digits (without escapes).
  mutating func integer(
    or expectation: RequestError.Expectation = .wholeNumber
  ) throws(RequestError) -> UInt64 {
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
  private mutating func unusualInteger(
    _ first: UInt8,
    _ expectation: RequestError.Expectation
  ) throws(RequestError) -> UInt64 {
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

  /// Reads an array of two whole numbers, or of three where `allowsThird`.
  @inline(__always)
  mutating func tuple(
    _ expectation: RequestError.Expectation,
    allowsThird: Bool
  ) throws(RequestError) -> NumberTuple {
    if let (tuple, end) = plainTuple(), allowsThird || tuple.third == nil {
      position = end
      return tuple
    }
    return try anyTuple(expectation, allowsThird: allowsThird)
  }

  @inline(never)
  private mutating func anyTuple(
    _ expectation: RequestError.Expectation,
    allowsThird: Bool
  ) throws(RequestError) -> NumberTuple {
    try enterArray(or: expectation)
    guard try nextElement() else { throw failure(.expected(expectation)) }
    let first = try integer()
    guard try nextElement() else { throw failure(.expected(expectation)) }
    let second = try integer()
    guard try nextElement() else { return NumberTuple(first, second, nil) }
    guard allowsThird else { throw failure(.expected(expectation)) }
    let third = try integer()
    guard try !nextElement() else { throw failure(.expected(expectation)) }
    return NumberTuple(first, second, third)
  }

  /// Reads past one value of any kind.
  ///
  /// - Complexity: O(bytes), without recursion.
  mutating func skip() throws(RequestError) {
    // The containers that have been entered here, the innermost in the lowest bit: 1 for an object.
    var containers: UInt64 = 0
    var entered = 0
    repeat {
      switch try token() {
      case UInt8(ascii: "["):
        try enterArray()
        containers <<= 1
        entered += 1
      case UInt8(ascii: "{"):
        try enterObject()
        containers = containers << 1 | 1
        entered += 1
      case let first:
        try skipScalar(first)
      }
      while entered > 0 {
        let more = containers & 1 == 1 ? try nextMember() != nil : try nextElement()
        if more { break }
        containers >>= 1
        entered -= 1
      }
    } while entered > 0
  }

  /// Checks that nothing but white space follows.
  mutating func end() throws(RequestError) {
    skipWhiteSpace()
    guard position == count else { throw failure(.textAfterValue) }
  }

  // MARK: Errors

  /// An error at the byte that is next.
  func failure(_ problem: RequestError.Problem) -> RequestError { failure(problem, at: position) }

  func failure(_ problem: RequestError.Problem, at offset: Int) -> RequestError {
    RequestError(problem: problem, place: place, offset: offset)
  }

  @inline(never)
  private func unexpected(_ byte: UInt8) -> RequestError {
    let isMark = position == 0 && count >= 3 && bytes[..<3].elementsEqual([0xef, 0xbb, 0xbf])
    return failure(isMark ? .byteOrderMark : .unexpectedByte(byte))
  }

  /// The error for a value of the wrong kind, or for what is no value at all.
  @inline(never)
  func mismatch(_ expectation: RequestError.Expectation) -> RequestError {
    guard position < count else { return failure(.endsEarly) }
    // A copy, so that the error says where the value starts, unless it is not JSON.
    var rest = self
    do { try rest.skip() } catch { return error }
    return failure(.expected(expectation))
  }

  // MARK: Tokens

  @inline(__always)
  private mutating func skipWhiteSpace() {
    while position < count, bytes[position] <= 0x20 {
      switch bytes[position] {
      case 0x20, 0x09, 0x0a, 0x0d: position &+= 1
      default: return
      }
    }
  }

  /// The byte that the next token starts with; it is not consumed.
  @inline(__always)
  private mutating func token() throws(RequestError) -> UInt8 {
    skipWhiteSpace()
    guard position < count else { throw failure(.endsEarly) }
    return bytes[position]
  }

  private mutating func skipScalar(_ first: UInt8) throws(RequestError) {
    switch first {
    case UInt8(ascii: "\""): _ = try text()
    case UInt8(ascii: "t"): try literal("true")
    case UInt8(ascii: "f"): try literal("false")
    case UInt8(ascii: "n"): try literal("null")
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try skipNumber()
    default: throw unexpected(first)
    }
  }

  private func isNext(_ text: StaticString) -> Bool {
    count - position >= text.utf8CodeUnitCount
      && (0..<text.utf8CodeUnitCount).allSatisfy { bytes[position + $0] == text.utf8Start[$0] }
  }

  private mutating func literal(_ text: StaticString) throws(RequestError) {
    for index in 0..<text.utf8CodeUnitCount {
      guard position < count else { throw failure(.endsEarly) }
      guard bytes[position] == text.utf8Start[index] else { throw unexpected(bytes[position]) }
      position += 1
    }
  }
}

/// An array of two or three whole numbers.
struct NumberTuple {
  let first, second: UInt64
  let third: UInt64?

  @inline(__always)
  init(_ first: UInt64, _ second: UInt64, _ third: UInt64?) {
    self.first = first
    self.second = second
    self.third = third
  }
}

// MARK: Numbers

extension JSONScanner {
  @inline(__always)
  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  private static func isHexDigit(_ byte: UInt8) -> Bool { hexValue(byte) != nil }

  static func hexValue(_ byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  /// Reads decimal digits as far as they go, eight at a time where eight bytes are left.
  private mutating func digits() throws(RequestError) -> UInt64 {
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

  /// The number that the leading digits of eight bytes make, and how many there are.
  ///
  /// The first byte of the text is the lowest. After the exclusive or a digit is 0...9, and adding 0x76 brings
  /// everything from 10 on to the top bit; carries reach only bytes after the first that is no digit.
  @inline(__always)
  private static func leadingDigits(_ text: UInt64) -> (value: UInt64, count: Int) {
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
  @inline(__always)
  private static func powerOfTen(_ exponent: Int) -> UInt64 {
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

  /// The tuple that is next, and where it ends, if it is one as machines write them: two or three numbers of at most
  /// 15 digits, without white space, and far from the end of the text. Nothing is consumed.
  ///
  /// Nearly all that is read are such tuples. They take a third of the time of the general path, which keeps its
  /// state in memory and checks for the end of the text at every byte.
  @inline(__always)
  private func plainTuple() -> (NumberTuple, end: Int)? {
    // Three times 15 digits and a separator, the opening bracket, and the 16 bytes that a number is looked for in.
    guard count &- position >= 64, bytes[position] == UInt8(ascii: "[") else { return nil }
    var end = position &+ 1
    guard let first = plainNumber(&end), bytes[end] == UInt8(ascii: ",") else { return nil }
    end &+= 1
    guard let second = plainNumber(&end) else { return nil }
    var third: UInt64?
    if bytes[end] == UInt8(ascii: ",") {
      end &+= 1
      guard let number = plainNumber(&end) else { return nil }
      third = number
    }
    guard bytes[end] == UInt8(ascii: "]") else { return nil }
    return (NumberTuple(first, second, third), end &+ 1)
  }

  /// A number of at most 15 digits without leading zeros; 16 bytes must be there.
  @inline(__always)
  private func plainNumber(_ offset: inout Int) -> UInt64? {
    let first = bytes[offset] &- UInt8(ascii: "0")
    // Most numbers of one digit are nodes, and every region has one.
    if !Self.isDigit(bytes[offset &+ 1]) {
      offset &+= 1
      return first < 10 ? UInt64(first) : nil
    }
    guard first &- 1 < 9 else { return nil }
    let (high, highDigits) = Self.leadingDigits(word(at: offset))
    offset &+= highDigits
    guard highDigits == 8 else { return high }
    let (low, lowDigits) = Self.leadingDigits(word(at: offset))
    offset &+= lowDigits
    guard lowDigits < 8 else { return nil }
    return high &* Self.powerOfTen(lowDigits) &+ low
  }

  /// Eight bytes of the text, the first one lowest.
  @inline(__always)
  private func word(at offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// Reads `0x` and hexadecimal digits as far as they go.
  private mutating func hexadecimalDigits() throws(RequestError) -> UInt64 {
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
  private mutating func skipNumber() throws(RequestError) {
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
  private mutating func skipDigits() throws(RequestError) {
    guard position < count else { throw failure(.endsEarly) }
    guard Self.isDigit(bytes[position]) else { throw failure(.malformedNumber) }
    while position < count, Self.isDigit(bytes[position]) { position += 1 }
  }
}

// MARK: Strings

extension JSONScanner {
  /// Reads a string; its opening quote is next.
  private mutating func text() throws(RequestError) -> JSONText {
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
  private mutating func skipPlainText() {
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

  private mutating func skipEscape() throws(RequestError) {
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
  private mutating func codeUnit(escapedAt start: Int) throws(RequestError) -> UInt16 {
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
  private mutating func skipMultibyteCharacter() throws(RequestError) {
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
