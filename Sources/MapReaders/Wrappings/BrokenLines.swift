/// Lines that a mailer broke because they were too long: at a blank, behind a hyphen, or anywhere.
///
/// What tells is whether lines can be read: two lines are one where they mean something together that they do not mean by
/// themselves. So nothing is joined that the readers do not know, and a line that is wrong stays wrong.
struct BrokenLines {
  /// - Returns: nil where no line was broken; nothing is copied then.
  static func plainText(_ text: TextCursor, _ numbers: [Int]?) -> PlainText? {
    var reader = BrokenLines(text, numbers)
    reader.read()
    return reader.plain
  }

  /// The most lines that one was broken into.
  private static let mostParts = 4
  /// Longer lines than a mailer makes were not broken.
  private static let longestPart = 200
  private static let longestLine = 400

  private let text: TextCursor
  private let numbers: [Int]?
  private let scanner: KeywordScanner
  /// Has read all lines up to here that mean something by themselves, and knows so which lines without a keyword may follow.
  private var boot = Boot()
  /// A line in the making.
  private var joined: [UInt8] = []
  private var plain: PlainText?

  private init(_ text: TextCursor, _ numbers: [Int]?) {
    self.text = text
    self.numbers = numbers
    scanner = KeywordScanner(text)
  }

  private mutating func read() {
    var lines = LogLines(text)
    while let line = lines.next() {
      let number = fileLine(line.number, numbers)
      if let isTerminated = joins(line, with: &lines) {
        if plain == nil { copyLines(before: line) }
        plain?.append(joined)
        plain?.endLine(number: number, terminates: isTerminated)
      } else if plain != nil {
        plain?.append(line.text.buffer)
        plain?.endLine(number: number, terminates: line.isTerminated)
      }
    }
  }

  private mutating func copyLines(before line: LogLine) {
    var copy = PlainText()
    copy.reserve(text.count)
    var lines = LogLines(TextCursor(from: text.position, to: line.text.position))
    while let line = lines.next() {
      copy.append(line.text.buffer)
      copy.endLine(number: fileLine(line.number, numbers))
    }
    plain = copy
  }

  /// Joins a line with the next ones where it was broken into them: `joined` is the whole then.
  ///
  /// - Parameter lines: those that are taken are passed.
  /// - Returns: whether the last one that was taken ends with a newline; nil where the line was not broken.
  private mutating func joins(_ line: LogLine, with lines: inout LogLines) -> Bool? {
    guard line.text.count <= Self.longestLine, !line.isLast else { return nil }
    let context = boot.context
    if LineMeaning(line.text, scanner, &boot) == .known {
      var ahead = lines
      guard let next = ahead.next(), next.text.unquoted.mayEnd(line.text) else { return nil }
      joined.removeAll(keepingCapacity: true)
      joined.append(contentsOf: line.text.buffer)
      return takeEnd(&lines, context)
    }
    guard line.text.mayBeBroken || context.isInsidePageFrames, !line.text.hasControls else { return nil }
    var parts = [line.text.withoutTrailingBlanks]
    let first = line.text.unquoted
    var ahead = lines
    while parts.count < Self.mostParts, let next = ahead.next() {
      let part = next.text.unquoted
      guard !part.isAtEnd, part.count <= Self.longestPart, !part.begins(like: first), !part.hasControls,
        !isKnown(part, context)
      else { break }
      parts.append(part)
      for separators in 0..<(1 << (parts.count - 1)) {
        join(parts, separators)
        guard let after = contextBehindJoined(context) else { continue }
        boot.context = after
        lines = ahead
        return takeEnd(&lines, context) ?? next.isTerminated
      }
    }
    return nil
  }

  /// - Parameter separators: a bit for each border, the last one lowest: 0 for a blank, which a mailer takes where it breaks
  ///   a line at one, 1 for nothing.
  private mutating func join(_ parts: [TextCursor], _ separators: Int) {
    joined.removeAll(keepingCapacity: true)
    for (index, part) in parts.enumerated() {
      if index > 0, separators >> (parts.count - 1 - index) & 1 == 0 { joined.append(UInt8(ascii: " ")) }
      joined.append(contentsOf: part.buffer)
    }
  }

  private func isKnown(_ part: TextCursor, _ context: Boot.Context) -> Bool {
    self.context(behind: part, context) != nil
  }

  /// What follows `joined`, if it means something.
  private func contextBehindJoined(_ context: Boot.Context) -> Boot.Context? {
    joined.withCursor { self.context(behind: $0, context) }
  }

  /// What follows a line that lies anywhere; nil where it means nothing, as almost all lines do, which takes no boot to tell.
  private func context(behind line: TextCursor, _ context: Boot.Context) -> Boot.Context? {
    let scanner = KeywordScanner(line)
    guard context.readsEveryLine || scanner.next(from: line.position, to: line.end) != nil else { return nil }
    var boot = Boot()
    boot.tdx.forgetsMessages = true
    boot.context = context
    return LineMeaning(line, scanner, &boot) == .known ? boot.context : nil
  }

  /// Takes what may stand at the end of `joined`, which can be read, and be left out.
  ///
  /// - Returns: whether the line that was taken ends with a newline; nil where none was.
  private mutating func takeEnd(_ lines: inout LogLines, _ context: Boot.Context) -> Bool? {
    var ahead = lines
    guard let next = ahead.next() else { return nil }
    let part = next.text.unquoted
    let count = joined.count
    // The rest of a number that was broken in its middle.
    if let last = joined.last, isHexDigit(last), part.mayEndNumber {
      joined.append(contentsOf: part.buffer)
      if contextBehindJoined(context) != nil {
        lines = ahead
        return next.isTerminated
      }
      joined.removeLast(joined.count - count)
    }
    guard part.mayEndLine, !isKnown(part, context) else { return nil }
    joined.append(UInt8(ascii: " "))
    joined.append(contentsOf: part.buffer)
    if contextBehindJoined(context) != nil {
      lines = ahead
      return next.isTerminated
    }
    joined.removeLast(joined.count - count)
    return nil
  }
}

