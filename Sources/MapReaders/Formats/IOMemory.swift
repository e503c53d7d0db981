import TDXMemory

/// `/proc/iomem`.
struct IOMemReader {
  private(set) var list = RangeList()
  /// Whether there were `System RAM` lines with addresses of 0 only: what a reader without CAP_SYS_ADMIN sees.
  var isHidden: Bool { sawZeros && list.isEmpty }
  private var sawZeros = false
  /// Bytes that drivers added after boot.
  var driverManagedBytes: UInt64 {
    list.entries.reduce(0) { $0.addingSaturated($1.flags.contains(.driverManaged) ? $1.range.size : 0) }
  }

  /// `00100000-5d168fff : System RAM`, also nested. What lies inside System RAM does not take from it.
  ///
  /// With a driver's name, as in `System RAM (kmem)`, it is memory that this driver added after boot
  /// (`add_memory_driver_managed`): memblock has a flag for it, so it is a region of its own.
  mutating func readEntry(
    before: TextCursor,
    after: TextCursor,
    line: Int
  ) throws(BrokenLine) -> Bool {
    guard after.isAtEnd || after.next.map(isBlank) == true else { return false }
    var after = after
    after.takeBlanks()
    let flags: MemoryFlags = after.take("(") ? .driverManaged : []
    var before = before
    guard before.dropLast(" : ") else { return false }
    var endDigits = before.dropLast(while: isHexDigit)
    guard before.dropLast("-") else { return false }
    var startDigits = before.dropLast(while: isHexDigit)
    guard !endDigits.isAtEnd, !startDigits.isAtEnd, before.last.map(isBlank) ?? true else { return false }
    guard let first = startDigits.takeHexDigits(), let last = endDigits.takeHexDigits() else {
      throw BrokenLine("the range is not two 64-bit hexadecimal numbers")
    }
    if first == 0 && last == 0 {
      sawZeros = true
      return true
    }
    let range = try inclusiveRange(first, last)
    // Of nested lines the outer one comes first.
    if let outer = list.entries.last?.range, outer != range, outer.contains(range) { return true }
    list.appendPrinted(ListedRange(range: range, flags: flags, line: line))
    return true
  }
}
