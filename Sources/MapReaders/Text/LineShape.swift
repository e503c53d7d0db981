/// What a line looks like to a reader that does not mind what its numbers are: words, numbers, signs and blanks in a row.
///
/// Lines of a table look alike. One beside them that looks as they do, but for a slip of the hand or a flipped byte, is meant
/// as one of them: `0x100000000.0x107fffffff` among `0x1000..0x9ffff`.
///
/// Shapes live on the stack: in /proc/iomem, whose lines of System RAM stand among others, there is a pair for each.
struct LineShape {
  enum Likeness {
    case different
    /// The same but for a slip.
    case alike
    /// The same as far as it goes, and it ends early.
    case cut
  }

  private struct Part {
    enum Kind: UInt8 {
      case word, number
      /// Begins as a number and does not go on as one: `0x0000g000`.
      case brokenNumber
      case sign, blank
    }

    var kind: Kind
    /// Where it stands; nothing for a blank.
    var text: TextCursor
    /// Of a word, without its decimal digits, by which words do not differ: `mem00` and `mem01` are one.
    var letterCount = 0
    var hash: UInt64 = 0

    static func == (one: Part, other: Part) -> Bool {
      one.kind == other.kind && one.letterCount == other.letterCount && one.hash == other.hash
    }
    static func != (one: Part, other: Part) -> Bool { !(one == other) }
  }

  private let parts: UnsafeMutableBufferPointer<Part>
  private var count = 0
  /// How many parts there are up to the last number.
  private var headCount = 0

  /// Lines of a table have fewer.
  private static let mostParts = 80
  /// What makes a slip.
  private static let mostCost = 3

  /// How another line compares with one of a table.
  static func likeness(of other: TextCursor, to line: TextCursor) -> Likeness {
    withUnsafeTemporaryAllocation(of: Part.self, capacity: 2 * mostParts) { room in
      let one = LineShape(line, UnsafeMutableBufferPointer(rebasing: room[..<mostParts]))
      let other = LineShape(other, UnsafeMutableBufferPointer(rebasing: room[mostParts...]))
      return one.likeness(of: other)
    }
  }

  private init(_ line: TextCursor, _ room: UnsafeMutableBufferPointer<Part>) {
    parts = room
    var rest = line
    while let byte = rest.next, count < Self.mostParts {
      let start = rest.position
      if isBlank(byte) {
        rest.takeBlanks()
        if count > 0 && !rest.isAtEnd { append(Part(kind: .blank, text: TextCursor(from: start, to: start))) }
      } else if isWordByte(byte) {
        let part = Self.part(of: rest.take(while: isWordByte))
        append(part)
        if part.kind == .number { headCount = count }
      } else {
        rest.skip(1)
        append(Part(kind: .sign, text: TextCursor(from: start, to: rest.position), hash: UInt64(byte)))
      }
    }
  }

  private mutating func append(_ part: Part) {
    parts.initializeElement(at: count, to: part)
    count += 1
  }

  /// Whether a run of word bytes is neither a number nor the beginning of one.
  static func isWord(_ text: TextCursor) -> Bool { numberKind(of: text) == nil }

  /// `.number` or `.brokenNumber`; nil for a word.
  private static func numberKind(of text: TextCursor) -> Part.Kind? {
    var digits = text
    // An O for the zero.
    if (digits.take("Ox") || digits.take("ox")) && !digits.isAtEnd { return .brokenNumber }
    _ = digits.take("0x")
    let start = digits.position
    let hexadecimals = digits.take(while: isHexDigit)
    if digits.isAtEnd, TextCursor(from: text.position, to: hexadecimals.end).hasDigit { return .number }
    if let first = text.next, isDecimal(first), digits.position > start { return .brokenNumber }
    return nil
  }

  private static func part(of text: TextCursor) -> Part {
    if let kind = numberKind(of: text) { return Part(kind: kind, text: text) }
    var part = Part(kind: .word, text: text)
    part.hash = 0xcbf2_9ce4_8422_2325
    var letters = text
    while let letter = letters.takeLetter() {
      part.letterCount += 1
      part.hash = (part.hash ^ UInt64(letter)) &* 0x100_0000_01b3
    }
    return part
  }

  private func likeness(of other: LineShape) -> Likeness {
    if isContinued(by: other) { return .cut }
    // What comes behind the numbers may differ. `1000-9ffff : System RAM` has its mark there.
    let head = headCount >= 6 ? headCount : count
    return isSlip(ofFirst: head, in: other) ? .alike : .different
  }

  /// Whether `other` is the beginning of a line like this.
  private func isContinued(by other: LineShape) -> Bool {
    guard other.count >= 2, other.count <= count else { return false }
    for index in 0..<other.count {
      let (part, whole) = (other.parts[index], parts[index])
      if part == whole { continue }
      guard index == other.count - 1, part.kind == .word else { return false }
      switch whole.kind {
      case .word:
        return part.letterCount < whole.letterCount
          && Self.commonLetters(part.text, whole.text) == part.letterCount
      case .number: return part.letterCount == 1 && part.text.equals("0x")
      default: return false
      }
    }
    return other.count < count
  }

