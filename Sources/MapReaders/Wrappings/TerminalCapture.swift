/// What a terminal was sent, made into the lines that it showed: escape sequences go (ECMA-48), backspaces and carriage
/// returns move back, what is written over is gone.
struct TerminalCapture {
  static func plainText(_ text: TextCursor, _ numbers: [Int]?) -> PlainText? {
    let spellsEscapes = spellsEscapes(text)
    guard hasMarks(text, spellsEscapes: spellsEscapes) else { return nil }
    var capture = TerminalCapture(
      endsLinesWithReturns: returnsOutnumberNewlines(text),
      spellsEscapes: spellsEscapes
    )
    for line in WrappedLines(text, numbers: numbers) { capture.read(line) }
    return capture.plain
  }

  /// An escape, or its picture as `cat -v` shows it or as it is pasted without its first byte; a backspace or another
  /// control; a carriage return that does not stand before a newline.
  private static func hasMarks(_ text: TextCursor, spellsEscapes: Bool) -> Bool {
    var rest = text
    while let byte = rest.takeByte() {
      switch byte {
      case 9, 10: break
      case 13:
        _ = rest.take { $0 == 13 }
        if rest.next != 10 && !rest.isAtEnd { return true }
      case 0..<32, 127: return true
      case UInt8(ascii: "^"): if rest.starts(with: "[[") { return true }
      case UInt8(ascii: "["): if !spellsEscapes && rest.isColourWithoutEscape { return true }
      default: break
      }
    }
    return false
  }

  /// Whether escapes are there as quoted-printable or JSON spell them: what follows them has not lost them.
  private static func spellsEscapes(_ text: TextCursor) -> Bool {
    (["=1B[", "u001b[", "u001B["] as [StaticString]).contains { text.find($0) != nil }
  }

  /// Lines that end with carriage returns alone, or with both the wrong way round.
  private static func returnsOutnumberNewlines(_ text: TextCursor) -> Bool {
    var (newlines, returns) = (0, 0)
    var rest = text
    while let byte = rest.takeByte() {
      if byte == 10 { newlines += 1 }
      guard byte == 13 else { continue }
      _ = rest.take { $0 == 13 }
      if rest.next == 10 || rest.isAtEnd { continue }
      returns += 1
    }
    return returns > newlines
  }

  private let endsLinesWithReturns: Bool
  private let spellsEscapes: Bool
  private var plain = PlainText()
  private var line: [UInt8] = []
  /// Where the next byte goes.
  private var column = 0
  /// What the line held before a carriage return.
  private var overwritten: [UInt8]?

  /// No terminal is wider; a cursor that is sent further stays here.
  private static let mostColumns = 1 << 16

  private init(endsLinesWithReturns: Bool, spellsEscapes: Bool) {
    self.endsLinesWithReturns = endsLinesWithReturns
    self.spellsEscapes = spellsEscapes
  }

  private mutating func read(_ wrapped: WrappedLine) {
    let base = wrapped.bytes.baseAddress
    guard let base else { return endLine(wrapped.number, wrapped.isTerminated) }
    var rest = TextCursor(from: base, to: base + wrapped.bytes.count)
    while let byte = rest.takeByte() {
      switch byte {
      case 9: write(byte)
      case 8: column = max(0, column - 1)
      case 13: returnCarriage(wrapped.number)
      case 27: takeSequence(&rest, wrapped.number)
      case UInt8(ascii: "^") where rest.starts(with: "[["):
        rest.skip(1)
        takeSequence(&rest, wrapped.number)
      case UInt8(ascii: "[") where !spellsEscapes && rest.isColourWithoutEscape:
        _ = rest.take { $0 != UInt8(ascii: "m") }
        rest.skip(1)
      case 0..<32, 127: break
      default: write(byte)
      }
    }
    endLine(wrapped.number, wrapped.isTerminated)
  }

  private mutating func write(_ byte: UInt8) {
    while line.count < column { line.append(UInt8(ascii: " ")) }
    if column < line.count { line[column] = byte } else { line.append(byte) }
    column += 1
  }

  /// What comes is written over what is there. Where it turns out shorter, both are lines: no byte is dropped that nothing
  /// was written over.
  private mutating func returnCarriage(_ number: Int) {
    if endsLinesWithReturns { return endLine(number, true) }
    settle(number)
    if !line.isEmpty { overwritten = line }
    line.removeAll(keepingCapacity: true)
    column = 0
  }

