import TDXMemory

/// The SRAT as kernels print it (`acpi_numa_memory_affinity_init`): what firmware says of nodes.
extension NodeAffinity {
  /// `ACPI: SRAT: Node 1 PXM 1 [mem 0x1080000000-0x207fffffff] hotplug`. PXM is not the node.
  ///
  /// An entry of length 0 is printed as `[mem 0x80000000-0x7fffffff]`, or as all addresses where it starts at 0. The kernel
  /// gives no memory to its node.
  ///
  /// - Parameters:
  ///   - before: ends with `PXM 1 `.
  ///   - after: starts behind `[mem `.
  mutating func readSRAT(before: TextCursor, after: TextCursor, line: Int) throws(BrokenLine) -> Bool {
    var before = before
    guard before.dropLast(" "), !before.dropLast(while: isDecimal).isAtEnd, before.dropLast(" PXM ")
    else { return false }
    var number = before.dropLast(while: isDecimal)
    guard before.ends(with: "SRAT: Node ") else { return false }
    let node = try number.takeNode()
    var after = after
    if after.takeEmptyRange() { return true }
    let range = try after.takeInclusiveRange()
    guard after.take("]") else { throw BrokenLine("the range is not closed with ]") }
    let isHotplug = after.find(" hotplug") != nil
    srat.appendPrinted(
      ListedRange(range: range, node: node, flags: isHotplug ? .hotplug : [], line: line)
    )
    return true
  }
}
