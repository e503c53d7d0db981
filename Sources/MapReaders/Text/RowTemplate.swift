#if canImport(Glibc)
  import Glibc
#endif

/// What a row of a table begins with, as its kernel prints it, with `#` for each number and one blank for any number of them:
/// `SRAT: Node # PXM # [mem #-#]`. With a newline at its end it is all of the row.
///
/// A line that nobody could read, and that differs from a row's beginning by one slip of the hand or one flipped byte, is meant
/// as a row. That is so wherever it stands: rows that come alone have no others to be held against.
struct RowTemplate {
  private let text: StaticString

  init(_ text: StaticString) { self.text = text }

  /// Whether one of the templates is what a line begins with, but for a slip. What a log puts before its messages is passed.
  ///
  /// - Complexity: O(line + templates).
  static func isRow(_ line: TextCursor, of templates: [RowTemplate]) -> Bool {
    guard !templates.isEmpty else { return false }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Skeleton.capacity) { room in
      var message: TextCursor? = line
      while let text = message {
        let skeleton = Skeleton(text, room)
        if templates.contains(where: { $0.mayBegin(skeleton) && $0.begins(skeleton) }) { return true }
        message = text.behindPrefix
      }
      return false
    }
  }

  /// What makes a slip: that of a letter, or of two signs next to each other, as one sign inside a number makes.
  private static let mostCost: Int32 = 2

  /// Whether one third of the template stands where it should, give or take the places by which a slip moves it. Two edits,
  /// more than which cost too much, and an exchange of neighbours spoil two thirds at most.
  private func mayBegin(_ line: Skeleton) -> Bool {
    let (bytes, count) = (text.utf8Start, text.utf8CodeUnitCount)
    let (first, second) = (count / 3, count * 2 / 3)
    return line.has(bytes, 0..<first, at: 0...0) || line.has(bytes, first..<second, at: first - 2...first + 2)
      || line.has(bytes, second..<count, at: second - 2...second + 2)
  }

  /// The least cost of making the template of the beginning of a line, by edits and by exchanging neighbours: none is more
  /// than `mostCost` places from its opposite, so a band of the usual table is enough.
  private func begins(_ line: Skeleton) -> Bool {
    let (width, far) = (5, Int32(1000))
    let middle = 2
    var beforeLast = SIMD8<Int32>(repeating: far)
    var last = SIMD8<Int32>(repeating: far)
    last[middle] = 0
    for index in middle + 1..<width where index - middle <= line.count {
      last[index] = last[index - 1] + Self.cost(line[index - middle - 1])
    }
    let bytes = text.utf8Start
    for row in 1...text.utf8CodeUnitCount {
      let byte = bytes[row - 1]
      var next = SIMD8<Int32>(repeating: far)
      for index in 0..<width {
        let column = row + index - middle
        guard column >= 0, column <= line.count else { continue }
        var least = index + 1 < width ? last[index + 1] + Self.cost(ofTemplate: byte) : far
        if column > 0 {
          let opposite = line[column - 1]
          least = min(least, last[index] + Self.cost(byte, opposite))
          if index > 0 { least = min(least, next[index - 1] + Self.cost(opposite)) }
          if row > 1, column > 1, byte == line[column - 2], bytes[row - 2] == opposite {
            least = min(least, beforeLast[index] + Self.mostCost)
          }
        }
        next[index] = least
      }
      if next.min() > Self.mostCost && last.min() > Self.mostCost { return false }
      (beforeLast, last) = (last, next)
    }
    return last.min() <= Self.mostCost
  }

  /// What it costs to leave a byte of a line out.
  private static func cost(_ byte: UInt8) -> Int32 { isLetter(byte) ? 2 : 1 }

  /// What it costs to leave a byte of a template out. The end of the line is none that may be; a dot is not found between
  /// numbers unless it parts them.
  private static func cost(ofTemplate byte: UInt8) -> Int32 {
    if byte == 10 { return mostCost + 1 }
    return isLetter(byte) || byte == UInt8(ascii: ".") ? 2 : 1
  }

  private static func cost(_ template: UInt8, _ other: UInt8) -> Int32 {
    template == other ? 0 : max(cost(ofTemplate: template), cost(other))
  }
}

/// A line with one sign for each number.
private struct Skeleton {
  /// No template is as long, and a slip more.
  static let capacity = 80

  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private(set) var count = 0

  init(_ line: TextCursor, _ room: UnsafeMutableBufferPointer<UInt8>) {
    bytes = room
    var rest = line
    rest.takeBlanks()
    while let byte = rest.next, count < Self.capacity {
      if isBlank(byte) {
        rest.takeBlanks()
        append(UInt8(ascii: " "))
      } else if isDecimal(byte) || isLetter(byte) {
        let run = rest.take { isDecimal($0) || isLetter($0) }
        let isPart =
          run.isHexadecimal
          && (count > 1 && Self.isPart(bytes[count - 2], bytes[count - 1]) || rest.goesOnAsNumber)
        if isPart { append(UInt8(ascii: "#")) } else { append(run: run) }
      } else {
        rest.skip(1)
        append(byte)
      }
    }
    if count > 0, bytes[count - 1] == UInt8(ascii: " ") { count -= 1 }
    append(10)
  }

