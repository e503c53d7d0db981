import TDXMemory

/// The list under `early_node_map[N] active PFN ranges` (`free_area_init_nodes` before 3.3) or `Early memory PFN ranges`
/// (before 3.5): what `Early memory node ranges` is later, in page frames.
extension EarlyNodeRangesReader {
  /// `early_node_map[4] active PFN ranges`.
  ///
  /// - Parameter before: ends in front of ` PFN ranges`.
  mutating func readPageFrameHeading(before: TextCursor) -> Bool {
    var before = before
    if before.dropLast("Early memory") {
      beginPageFrames(announced: nil)
      return true
    }
    guard before.dropLast("] active") else { return false }
    var number = before.dropLast(while: isDecimal)
    guard before.ends(with: "early_node_map["), let announced = number.takeDecimal() else { return false }
    beginPageFrames(announced: announced)
    return true
  }

  /// `    0: 0x00000001 -> 0x0000009e`, half-open; before 2.6.31 the numbers are decimal: `    0:        1 ->      158`.
  ///
  /// - Returns: whether the line is of the list; the list ends with the first that is not.
  mutating func readPageFrames(_ line: TextCursor, number: Int) throws(BrokenLine) -> Bool {
    guard isInsidePageFrames else { return false }
    guard let arrow = line.find(" -> ", by: 2) else {
      if line.mayBeginPageFrames { throw Self.broken }
      // A mailer broke the line behind its stamp.
      if line.isStampAlone { return true }
      isInsidePageFrames = false
      return false
    }
    var before = TextCursor(from: line.position, to: arrow)
    var start = before.dropLast { isHexDigit($0) || $0 == UInt8(ascii: "x") }
    _ = before.dropLast(while: isBlank)
    guard before.dropLast(":") else { throw Self.broken }
    var node = before.dropLast(while: isDecimal)
    guard !node.isAtEnd else { throw Self.broken }
    var end = TextCursor(from: arrow, to: line.end)
    _ = end.take(" -> ")
    end.takeBlanks()
    guard let first = start.takePageFrame(), start.isAtEnd, let last = end.takePageFrame() else {
      throw BrokenLine("the range is not two numbers of page frames")
    }
    try end.requireEnd()
    guard first != last else { throw BrokenLine("the range is empty") }
    let (low, high) = (first.multipliedSaturated(by: pageSize), last.multipliedSaturated(by: pageSize))
    add(ListedRange(range: try halfOpenRange(low, high), node: try node.takeNode(), line: number))
    return true
  }

  private static let broken = BrokenLine("an entry says `NODE: FIRST -> END`, in page frames")
}

extension TextCursor {
  /// Whether there is nothing but quotes and a time stamp: `> [    0.000000] `.
  fileprivate var isStampAlone: Bool {
    var text = trimmed
    return text.dropLast("]") && !text.isAtEnd
      && text.take {
        isDecimal($0) || isBlank($0)
          || [UInt8(ascii: "["), UInt8(ascii: "."), UInt8(ascii: ">")].contains($0)
      }
      .end == text.end
  }

  /// Whether a line ends as an entry begins: `0:` and perhaps a number behind it, and perhaps what looks like an arrow.
  fileprivate var mayBeginPageFrames: Bool {
    var text = trimmed
    _ = text.dropLast {
      isHexDigit($0) || $0 == UInt8(ascii: "x") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ">")
        || isBlank($0)
    }
    guard text.dropLast(":") else { return false }
    return !text.dropLast(while: isDecimal).isAtEnd && text.last.map(isBlank) ?? true
  }

  /// `0x0000009e`, or `158`.
  fileprivate mutating func takePageFrame() -> UInt64? {
    starts(with: "0x") ? takeHex() : takeDecimal()
  }
}