  /// Decides what becomes of the text before the last carriage return.
  private mutating func settle(_ number: Int) {
    guard let before = overwritten else { return }
    overwritten = nil
    if line.isEmpty {
      line = before
    } else if line.count < before.count {
      plain.append(before)
      plain.endLine(number: number)
    }
  }

  private mutating func endLine(_ number: Int, _ terminates: Bool) {
    settle(number)
    if terminates || !line.isEmpty {
      plain.append(line)
      plain.endLine(number: number, terminates: terminates)
    }
    line.removeAll(keepingCapacity: true)
    column = 0
  }

  // MARK: Sequences

  /// Takes what follows an escape.
  private mutating func takeSequence(_ rest: inout TextCursor, _ number: Int) {
    guard let kind = rest.takeByte() else { return }
    switch kind {
    case UInt8(ascii: "["): takeControl(&rest, number)
    // OSC, DCS, SOS, PM, APC: a string, up to BEL or ESC \\; one that has no end on its line ends there.
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
      while let byte = rest.takeByte(), byte != 7 {
        guard byte == 27 else { continue }
        if rest.next == UInt8(ascii: "\\") { rest.skip(1) }
        break
      }
    // Intermediate bytes, as in the choice of a character set: `ESC ( B`.
    case 0x20...0x2f:
      _ = rest.take { 0x20...0x2f ~= $0 }
      if let next = rest.next, next >= 0x30 { rest.skip(1) }
    default: break
    }
  }

  /// CSI: parameters, intermediate bytes, and the byte that says what to do.
  private mutating func takeControl(_ rest: inout TextCursor, _ number: Int) {
    var parameters = rest.take { 0x30...0x3f ~= $0 }
    _ = rest.take { 0x20...0x2f ~= $0 }
    // Cut by another sequence or the end of the line: nothing is done.
    guard let action = rest.next, 0x40...0x7e ~= action else { return }
    rest.skip(1)
    let given = parameters.takeDecimal().map { Int(min($0, UInt64(Self.mostColumns))) }
    let count = max(1, given ?? 1)
    switch action {
    case UInt8(ascii: "K"): eraseInLine(given ?? 0)
    case UInt8(ascii: "C"): moveTo(column + count)
    case UInt8(ascii: "D"): moveTo(column - count)
    case UInt8(ascii: "G"), UInt8(ascii: "`"): moveTo(count - 1)
    case UInt8(ascii: "P"): line.removeSubrange(min(column, line.count)..<min(column + count, line.count))
    case UInt8(ascii: "@"):
      if column < line.count {
        line.insert(contentsOf: repeatElement(UInt8(ascii: " "), count: min(count, 1000)), at: column)
      }
    case UInt8(ascii: "X"):
      for index in min(column, line.count)..<min(column + count, line.count) {
        line[index] = UInt8(ascii: " ")
      }
    // The cursor goes to another line, or the screen is emptied.
    case UInt8(ascii: "A"), UInt8(ascii: "B"), UInt8(ascii: "E"), UInt8(ascii: "F"), UInt8(ascii: "H"),
      UInt8(ascii: "J"), UInt8(ascii: "d"), UInt8(ascii: "f"):
      settle(number)
      if !line.isEmpty { endLine(number, true) }
      column = 0
    default: break
    }
  }

  private mutating func eraseInLine(_ what: Int) {
    switch what {
    case 0:
      if column == 0 { overwritten = nil }
      if column < line.count { line.removeLast(line.count - column) }
    case 1: for index in 0..<min(column + 1, line.count) { line[index] = UInt8(ascii: " ") }
    default:
      overwritten = nil
      line.removeAll(keepingCapacity: true)
    }
  }

  private mutating func moveTo(_ place: Int) {
    // Forward over what the carriage return left standing.
    if line.isEmpty, let before = overwritten {
      line = before
      overwritten = nil
    }
    column = min(max(0, place), Self.mostColumns)
  }
}

extension TextCursor {
  /// Whether this goes on as `[0m` or `[1;32m` do behind their bracket. `[m` is left: so begins `[mem`.
  fileprivate var isColourWithoutEscape: Bool {
    var text = self
    let parameters = text.take { isDecimal($0) || $0 == UInt8(ascii: ";") }
    return !parameters.isAtEnd && parameters.count <= 16 && text.next == UInt8(ascii: "m")
  }
}
