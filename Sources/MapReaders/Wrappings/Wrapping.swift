/// What lies around a text that people paste: what a terminal, a mailer or a journal adds to the lines of a kernel.
///
/// Each kind is taken off by itself, and only where its marks are seen: first those that may hide the marks of others. A text
/// without marks is never copied.
enum Wrapping: CaseIterable {
  /// Colours, cursor movements, backspaces: of `dmesg --color`, script(1) and serial consoles.
  case terminal
  /// `&gt;` and `<br>`.
  case html
  /// `=20`, `=3D` and soft line ends of a mail.
  case quotedPrintable
  /// `> ` before lines.
  case quotes
  /// `journalctl -o json` and `dmesg --json`.
  case messages
  /// Lines that were broken where a mailer found them too long.
  case brokenLines

  /// The text without this wrapping; nil where it has none.
  ///
  /// - Parameter numbers: which line of the file each line comes from; nil where the text is the file.
  func removed(from text: TextCursor, numbers: [Int]?) -> PlainText? {
    switch self {
    case .terminal: TerminalCapture.plainText(text, numbers)
    case .quotedPrintable: QuotedPrintable.plainText(text, numbers)
    case .html: HTMLText.plainText(text, numbers)
    case .quotes: MailQuotes.plainText(text, numbers)
    case .messages: JSONMessages.plainText(text, numbers)
    case .brokenLines: BrokenLines.plainText(text, numbers)
    }
  }

  /// How often all kinds are looked for: a mail may quote the terminal that showed the journal that held colours.
  private static let mostRounds = 4

  /// The text without any wrapping; nil where there is none.
  static func allRemoved(from text: TextCursor) -> PlainText? {
    var plain: PlainText?
    for _ in 0..<mostRounds {
      var isChanged = false
      for wrapping in allCases {
        let next =
          if let plain {
            plain.bytes.withCursor { wrapping.removed(from: $0, numbers: plain.numbers) }
          } else {
            wrapping.removed(from: text, numbers: nil)
          }
        if let next {
          plain = next
          isChanged = true
        }
      }
      if !isChanged { break }
    }
    return plain
  }
}

extension [UInt8] {
  /// Lends a cursor over the bytes.
  func withCursor<Result, Failure: Error>(
    _ body: (TextCursor) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withUnsafeBufferPointer { (buffer) throws(Failure) in
      guard let base = buffer.baseAddress else {
        var nothing: UInt8 = 0
        return try withUnsafePointer(to: &nothing) { (empty) throws(Failure) in
          try body(TextCursor(from: empty, to: empty))
        }
      }
      return try body(TextCursor(from: base, to: base + buffer.count))
    }
  }
}

extension TextCursor {
  /// Whether this line has a mark of a wrapping that makes a line mean something else than it says.
  var hasMarksOfWrapping: Bool {
    var rest = self
    while let byte = rest.takeByte() {
      switch byte {
      case 9: break
      case 0..<32, 127: return true
      case UInt8(ascii: "&") where rest.isEntity: return true
      case UInt8(ascii: "=") where rest.isAtEnd || rest.starts(with: "3D") || rest.starts(with: "20"):
        return true
      case UInt8(ascii: "^") where rest.starts(with: "[["): return true
      case UInt8(ascii: "[") where rest.starts(with: "0m"): return true
      default: break
      }
    }
    return false
  }

  /// Whether this goes on as an entity of HTML does behind its `&`.
  var isEntity: Bool {
    ["gt;", "lt;", "amp;", "quot;", "nbsp;", "#"].contains { starts(with: $0) }
  }
}
