/// What a line looks like to a reader that does not mind what its numbers are: words, numbers, signs and blanks in a row.
///
/// Lines of a table look alike. One beside them that looks as they do, but for a slip of the hand or a flipped byte, is meant
/// as one of them: `0x100000000.0x107fffffff` among `0x1000..0x9ffff`.
struct LineShape {
  private enum Part: Equatable {
    case word([UInt8])
    case number
    /// Begins as a number and does not go on as one: `0x0000g000`.
    case brokenNumber
    case sign(UInt8)
    case blank
  }

  enum Likeness {
    case different
    /// The same but for a slip.
    case alike
    /// The same as far as it goes, and it ends early.
    case cut
  }

  private var parts: [Part] = []
  /// How many parts there are up to the last number.
  private var headCount = 0

  /// Lines of a table have fewer.
  private static let mostParts = 80

  init(_ line: TextCursor) {
    var rest = line
    while let byte = rest.next, parts.count < Self.mostParts {
      if isBlank(byte) {
        rest.takeBlanks()
        if !parts.isEmpty && !rest.isAtEnd { parts.append(.blank) }
      } else if isWordByte(byte) {
        parts.append(Self.part(of: rest.take(while: isWordByte)))
        if parts.last == .number { headCount = parts.count }
      } else {
        rest.skip(1)
        parts.append(.sign(byte))
      }
    }
  }

  /// Whether a run of word bytes is neither a number nor the beginning of one.
  static func isWord(_ text: TextCursor) -> Bool { number(in: text) == nil }

  /// `.number` or `.brokenNumber`; nil for a word.
  private static func number(in text: TextCursor) -> Part? {
    var digits = text
    _ = digits.take("0x")
    let start = digits.position
    let hexadecimals = digits.take(while: isHexDigit)
    if digits.isAtEnd, TextCursor(from: text.position, to: hexadecimals.end).hasDigit { return .number }
    if let first = text.next, isDecimal(first), digits.position > start { return .brokenNumber }
    return nil
  }

  private static func part(of text: TextCursor) -> Part {
    if let number = number(in: text) { return number }
    // `mem00` and `mem01` are one word.
    var word = text
    var letters: [UInt8] = []
    while let byte = word.takeByte() { if !isDecimal(byte) { letters.append(byte) } }
    return .word(letters)
  }

  /// How another line compares with this one of a table.
  func likeness(of other: LineShape) -> Likeness {
    if isContinued(by: other) { return .cut }
    // What comes behind the numbers may differ. `1000-9ffff : System RAM` has its mark there.
    let head = headCount >= 6 ? headCount : parts.count
    return distance(fromFirst: head, to: other) <= 3 ? .alike : .different
  }

  /// Whether `other` is the beginning of a line like this.
  private func isContinued(by other: LineShape) -> Bool {
    guard other.parts.count >= 2, other.parts.count <= parts.count else { return false }
    for (index, part) in other.parts.enumerated() {
      if part == parts[index] { continue }
      guard index == other.parts.count - 1 else { return false }
      switch (part, parts[index]) {
      case (.word(let cut), .word(let whole)): return whole.starts(with: cut)
      case (.brokenNumber, .number): return false
      case (.word(let cut), .number): return cut == [UInt8(ascii: "x")]
      default: return false
      }
    }
    return other.parts.count < parts.count
  }

  /// What it takes to make the first parts of this line out of the first ones of another, however many.
  private func distance(fromFirst count: Int, to other: LineShape) -> Int {
    var row = [0]
    row.reserveCapacity(other.parts.count + 1)
    for part in other.parts { row.append(row[row.count - 1] + Self.cost(part)) }
    var next = row
    for index in 0..<count {
      next[0] = row[0] + Self.cost(parts[index])
      for (column, part) in other.parts.enumerated() {
        next[column + 1] = min(
          row[column] + Self.cost(parts[index], part),
          row[column + 1] + Self.cost(parts[index]),
          next[column] + Self.cost(part)
        )
      }
      swap(&row, &next)
    }
    return row.min() ?? .max
  }

  /// What it costs to leave a part out.
  private static func cost(_ part: Part) -> Int {
    switch part {
    case .sign, .blank: 1
    case .word(let letters): letters.count <= 1 ? 1 : 8
    case .number, .brokenNumber: 4
    }
  }

  private static func cost(_ one: Part, _ other: Part) -> Int {
    if one == other { return 0 }
    switch (one, other) {
    case (.number, .brokenNumber), (.sign, .sign), (.sign, .blank), (.blank, .sign): return 1
    case (.word(let one), .word(let other)): return isSlip(one, other) ? 1 : 8
    default: return 8
    }
  }

  /// Whether two words differ in one letter. `System ROM` is no slip for `System RAM`.
  private static func isSlip(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    guard one.count >= 3, abs(one.count - other.count) <= 1 else { return false }
    guard ![one, other].contains(Array("ROM".utf8)) else { return false }
    let front = zip(one, other).prefix { $0 == $1 }.count
    let back = zip(one.reversed(), other.reversed()).prefix { $0 == $1 }.count
    return front + back >= max(one.count, other.count) - 1
  }
}

private func isWordByte(_ byte: UInt8) -> Bool {
  isDecimal(byte) || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || byte == UInt8(ascii: "_")
}

extension TextCursor {
  /// Whether `LineShape` may find another line alike or cut: false where their first words begin and end with other letters,
  /// which no slip makes of each other.
  ///
  /// Shapes take memory, some 15 allocations a pair; in /proc/iomem, whose lines of System RAM stand among others, shapes of
  /// all pairs made `parse/iomem` 5 times slower.
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
}