  subscript(index: Int) -> UInt8 { bytes[index] }

  /// Whether a part of some text begins at one of these places.
  func has(_ text: UnsafePointer<UInt8>, _ part: Range<Int>, at places: ClosedRange<Int>) -> Bool {
    let last = min(places.upperBound, count - part.count)
    var place = max(places.lowerBound, 0)
    while place <= last {
      if bytes[place] == text[part.lowerBound],
        memcmp(bytes.baseAddress! + place, text + part.lowerBound, part.count) == 0
      {
        return true
      }
      place += 1
    }
    return false
  }

  /// Whether letters behind these two may be the rest of a number that a sign has cut in two.
  private static func isPart(_ number: UInt8, _ sign: UInt8) -> Bool {
    number == UInt8(ascii: "#") && [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_")].contains(sign)
  }

  private mutating func append(_ byte: UInt8) {
    guard count < Self.capacity else { return }
    bytes[count] = byte
    count += 1
  }

  /// Adds letters and digits in a row: a number, one with a foreign letter in it, or a word, whose digits may be numbers that
  /// lost the blank before them.
  private mutating func append(run: TextCursor) {
    if run.isNumber { return append(UInt8(ascii: "#")) }
    if run.isBrokenNumber {
      append(UInt8(ascii: "#"))
      return append(UInt8(ascii: "?"))
    }
    var rest = run
    let hasDigits = run.decimalCount > 0
    while !rest.isAtEnd {
      if hasDigits, rest.takeNumberInWord() {
        append(UInt8(ascii: "#"))
      } else if let byte = rest.takeByte() {
        append(byte)
      }
    }
  }
}

extension TextCursor {
  /// Whether all of a run is a hexadecimal number. Of letters alone it is one if they are f or many: `de` may be the end of
  /// `node`.
  fileprivate var isNumber: Bool {
    var digits = self
    if equals("0x") { return true }
    if digits.count > 2 { _ = digits.take("0x") || digits.count > 5 && digits.take("x") }
    var all = digits
    guard !digits.take(while: isHexDigit).isAtEnd, digits.isAtEnd else { return false }
    if count >= 5 { return true }
    return all.take { $0 == UInt8(ascii: "f") }.count == count || all.decimalCount > 0
  }

  /// Whether a run is a number with one foreign letter in it: `0x0000g000`, `x00001000`, `e8l0`.
  fileprivate var isBrokenNumber: Bool {
    var rest = self
    if rest.count > 2 && rest.take("0x") {
      return rest.count - rest.hexDigitCount == 1
    }
    // An x behind a broken 0.
    let isPrefixed = count > 5 && position[1] == UInt8(ascii: "x")
    guard count - hexDigitCount == (isPrefixed && !isHexDigit(position[0]) ? 2 : 1) else { return false }
    if count > 5 { return decimalCount > 0 || count > 6 }
    return decimalCount > 1 && (isHexDigit(position[0]) || position[0] == UInt8(ascii: "x"))
  }

  fileprivate var isHexadecimal: Bool { hexDigitCount == count }

  /// Whether a sign and digits follow, or a blank and three of them: `e-20`, `e 820`.
  fileprivate var goesOnAsNumber: Bool {
    var rest = self
    guard let sign = rest.takeByte() else { return false }
    return rest.take(while: isDecimal).count >= (isBlank(sign) ? 3 : 2)
  }

  /// Takes decimal digits, with what makes them a hexadecimal number, or a long one that begins with a letter.
  fileprivate mutating func takeNumberInWord() -> Bool {
    var rest = self
    let digits = rest.take(while: isHexDigit)
    if digits.decimalCount >= 3 {
      self = rest
      return true
    }
    rest = self
    let decimals = rest.take(while: isDecimal)
    guard !decimals.isAtEnd else { return false }
    self = rest
    if rest.take("x"), rest.take(while: isHexDigit).count >= (decimals.equals("0") ? 1 : 4) { self = rest }
    return true
  }

  private var hexDigitCount: Int {
    var (rest, count) = (self, 0)
    while let byte = rest.takeByte() { if isHexDigit(byte) { count += 1 } }
    return count
  }

  fileprivate var decimalCount: Int {
    var (rest, count) = (self, 0)
    while let byte = rest.takeByte() { if isDecimal(byte) { count += 1 } }
    return count
  }

  /// What stands behind a time stamp, `> ` or `kernel: ` at the beginning; nil where nothing like it does.
  fileprivate var behindPrefix: TextCursor? {
    var rest = self
    rest.takeBlanks()
    if rest.take(">") || rest.take("|") { return rest }
    if rest.take("<") { return rest.take(upTo: UInt8(ascii: ">")) == nil ? nil : rest }
    if rest.take("[") {
      guard let next = rest.next, isBlank(next) || isDecimal(next) || next == UInt8(ascii: "T") else {
        return nil
      }
      return rest.take(upTo: UInt8(ascii: "]")) == nil ? nil : rest
    }
    let near = TextCursor(from: position, to: position + min(count, 120))
    guard let tag = near.find("kernel: ", by: 6) else { return nil }
    return TextCursor(from: tag + "kernel: ".utf8.count, to: end)
  }
}

func isLetter(_ byte: UInt8) -> Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 }
