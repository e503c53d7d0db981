/// Text that was unwrapped, and which line of the file each of its lines comes from.
struct PlainText {
  private(set) var bytes: [UInt8] = []
  /// For each line the number of the line in the file, counted from 1.
  private(set) var numbers: [Int] = []
  private var lineStart = 0

  /// Whether a line has been begun and not ended.
  var isInsideLine: Bool { bytes.count > lineStart }
  /// The bytes of the line that is not ended yet.
  var line: ArraySlice<UInt8> { bytes[lineStart...] }

  /// Makes room for a text that is no longer than so many bytes.
  mutating func reserve(_ count: Int) { bytes.reserveCapacity(count + 1) }

  mutating func append(_ byte: UInt8) { bytes.append(byte) }
  mutating func append(_ text: some Sequence<UInt8>) { bytes.append(contentsOf: text) }
  mutating func dropLine() { bytes.removeLast(bytes.count - lineStart) }

  /// Ends the line that was appended.
  ///
  /// - Parameter terminates: false where the file ends without a newline.
  mutating func endLine(number: Int, terminates: Bool = true) {
    if terminates { bytes.append(10) }
    numbers.append(number)
    lineStart = bytes.count
  }
}

/// A line of a text that is being unwrapped.
struct WrappedLine {
  /// Without the newline, and without carriage returns before it.
  let bytes: UnsafeBufferPointer<UInt8>
  /// In the file.
  let number: Int
  let isTerminated: Bool
}

/// The lines of a text with their numbers in the file.
struct WrappedLines: Sequence, IteratorProtocol {
  private var lines: LogLines
  private let numbers: [Int]?

  /// - Parameter numbers: of each line; nil where the text is the file.
  init(_ text: TextCursor, numbers: [Int]?) {
    lines = LogLines(text)
    self.numbers = numbers
  }

  mutating func next() -> WrappedLine? {
    lines.next().map {
      WrappedLine(
        bytes: UnsafeBufferPointer(start: $0.text.position, count: $0.text.count),
        number: fileLine($0.number, numbers),
        isTerminated: $0.isTerminated
      )
    }
  }
}

/// The number in the file of a line of a text.
func fileLine(_ number: Int, _ numbers: [Int]?) -> Int {
  guard let numbers else { return number }
  return number <= numbers.count ? numbers[number - 1] : numbers.last ?? number
}
