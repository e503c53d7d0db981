/// `> ` before the lines that a mail quotes, and once more for each time that they were quoted.
enum MailQuotes {
  static func plainText(_ text: TextCursor, _ numbers: [Int]?) -> PlainText? {
    guard WrappedLines(text, numbers: numbers).contains(where: { isQuoted($0.bytes) }) else { return nil }
    var plain = PlainText()
    for line in WrappedLines(text, numbers: numbers) {
      let bytes = unquoted(line.bytes[...])
      plain.append(bytes)
      plain.endLine(number: line.number, terminates: line.isTerminated)
    }
    return plain
  }

  /// A line without its quotes. The blank behind one is the mailer's, others are the text's.
  static func unquoted(_ line: Slice<UnsafeBufferPointer<UInt8>>) -> Slice<UnsafeBufferPointer<UInt8>> {
    var line = line
    while isQuoted(UnsafeBufferPointer(rebasing: line)) {
      line = line.drop(while: isBlank).dropFirst()
      if line.first == UInt8(ascii: " ") { line = line.dropFirst() }
    }
    return line
  }

  private static func isQuoted(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
    line.first { !isBlank($0) } == UInt8(ascii: ">")
  }
}
