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
  /// `\x09` and `#011`, behind what JSON escapes.
  case spelledTabs
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
    case .spelledTabs: SpelledTabs.plainText(text, numbers)
    case .brokenLines: BrokenLines.plainText(text, numbers)
    }
  }

  /// How often all kinds are looked for: a mail may quote the terminal that showed the journal that held colours.
  private static let mostRounds = 4

  /// The text without any wrapping; nil where there is none.
  static func allRemoved(from text: TextCursor) -> PlainText? {
    var plain: PlainText?
    // How many were taken off in all, and when each was looked for last.
    var changes = 0
    var lookedFor: [Wrapping: Int] = [:]
    for _ in 0..<mostRounds {
      var isChanged = false
      for wrapping in allCases where lookedFor[wrapping] != changes {
        lookedFor[wrapping] = changes
        let next =
          if let plain {
            plain.bytes.withCursor { wrapping.removed(from: $0, numbers: plain.numbers) }
          } else {
            wrapping.removed(from: text, numbers: nil)
          }
        if let next {
          plain = next
          isChanged = true
          changes += 1
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
  ///
  /// - Complexity: some 2 instructions a byte where nothing looks like one.
  var hasMarksOfWrapping: Bool {
    guard count > 16 else { return hasMarkOfWrapping }
    var found = LineLanes(repeating: 0)
    var place = position
    // The last block overlaps the one before it; behind each a byte is looked at, too.
    while end - place > 17 {
      found |= place.possibleMarks
      place += 16
    }
    found |= (end - 17).possibleMarks
    let lastByte = TextCursor(from: end - 1, to: end)
    return (!found.isZero && hasMarkOfWrapping) || lastByte.hasMarkOfWrapping
  }

  /// The same, byte by byte.
  private var hasMarkOfWrapping: Bool {
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

extension UnsafePointer<UInt8> {
  /// Not 0 for each of 16 bytes that may be a mark; 17 must be there.
  fileprivate var possibleMarks: LineLanes {
    func lanes(_ byte: UInt8) -> LineLanes { LineLanes(repeating: byte) }
    let bytes = LineLanes(at: self)
    let isControl = (bytes .< lanes(32)) .& (bytes .!= lanes(9)) .| (bytes .== lanes(127))
    let isSign =
      (bytes .== lanes(UInt8(ascii: "&"))) .| (bytes .== lanes(UInt8(ascii: "=")))
      .| (bytes .== lanes(UInt8(ascii: "^")))
    let isColour =
      (bytes .== lanes(UInt8(ascii: "["))) .& (LineLanes(at: self + 1) .== lanes(UInt8(ascii: "0")))
    return unsafeBitCast(isControl .| isSign .| isColour, to: LineLanes.self)
  }
}
