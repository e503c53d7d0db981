/// Quoted-printable (RFC 2045), as mails have it in their source: `=3D` for `=`, `=20` for a blank at the end of a line, and
/// `=` where a line goes on in the next.
enum QuotedPrintable {
  static func plainText(_ text: TextCursor, _ numbers: [Int]?) -> PlainText? {
    guard hasMarks(text) else { return nil }
    var plain = PlainText()
    var isChanged = false
    var first: Int?
    var isQuoted = false
    for line in WrappedLines(text, numbers: numbers) {
      var bytes = line.bytes[...]
      if first == nil {
        isQuoted = bytes.first == UInt8(ascii: ">")
      } else if isQuoted {
        // The source itself was quoted.
        bytes = MailQuotes.unquoted(bytes)
      }
      guard let end = decodedEnd(of: bytes) else {
        plain.append(bytes)
        plain.endLine(number: first ?? line.number, terminates: line.isTerminated)
        first = nil
        continue
      }
      let before = plain.bytes.count
      append(bytes[..<end.content], to: &plain)
      isChanged = isChanged || end.goesOn || plain.bytes.count - before != bytes.count
      if end.goesOn && line.isTerminated {
        first = first ?? line.number
      } else {
        plain.endLine(number: first ?? line.number, terminates: line.isTerminated)
        first = nil
      }
    }
    if let first { plain.endLine(number: first, terminates: false) }
    return isChanged ? plain : nil
  }

  private static func hasMarks(_ text: TextCursor) -> Bool {
    var rest = text
    while let place = rest.find("=") {
      rest = TextCursor(from: place + 1, to: rest.end)
      var blanks = rest
      blanks.takeBlanks()
      if blanks.next == 10 || blanks.next == 13 { return true }
      if rest.starts(with: "3D") || rest.starts(with: "20") { return true }
    }
    return false
  }

  /// Where the content of a line ends and whether the next line goes on with it; nil where a `=` stands there that
  /// quoted-printable would not have: the line is of another kind.
  private static func decodedEnd(of line: Slice<UnsafeBufferPointer<UInt8>>) -> (content: Int, goesOn: Bool)?
  {
    var end = line.endIndex
    while end > line.startIndex, isBlank(line[end - 1]) { end -= 1 }
    let goesOn = end > line.startIndex && line[end - 1] == UInt8(ascii: "=")
    let content = goesOn ? end - 1 : line.endIndex
    var index = line.startIndex
    while index < content {
      if line[index] == UInt8(ascii: "=") {
        guard index + 2 < content, isHexDigit(line[index + 1]), isHexDigit(line[index + 2]) else {
          return nil
        }
        index += 2
      }
      index += 1
    }
    return (content, goesOn)
  }

  private static func append(_ line: Slice<UnsafeBufferPointer<UInt8>>, to plain: inout PlainText) {
    var index = line.startIndex
    while index < line.endIndex {
      if line[index] == UInt8(ascii: "="), index + 2 < line.endIndex,
        let byte = UInt8(String(decoding: line[index + 1...index + 2], as: UTF8.self), radix: 16)
      {
        // A newline that is spelled so would move the lines that follow.
        plain.append(byte == 10 || byte == 13 ? UInt8(ascii: " ") : byte)
        index += 3
      } else {
        plain.append(line[index])
        index += 1
      }
    }
  }
}
