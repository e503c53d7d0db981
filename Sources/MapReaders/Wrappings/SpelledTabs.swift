/// Tabs that were spelled out where a log was written, as the dump of `memblock=debug` has them behind its indices.
///
/// * `\x09`: /dev/kmsg escapes so, and toybox's dmesg (0.8.9) and rsyslog's imkmsg (8.2302) leave it as it is.
/// * `#011`: rsyslog, of messages that it receives over a socket (EscapeControlCharactersOnReceive).
enum SpelledTabs {
  private static let spellings: [StaticString] = [#"\x09"#, "#011"]

  static func plainText(_ text: TextCursor, _ numbers: [Int]?) -> PlainText? {
    guard spellings.contains(where: { text.find($0) != nil }) else { return nil }
    var plain = PlainText()
    plain.reserve(text.count)
    for line in WrappedLines(text, numbers: numbers) {
      append(line.bytes, to: &plain)
      plain.endLine(number: line.number, terminates: line.isTerminated)
    }
    return plain
  }

  private static func append(_ line: UnsafeBufferPointer<UInt8>, to plain: inout PlainText) {
    guard let base = line.baseAddress else { return }
    var rest = TextCursor(from: base, to: base + line.count)
    while let next = rest.next {
      if spellings.contains(where: { rest.take($0) }) {
        plain.append(9)
      } else {
        plain.append(next)
        rest.skip(1)
      }
    }
  }
}
