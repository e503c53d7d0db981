/// The messages of logs that are printed as JSON: `MESSAGE` of `journalctl -o json`, `json-pretty`, `json-sse` and
/// `json-seq`, where it is text or an array of bytes, and `msg` of `dmesg --json`. Lines that are no JSON stay as they are.
///
/// Files are cut anywhere and lines are broken, so this reads what it can recognise, and is no check of the rest.
struct JSONMessages {
  static func plainText(_ text: TextCursor, _ numbers: [Int]?) -> PlainText? {
    guard hasMessage(text) else { return nil }
    var reader = JSONMessages(text, numbers)
    reader.read()
    return reader.plain
  }

  /// Whether there is a member that holds a message, in an object that begins a line.
  static func hasMessage(_ text: TextCursor) -> Bool {
    ([("\"MESSAGE\"", 2), ("\"msg\"", 2)] as [(StaticString, Int)]).contains { name, offset in
      var rest = text
      while let place = rest.find(name, by: offset) {
        rest = TextCursor(from: place + name.utf8CodeUnitCount, to: text.end)
        _ = rest.take { isBlank($0) || $0 == 10 || $0 == 13 }
        if rest.next == UInt8(ascii: ":") { return true }
      }
      return false
    }
  }

  private var rest: TextCursor
  private let numbers: [Int]?
  /// The number of the line that `rest` begins in.
  private var line = 1
  private var plain = PlainText()

  private init(_ text: TextCursor, _ numbers: [Int]?) {
    rest = text
    self.numbers = numbers
  }

  private mutating func read() {
    while !rest.isAtEnd {
      if let start = objectStart {
        // What stands before it is a prefix, a bracket or a comma.
        rest.skip(start - rest.position)
        readObject()
      } else {
        copyLine()
      }
    }
  }

  /// Where an object begins in the next line, perhaps behind a prefix, `data: ` or a record separator.
  private var objectStart: UnsafePointer<UInt8>? {
    var line = rest
    line = line.take { $0 != 10 }
    guard let brace = line.find("{") else { return nil }
    var text = TextCursor(from: brace + 1, to: rest.end)
    _ = text.take { isBlank($0) || $0 == 10 || $0 == 13 }
    return text.next == UInt8(ascii: "\"") || text.isAtEnd ? brace : nil
  }

  private mutating func copyLine() {
    let text = rest.take { $0 != 10 }
    plain.append(UnsafeBufferPointer(start: text.position, count: text.count))
    let isTerminated = rest.take("\n")
    plain.endLine(number: fileLine(line, numbers), terminates: isTerminated)
    line += 1
  }

  private mutating func next() -> UInt8? {
    let byte = rest.takeByte()
    if byte == 10 { line += 1 }
    return byte
  }

  private mutating func skipSpace() {
    while let byte = rest.next, isBlank(byte) || byte == 10 || byte == 13 { _ = next() }
  }

  /// Reads up to the brace that closes what begins here, or to the end of the text. What is between strings and brackets is
  /// not looked at: a name is a string before a colon.
  private mutating func readObject() {
    var depth = 0
    while let byte = next() {
      switch byte {
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "}"):
        depth -= 1
        if depth <= 0 { return endObject() }
      case UInt8(ascii: "\""): if takesMessageName() { readValue() }
      default: break
      }
    }
  }

  /// An end of line behind an object belongs to it.
  private mutating func endObject() {
    _ = rest.take { isBlank($0) || $0 == UInt8(ascii: ",") || $0 == 13 }
    if rest.take("\n") { line += 1 }
  }

  /// Passes a string whose quote has been taken.
  ///
  /// - Returns: whether it is the name of a message; the colon behind it is passed then.
  private mutating func takesMessageName() -> Bool {
    let start = rest.position
    skipText()
    let name = TextCursor(from: start, to: max(start, rest.position - 1))
    guard name.equals("MESSAGE") || name.equals("msg") else { return false }
    skipSpace()
    return rest.take(":")
  }

  private mutating func readValue() {
    skipSpace()
    if rest.take("\"") { return readText() }
    if rest.take("[") { readBytes() }
  }

  private mutating func skipText() {
    while let byte = next(), byte != UInt8(ascii: "\"") {
      if byte == UInt8(ascii: "\\") { _ = next() }
    }
  }

  /// The text of a message up to its closing quote: a line for each of its lines.
  private mutating func readText() {
    let number = fileLine(line, numbers)
    while let byte = next(), byte != UInt8(ascii: "\"") {
      switch byte {
      // No JSON has it inside a string: a mailer broke the line, at a blank or behind a hyphen.
      case 10: if !endsWithHyphen { plain.append(UInt8(ascii: " ")) }
      case 13: break
      case UInt8(ascii: "\\"): readEscape(number)
      default: plain.append(byte)
      }
    }
    // A text that is cut off is a line that is cut off.
    plain.endLine(number: number, terminates: !rest.isAtEnd)
  }

  /// Whether the line that is being made ends with a hyphen that is inside a word.
  private var endsWithHyphen: Bool {
    let end = plain.line.suffix(2)
    return end.count == 2 && end.last == UInt8(ascii: "-") && end.first.map(isBlank) == false
  }

  private mutating func readEscape(_ number: Int) {
    switch next() {
    case UInt8(ascii: "n"): plain.endLine(number: number)
    case UInt8(ascii: "t"): plain.append(9)
    case UInt8(ascii: "b"): plain.append(8)
    case UInt8(ascii: "r"): plain.append(13)
    case UInt8(ascii: "f"): break
    case UInt8(ascii: "u"):
      var digits = TextCursor(from: rest.position, to: rest.position + min(4, rest.count))
      guard let code = digits.takeHexDigits(), digits.isAtEnd else { return }
      rest.skip(4)
      if code == 10 { return plain.endLine(number: number) }
      // Beyond ASCII no line of memory goes.
      plain.append(code < 128 ? UInt8(code) : UInt8(ascii: "?"))
    case let byte?: plain.append(byte)
    case nil: break
    }
  }

  /// `86,105,114]`: the bytes of a message that is not plain text.
  private mutating func readBytes() {
    let number = fileLine(line, numbers)
    while true {
      _ = rest.take { isBlank($0) || $0 == UInt8(ascii: ",") || $0 == 13 }
      if let value = rest.takeDecimal() {
        if value == 10 {
          plain.endLine(number: number)
        } else if value < 256 {
          plain.append(UInt8(value))
        }
        continue
      }
      guard let byte = next(), byte != UInt8(ascii: "]") else { break }
    }
    plain.endLine(number: number, terminates: !rest.isAtEnd)
  }
}
