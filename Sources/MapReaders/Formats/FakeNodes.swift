import TDXMemory

/// The nodes that `numa=fake=` cuts memory into (`emu_setup_memblk`).
extension NodeAffinity {
  /// `Faking node 1 at [mem 0x0000000040001000-0x0000000080000fff] (1024MB)`. `Faking a node at [mem …]` is the one node
  /// of a machine without NUMA, printed before these.
  ///
  /// - Parameters:
  ///   - before: ends with `at `.
  ///   - after: starts behind `[mem `.
  mutating func readFakeNode(before: TextCursor, after: TextCursor, line: Int) throws(BrokenLine) -> Bool {
    var before = before
    guard before.dropLast(" at ") else { return false }
    var number = before.dropLast(while: isDecimal)
    guard !number.isAtEnd, before.ends(with: "Faking node ") else { return false }
    let node = try number.takeNode()
    var after = after
    let range = try after.takeInclusiveRange()
    guard after.take("]") else { throw BrokenLine("the range is not closed with ]") }
    fake.appendPrinted(ListedRange(range: range, node: node, line: line))
    return true
  }
}
