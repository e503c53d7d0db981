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
  /// What the last line said beside its numbers.
  private var lastFlags: MemoryFlags = []
  /// Where the last line of System RAM starts, or what was looked at behind it ends.
  private var lineOfRAM: UnsafePointer<UInt8>?
  /// From the kernel's code to its bss, both included.
  private(set) var kernelImage: AddressRange?

  /// `00100000-5d168fff : System RAM`, also nested. What lies inside System RAM does not take from it.
  ///
  /// With a driver's name, as in `System RAM (kmem)`, it is memory that this driver added after boot
  /// (`add_memory_driver_managed`): memblock has a flag for it, so it is a region of its own.
  mutating func readEntry(
    before: TextCursor,
    after: TextCursor,
    line: Int
  ) throws(BrokenLine) -> NumberPlaces? {
    guard after.isAtEnd || after.next.map(isBlank) == true else { return nil }
    var after = after
    after.takeBlanks()
    let flags: MemoryFlags = after.take("(") ? .driverManaged : []
    var before = before
    guard before.dropLast(" : ") else { return nil }
    var endDigits = before.dropLast(while: isHexDigit)
    guard before.dropLast("-") else { return nil }
    var startDigits = before.dropLast(while: isHexDigit)
    guard !endDigits.isAtEnd, !startDigits.isAtEnd, before.last.map(isBlank) ?? true else { return nil }
    // Of an address with a blank in it.
    if before.trimmed.endsInHexadecimalWord {
      throw BrokenLine("the range is not two 64-bit hexadecimal numbers")
    }
    let places = NumberPlaces(first: startDigits.position, last: endDigits.position)
    guard let first = startDigits.takeHexDigits(), let last = endDigits.takeHexDigits() else {
      throw BrokenLine("the range is not two 64-bit hexadecimal numbers")
    }
    let entry = ListedRange(range: try inclusiveRange(first, last), flags: flags, line: line)
    lastFlags = flags
    add(entry, at: before.position)
    return places
  }

  /// Reads the lines that differ from the last one in their numbers alone.
  mutating func readEntries(like shape: NumberedLineShape, from lines: inout LogLines) {
    while true {
      let start = lines.position
      guard let numbers = lines.next(like: shape) else { return }
      add(ListedRange(range: numbers.inclusiveRange, flags: lastFlags, line: numbers.line), at: start)
    }
  }

  /// - Parameter line: where its line starts.
  @inline(__always)
  private mutating func add(_ entry: ListedRange, at line: UnsafePointer<UInt8>) {
    if entry.range.start == 0 && entry.range.end == 1 {
      sawZeros = true
      return
    }
    lineOfRAM = line
    // Of nested lines the outer one comes first.
    if let outer = list.entries.last?.range, outer != entry.range, outer.contains(entry.range) { return }
    list.appendPrinted(entry)
  }

  /// `  03000000-035fffff : Kernel bss`, the last of the lines inside System RAM that say where the kernel lies; the
  /// first of them is its code.
  ///
  /// - Parameter before: ends in front of `Kernel bss`.
  mutating func readKernelImage(before: TextCursor) -> Bool {
    guard let bss = Self.range(before), let start = lineOfRAM, start < before.position else { return false }
    let lines = TextCursor(from: start, to: before.position)
    lineOfRAM = before.position
    guard let name = lines.find("Kernel code", by: 7) else { return false }
    guard let code = Self.range(TextCursor(from: start, to: name)), code.start < bss.end else { return false }
    kernelImage = AddressRange(unchecked: code.start, bss.end)
    return true
  }

  /// `01000000-01ffffff : ` at the end of a text.
  private static func range(_ text: TextCursor) -> AddressRange? {
    var text = text
    guard text.dropLast(" : ") else { return nil }
    var endDigits = text.dropLast(while: isHexDigit)
    guard text.dropLast("-") else { return nil }
    var startDigits = text.dropLast(while: isHexDigit)
    guard let first = startDigits.takeHexDigits(), let last = endDigits.takeHexDigits() else { return nil }
    return first < last ? AddressRange(unchecked: first, last.addingSaturated(1)) : nil
  }
}

extension TextCursor {
  /// Whether it is a hexadecimal number, or ends with one behind a blank.
  fileprivate var endsInHexadecimalWord: Bool {
    var rest = self
    return !rest.dropLast(while: isHexDigit).isAtEnd && rest.last.map(isBlank) ?? true
  }
}
