/// Text out of a page: entities become what they stand for, and tags go.
enum HTMLText {
  private static let entities: [(StaticString, UInt8)] = [
    ("gt;", UInt8(ascii: ">")), ("lt;", UInt8(ascii: "<")), ("amp;", UInt8(ascii: "&")),
    ("quot;", UInt8(ascii: "\"")), ("apos;", UInt8(ascii: "'")), ("nbsp;", UInt8(ascii: " ")),
  ]
  /// Tags behind which a line ends.
  private static let lineEnds: [StaticString] = ["br", "/p", "/div", "/pre", "/li", "/tr"]
  private static let otherTags: [StaticString] = [
    "p", "div", "pre", "span", "/span", "code", "/code", "tt", "/tt", "b", "/b", "i", "/i", "font", "/font",
    "blockquote", "/blockquote", "a", "/a", "html", "/html", "body", "/body",
  ]

  static func plainText(_ text: TextCursor, _ numbers: [Int]?) -> PlainText? {
    guard hasMarks(text) else { return nil }
    var plain = PlainText()
    for line in WrappedLines(text, numbers: numbers) {
      guard let base = line.bytes.baseAddress else {
        plain.endLine(number: line.number, terminates: line.isTerminated)
        continue
      }
      var rest = TextCursor(from: base, to: base + line.bytes.count)
      while let byte = rest.takeByte() {
        if byte == UInt8(ascii: "&"), let decoded = takeEntity(&rest) {
          plain.append(decoded)
        } else if byte == UInt8(ascii: "<"), let endsLine = takeTag(&rest) {
          if endsLine { plain.endLine(number: line.number) }
        } else {
          plain.append(byte)
        }
      }
      plain.endLine(number: line.number, terminates: line.isTerminated)
    }
    return plain
  }

  private static func hasMarks(_ text: TextCursor) -> Bool {
    var rest = text
    while let place = rest.find("&") {
      rest = TextCursor(from: place + 1, to: rest.end)
      var entity = rest
      if takeEntity(&entity) != nil { return true }
    }
    return text.find("<br") != nil || text.find("<BR") != nil
  }

  /// What follows `&`; nil, and nothing is taken, where it is no entity.
  private static func takeEntity(_ rest: inout TextCursor) -> UInt8? {
    for (name, byte) in entities where rest.take(name) { return byte }
    var number = rest
    guard number.take("#") else { return nil }
    let value = number.take("x") || number.take("X") ? number.takeHexDigits() : number.takeDecimal()
    guard let value, number.take(";") else { return nil }
    rest = number
    // Of other characters no line of memory is made.
    return value >= 32 && value < 127
      ? UInt8(value) : value == 160 || value < 32 ? UInt8(ascii: " ") : UInt8(ascii: "?")
  }

  /// What follows `<`; nil, and nothing is taken, where it is no tag.
  ///
  /// - Returns: whether a line ends there.
  private static func takeTag(_ rest: inout TextCursor) -> Bool? {
    var tag = rest
    guard let inside = tag.take(upTo: UInt8(ascii: ">")) else { return nil }
    let name = inside.withoutAttributes.text.lowercased()
    let isEnd = lineEnds.contains { $0.description == name }
    guard isEnd || otherTags.contains(where: { $0.description == name }) else { return nil }
    rest = tag
    return isEnd
  }
}

extension TextCursor {
  /// The name of a tag, in `br` and `br />`.
  fileprivate var withoutAttributes: TextCursor {
    var text = self
    let slash = TextCursor(from: position, to: position + (starts(with: "/") ? 1 : 0))
    text.skip(slash.count)
    let name = text.take { !isBlank($0) && $0 != UInt8(ascii: "/") }
    return TextCursor(from: position, to: name.end)
  }
}
