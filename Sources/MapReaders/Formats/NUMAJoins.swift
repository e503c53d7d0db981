import TDXMemory

/// What kernels print as they join the ranges of a node (`numa_cleanup_meminfo`).
extension NodeAffinity {
  /// `NUMA: Node 0 [mem A] + [mem B] -> [mem A+B]`: all of A+B belongs to the node, for the kernel joins only where no
  /// other node has an entry between.
  mutating func readJoin(before: TextCursor, after: TextCursor, line: Int) throws(BrokenLine) -> Bool {
    var before = before
    guard before.dropLast(" ") else { return false }
    var number = before.dropLast(while: isDecimal)
    guard !number.isAtEnd, before.ends(with: "NUMA: Node ") else { return false }
    let node = try number.takeNode()
    var after = after
    let one = try after.takeInclusiveRange()
    guard after.take("] + [mem ") else { throw BrokenLine("a join says `[mem A] + [mem B] -> [mem C]`") }
    let other = try after.takeInclusiveRange()
    guard after.take("] -> [mem ") else { throw BrokenLine("a join says `[mem A] + [mem B] -> [mem C]`") }
    let joined = AddressRange(unchecked: min(one.start, other.start), max(one.end, other.end))
    joins.append(ListedRange(range: joined, node: node, line: line))
    return true
  }
}
