/// Lines that a mailer broke because they were too long: at a blank, behind a hyphen, or anywhere.
///
/// What tells is whether lines can be read: two lines are one where they mean something together that they do not mean by
/// themselves. So nothing is joined that the readers do not know, and a line that is wrong stays wrong.
struct BrokenLines {
  static func plainText(_ text: TextCursor, _ numbers: [Int]?) -> PlainText? {
    KeywordScanner.with(text) { scanner in
      BrokenLines(lines: Array(WrappedLines(text, numbers: numbers)), scanner: scanner).joined()
    }
  }

  /// The most lines that one was broken into.
  private static let mostParts = 4
  /// Longer lines than a mailer makes were not broken.
  private static let longestPart = 200

  private let lines: [WrappedLine]
  private let scanner: KeywordScanner

  private func joined() -> PlainText? {
    var plain = PlainText()
    var isChanged = false
    var index = 0
    while index < lines.count {
      let (bytes, count) = whole(from: index)
      isChanged = isChanged || count > 1
      plain.append(bytes)
      let last = lines[index + count - 1]
      plain.endLine(number: lines[index].number, terminates: last.isTerminated)
      index += count
    }
    return isChanged ? plain : nil
  }

  /// The line that begins here, and how many it was broken into.
  private func whole(from index: Int) -> (bytes: [UInt8], count: Int) {
    let first = Array(lines[index].bytes)
    guard index + 1 < lines.count, first.mayBeBroken else { return (first, 1) }
    let alone = LineMeaning(first, scanner)
    if alone == .known { return withEnd(first, 1, from: index) }
    var candidates = [first.withoutTrailingBlanks]
    for count in 2...Self.mostParts {
      guard index + count <= lines.count else { break }
      let part = Array(lines[index + count - 1].bytes).withoutQuotes
      guard !part.isEmpty, part.count <= Self.longestPart, LineMeaning(part, scanner) != .known else { break }
      var longer: [[UInt8]] = []
      for candidate in candidates {
        // A blank first: a mailer takes the one at which it breaks.
        for separator in [[UInt8(ascii: " ")], []] {
          let text = candidate + separator + part
          if LineMeaning(text, scanner) == .known { return withEnd(text, count, from: index) }
          longer.append(text)
        }
      }
      candidates = longer
    }
    return (first, 1)
  }

  /// A line that can be read, with what may stand at its end and be left out.
  private func withEnd(_ text: [UInt8], _ count: Int, from index: Int) -> (bytes: [UInt8], count: Int) {
    guard index + count < lines.count else { return (text, count) }
    let part = Array(lines[index + count].bytes).withoutQuotes
    // The rest of a number that was broken in its middle.
    if let last = text.last, isHexDigit(last), part.mayEndNumber, LineMeaning(text + part, scanner) == .known
    {
      return (text + part, count + 1)
    }
    guard part.mayEndLine, LineMeaning(part, scanner) != .known else { return (text, count) }
    let longer = text + [UInt8(ascii: " ")] + part
    return LineMeaning(longer, scanner) == .known ? (longer, count + 1) : (text, count)
  }
}

/// Whether a line by itself means something to a reader.
private enum LineMeaning {
  case unknown, wrong, known

  init(_ line: [UInt8], _ scanner: KeywordScanner) {
    self = line.withCursor { text in Self.meaning(of: text, scanner.over(text)) }
  }

  private static func meaning(of text: TextCursor, _ scanner: KeywordScanner) -> LineMeaning {
    var boot = Boot()
    var next = scanner.next(from: text.position, to: text.end)
    while let match = next {
      do throws(BrokenLine) {
        let isRead = try boot.read(
          match.keyword,
          before: TextCursor(from: text.position, to: match.start),
          after: TextCursor(from: match.end, to: text.end),
          line: 1,
          mayBeCut: false
        )
        if isRead { return .known }
      } catch {
        return .wrong
      }
      next = scanner.next(from: match.resumption, to: text.end)
    }
    return .unknown
  }
}

extension [UInt8] {
  /// Whether a line that tells of memory may begin here. Most lines of a log do not look like one.
  fileprivate var mayBeBroken: Bool {
    guard count <= 400 else { return false }
    return withCursor { text in
      let signs: [StaticString] = [
        "mem", "e820", "BIOS", "SRAT", "NUMA", "CMR", "node", "range", "RAM", "tdx", "0x", "Early",
      ]
      return signs.contains { text.find($0) != nil }
    }
  }

  /// Whether a line that could end before this may go on with it: what stands behind the range in an SRAT, a dump or a list.
  fileprivate var mayEndLine: Bool {
    guard count <= 80 else { return false }
    let ends = ["hotplug", "non-volatile", "usable", "reserved", "bytes", "on node", "node ", "flags:"]
    if ends.contains(where: { starts(with: $0.utf8) }) { return true }
    // The columns of a memblock list: `0 NONE`.
    let words = split(separator: UInt8(ascii: " "))
    return words.count == 2 && words[0].allSatisfy { isDecimal($0) || $0 == UInt8(ascii: "x") }
      && words[1].allSatisfy { 0x41...0x5a ~= $0 || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "|") }
  }

  /// Whether this may be what is left of a number, and of what closes it.
  fileprivate var mayEndNumber: Bool {
    let rest = drop(while: isHexDigit)
    return rest.count < count && count <= 20
      && rest.allSatisfy { $0 == UInt8(ascii: ")") || $0 == UInt8(ascii: "]") }
  }

  fileprivate var withoutTrailingBlanks: [UInt8] {
    var copy = self
    while let last = copy.last, isBlank(last) { copy.removeLast() }
    return copy
  }

  /// Without `> ` and blanks at either end.
  fileprivate var withoutQuotes: [UInt8] {
    Array(drop { isBlank($0) || $0 == UInt8(ascii: ">") }).withoutTrailingBlanks
  }
}