  /// Whether the first parts of another line, however many, are the first ones of this but for a slip.
  ///
  /// The least cost of making one of the other. Every part that is left out or put in costs something, so none is held
  /// against one that stands more than `mostCost` parts from it.
  private func isSlip(ofFirst head: Int, in other: LineShape) -> Bool {
    guard other.count + Self.mostCost >= head else { return false }
    let (band, far) = (2 * Self.mostCost + 1, Int32(1000))
    // Of place `index` in `row`: what it costs to come from as many parts of this as there are rows to `index - mostCost`
    // more of the other.
    var row = SIMD8<Int32>(repeating: far)
    row[Self.mostCost] = 0
    for index in Self.mostCost + 1..<band where index - Self.mostCost <= other.count {
      row[index] = row[index - 1] + Self.cost(other.parts[index - Self.mostCost - 1])
    }
    for line in 1...max(head, 1) where line <= head {
      var next = SIMD8<Int32>(repeating: far)
      let part = parts[line - 1]
      for index in 0..<band {
        let column = line + index - Self.mostCost
        guard column >= 0, column <= other.count else { continue }
        var least = index + 1 < band ? row[index + 1] + Self.cost(part) : far
        if column > 0 {
          let opposite = other.parts[column - 1]
          if row[index] <= Self.mostCost { least = min(least, row[index] + Self.cost(part, opposite)) }
          if index > 0 { least = min(least, next[index - 1] + Self.cost(opposite)) }
        }
        next[index] = least
      }
      row = next
      if row.min() > Self.mostCost { return false }
    }
    return row.min() <= Self.mostCost
  }

  /// What it costs to leave a part out.
  private static func cost(_ part: Part) -> Int32 {
    switch part.kind {
    case .sign, .blank: 1
    case .word: part.letterCount <= 1 ? 1 : 8
    case .number, .brokenNumber: 4
    }
  }

  private static func cost(_ one: Part, _ other: Part) -> Int32 {
    if one == other { return 0 }
    switch (one.kind, other.kind) {
    case (.number, .brokenNumber), (.sign, .sign), (.sign, .blank), (.blank, .sign): return 1
    case (.word, .word): return isSlip(one, other) ? 1 : 8
    default: return 8
    }
  }

  /// Whether two words differ in one letter. `System ROM` is no slip for `System RAM`.
  private static func isSlip(_ one: Part, _ other: Part) -> Bool {
    guard one.letterCount >= 3, abs(one.letterCount - other.letterCount) <= 1 else { return false }
    guard !one.text.equals("ROM"), !other.text.equals("ROM") else { return false }
    let common = commonLetters(one.text, other.text) + commonLastLetters(one.text, other.text)
    return common >= max(one.letterCount, other.letterCount) - 1
  }

  private static func commonLetters(_ one: TextCursor, _ other: TextCursor) -> Int {
    var (one, other, count) = (one, other, 0)
    while let letter = one.takeLetter(), letter == other.takeLetter() { count += 1 }
    return count
  }

  private static func commonLastLetters(_ one: TextCursor, _ other: TextCursor) -> Int {
    var (one, other, count) = (one, other, 0)
    while let letter = one.dropLastLetter(), letter == other.dropLastLetter() { count += 1 }
    return count
  }
}

private func isWordByte(_ byte: UInt8) -> Bool {
  isDecimal(byte) || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || byte == UInt8(ascii: "_")
}

extension TextCursor {
  /// Whether `LineShape` may find another line alike or cut: false where their first words begin and end with other letters,
  /// which no slip makes of each other.
  ///
  /// A shape takes some 20 instructions a byte; in /proc/iomem, whose lines of System RAM stand among others, shapes of
  /// all pairs would take more than all else.
  func mayBegin(like other: TextCursor) -> Bool {
    guard let one = firstWord, let other = other.firstWord else { return true }
    return one.first == other.first || one.last == other.last
  }

  /// The first and the last letter of the first word of two letters or more that is no number.
  private var firstWord: (first: UInt8, last: UInt8)? {
    var rest = self
    while !rest.isAtEnd {
      let word = rest.take(while: isWordByte)
      guard !word.isAtEnd else {
        rest.skip(1)
        continue
      }
      if let letters = word.letters, LineShape.isWord(word) { return letters }
    }
    return nil
  }

  /// The first and the last of at least two bytes that are no decimal digits.
  private var letters: (first: UInt8, last: UInt8)? {
    var rest = self
    var found: (first: UInt8, last: UInt8, count: Int)?
    while let byte = rest.takeByte() {
      if !isDecimal(byte) { found = (found?.first ?? byte, byte, (found?.count ?? 0) + 1) }
    }
    return found.flatMap { $0.count > 1 ? ($0.first, $0.last) : nil }
  }

  fileprivate var hasDigit: Bool {
    var text = self
    while let byte = text.takeByte() { if isDecimal(byte) { return true } }
    return false
  }

  /// The next byte that is no decimal digit.
  fileprivate mutating func takeLetter() -> UInt8? {
    while let byte = takeByte() { if !isDecimal(byte) { return byte } }
    return nil
  }

  /// The last byte that is none.
  fileprivate mutating func dropLastLetter() -> UInt8? {
    while let byte = last {
      dropLast()
      if !isDecimal(byte) { return byte }
    }
    return nil
  }

  /// Whether a line that ends here may have gone on: with a number, or with what a sign or a blank is followed by.
  var endsInside: Bool {
    guard let last else { return true }
    if !isWordByte(last) { return last != UInt8(ascii: ")") && last != UInt8(ascii: "]") }
    var text = self
    return text.dropLast(while: isWordByte).next.map(isDecimal) ?? false
  }
}
