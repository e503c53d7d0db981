import TDXMemory

/// The SRAT as kernels before 3.5 and Xen print it.
extension NodeAffinity {
  /// `SRAT: Node 0 PXM 0 100000000-880000000`, half-open, hexadecimal without `0x`; in Xen since 4.15
  /// `SRAT: Node 0 PXM 0 [0000000100000000, 000000087fffffff]`, inclusive. ` (hot-plug)` or ` hotplug` may follow.
  ///
  /// - Returns: whether the line is one of these.
  mutating func readOldSRAT(_ line: TextCursor, number: Int) throws(BrokenLine) -> Bool {
    guard let start = line.find("SRAT:", by: 4) else { return false }
    var text = TextCursor(from: start, to: line.end)
    if text.withoutTrailingBlanks.isBeginningOfOldSRAT { throw Self.broken }
    guard text.take("SRAT: Node ") else { return false }
    var node = text.take(while: isDecimal)
    guard !node.isAtEnd, text.take(" PXM "), !text.take(while: isDecimal).isAtEnd, text.take(" ") else {
      return false
    }
    // `[mem 0x…-0x…]` is of newer kernels.
    guard !text.starts(with: "[mem") else { return false }
    let isInclusive = text.take("[")
    guard let first = text.takeHexDigits(), text.take(isInclusive ? ", " : "-"),
      let last = text.takeHexDigits(),
      !isInclusive || text.take("]"), text.next.map(isBlank) ?? true
    else { throw Self.broken }
    let range = isInclusive ? try inclusiveRange(first, last) : try halfOpenRange(first, last)
    let isHotplug = text.find("hotplug") != nil || text.find("hot-plug") != nil
    srat.appendPrinted(
      ListedRange(
        range: range,
        node: try node.takeNode(),
        flags: isHotplug ? .hotplug : [],
        line: number
      )
    )
    return true
  }

  private static let broken = BrokenLine("the range is not two 64-bit hexadecimal numbers")
}

extension TextCursor {
  /// Whether this is the beginning of `SRAT: Node 0 PXM 0 `, and nothing more.
  fileprivate var isBeginningOfOldSRAT: Bool {
    var text = self
    guard text.take("SRAT:") else { return false }
    for word in ["Node", "PXM"] as [StaticString] {
      text.takeBlanks()
      if text.isAtEnd { return true }
      guard text.take(word) else { return false }
      text.takeBlanks()
      if text.isAtEnd { return true }
      guard !text.take(while: isDecimal).isAtEnd else { return false }
    }
    return text.isAtEnd
  }
}