/// Whether a line means something to a reader.
private enum LineMeaning {
  case unknown, wrong, known

  /// - Parameter boot: reads it, and must have read nothing that lies elsewhere.
  init(_ text: TextCursor, _ scanner: KeywordScanner, _ boot: inout Boot) {
    do throws(BrokenLine) {
      self = try Self.isRead(text, scanner, &boot) ? .known : .unknown
    } catch {
      self = .wrong
    }
  }

  private static func isRead(
    _ text: TextCursor,
    _ scanner: KeywordScanner,
    _ boot: inout Boot
  ) throws(BrokenLine) -> Bool {
    if boot.readsEveryLine, try boot.readWithoutKeyword(text, number: 1, readsLsmem: false) != nil {
      return true
    }
    var next = scanner.next(from: text.position, to: text.end)
    while let match = next {
      let isRead = try boot.read(
        match.keyword,
        before: TextCursor(from: text.position, to: match.start),
        after: TextCursor(from: match.end, to: text.end),
        line: 1,
        mayBeCut: false
      )
      if isRead { return true }
      next = scanner.next(from: match.resumption, to: text.end)
    }
    return false
  }
}

extension TextCursor {
  fileprivate var buffer: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: position, count: count) }

  /// Whether a line that tells of memory may begin here. Most lines of a log do not look like one.
  fileprivate var mayBeBroken: Bool {
    var rest = self
    while let byte = rest.takeByte() {
      let isSign =
        switch byte {
        case UInt8(ascii: "0"): rest.starts(with: "x")
        case UInt8(ascii: "B"): rest.starts(with: "IOS")
        case UInt8(ascii: "C"): rest.starts(with: "MR")
        case UInt8(ascii: "E"): rest.starts(with: "arly")
        case UInt8(ascii: "N"): rest.starts(with: "UMA")
        case UInt8(ascii: "R"): rest.starts(with: "AM")
        case UInt8(ascii: "S"): rest.starts(with: "RAT")
        case UInt8(ascii: "e"): rest.starts(with: "820")
        case UInt8(ascii: "m"): rest.starts(with: "em")
        case UInt8(ascii: "n"): rest.starts(with: "ode")
        case UInt8(ascii: "r"): rest.starts(with: "ange")
        case UInt8(ascii: "t"): rest.starts(with: "dx")
        default: false
        }
      if isSign { return true }
    }
    return false
  }

  /// Whether a terminal's controls are still to be taken off: what the line says is not known before.
  fileprivate var hasControls: Bool {
    var rest = self
    while let byte = rest.takeByte() { if byte < 32 && byte != 9 { return true } }
    return false
  }

  /// Whether this may be what is missing at the end of a line that can be read without it.
  fileprivate func mayEnd(_ line: TextCursor) -> Bool {
    line.last.map(isHexDigit) == true && mayEndNumber || mayEndLine
  }

  /// Whether a line that could end before this may go on with it: what stands behind the range in an SRAT, a dump or a list.
  fileprivate var mayEndLine: Bool {
    guard count <= 80 else { return false }
    let ends: [StaticString] = [
      "hotplug", "non-volatile", "usable", "reserved", "bytes", "on node", "node ", "flags:",
    ]
    if ends.contains(where: { starts(with: $0) }) { return true }
    // The columns of a memblock list: `0 NONE`.
    var columns = self
    let node = columns.take { isDecimal($0) || $0 == UInt8(ascii: "x") }
    guard !node.isAtEnd, columns.next == UInt8(ascii: " ") else { return false }
    columns.takeBlanks()
    let flags = columns.take { 0x41...0x5a ~= $0 || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "|") }
    return !flags.isAtEnd && columns.isAtEnd
  }

  /// Whether this may be what is left of a number, and of what closes it.
  fileprivate var mayEndNumber: Bool {
    var rest = self
    guard count <= 20, !rest.take(while: isHexDigit).isAtEnd else { return false }
    return rest.take { $0 == UInt8(ascii: ")") || $0 == UInt8(ascii: "]") }.end == end
  }

  /// Whether this begins with the same word or mark as another line (`BIOS-e820`, `[    0.0`, `Nov 29`), as lines of one log
  /// do, and what is left of a broken line does not. Numbers tell nothing: two may begin alike in one line.
  fileprivate func begins(like other: TextCursor) -> Bool {
    var (one, other) = (self, other)
    var (alike, hasWord) = (0, false)
    while let byte = one.takeByte(), byte == other.takeByte() {
      alike += 1
      let isLetterOfNoNumber = "g"..."z" ~= Unicode.Scalar(byte | 0x20) && byte | 0x20 != UInt8(ascii: "x")
      hasWord = hasWord || byte == UInt8(ascii: "[") || isLetterOfNoNumber
    }
    return alike >= 4 && hasWord
  }

  /// Without `> ` and blanks at either end.
  fileprivate var unquoted: TextCursor {
    var copy = self
    _ = copy.take { isBlank($0) || $0 == UInt8(ascii: ">") }
    return copy.withoutTrailingBlanks
  }
}
