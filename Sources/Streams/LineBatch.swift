import JSON
import ReusableMemory
import SystemIO

/// Some lines of a stream that one thread answers, and their answers, in memory that is reused.
final class LineBatch {
  /// The bytes of text that make a batch full: some hundred microseconds of work, against a few that reading in turn
  /// costs, and with the answers small enough for a processor's own cache. 64 KiB are a tenth slower.
  static let fullCount = 1 << 14
  /// Longer lines are not copied into a batch, so that memory stays small.
  static let longestLine = 1 << 20

  private struct Line {
    /// Where its bytes end; they begin where those of the line before it end. Nil: it was too long to be read.
    var end: Int?
    var number: Int
  }

  private var text = ReusableBuffer<UInt8>(capacity: 2 * fullCount)
  /// Those that are still to be answered.
  private var lines = ReusableBuffer<Line>(capacity: 256)
  private var limit = 0
  private var answers = JSONWriter(capacity: 8 * fullCount)
  /// Whether all lines answered so far were requests.
  private(set) var isClean = true

  var isEmpty: Bool { lines.count == 0 && answers.isEmpty }
  var isFull: Bool { text.count >= Self.fullCount || lines.count >= 1024 || answers.count >= Self.fullCount }

  /// Takes a line; a very long one is answered at once.
  func append(_ line: InputLine, number: Int, _ answerer: any LineAnswerer) {
    switch line {
    case .bytes(let bytes) where bytes.count > Self.longestLine:
      answer(with: answerer)
      isClean = answerer.answer(line, number: number, into: &answers) && isClean
    case .bytes(let bytes):
      text.append(bytes.assumingMemoryBound(to: UInt8.self))
      lines.append(Line(end: text.count, number: number))
    case .tooLong(let limit):
      self.limit = limit
      lines.append(Line(end: nil, number: number))
    }
  }

  /// Answers all lines that are not answered yet.
  func answer(with answerer: any LineAnswerer) {
    let bytes = UnsafeRawBufferPointer(text.elements)
    var start = 0
    for line in lines.elements {
      let input: InputLine
      if let end = line.end {
        input = .bytes(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        start = end
      } else {
        input = .tooLong(limit: limit)
      }
      isClean = answerer.answer(input, number: line.number, into: &answers) && isClean
    }
    text.removeAll()
    lines.removeAll()
  }

  /// Writes the answers; then the batch is empty.
  func flush(to descriptor: Int32) throws(SystemError) { try answers.flush(to: descriptor) }
}
