import TDXMemory

/// The EFI memory map that `efi=debug` prints (`efi_print_memmap`).
///
/// It is printed twice: whole when the kernel starts, and under `EFI runtime memory map:`, with runtime services and what is
/// left of boot services alone, when firmware gets its virtual addresses. Only the first says where memory is.
struct EFIMapReader {
  private(set) var list = RangeList()
  /// Whether there was any descriptor, memory or not.
  private(set) var isPresent = false
  private var isRuntimeMap = false

  /// `efi: EFI runtime memory map:`.
  mutating func readRuntimeHeading() { isRuntimeMap = true }

  /// What the last line said beside its numbers.
  private var last = (isMemory: false, isInclusive: true)

  /// The types that Linux makes RAM of (`do_add_efi_memmap`), in the words of new and old kernels and as numbers.
  private static let memoryTypes: [StaticString] = [
    "Conventional", "Conventional Memory", "Loader Code", "Loader Data", "Boot Code", "Boot Data",
    "Boot Services Code", "Boot Services Data", "7", "1", "2", "3", "4",
  ]

  private static let memoryTemplates = [
    "Conventional", "Loader Code", "Loader Data", "Boot Code", "Boot Data", "Boot Services Code",
    "Boot Services Data",
  ].map(RowTemplate.init)

  /// `efi: mem00: [Conventional|   |SP|…|WB|WT|WC|UC] range=[0x0-0xfff] (0MB)`, and
  /// `efi: mem00: type=7, attr=0xf, range=[0x0-0x1000) (0MB)`, half-open, before 4.0.
  ///
  /// - Parameters:
  ///   - before: ends in front of `range=[`.
  ///   - after: starts behind it.
  mutating func readEntry(
    before: TextCursor,
    after: TextCursor,
    line: Int
  ) throws(BrokenLine) -> NumberPlaces? {
    guard let start = before.find("efi: mem", by: 1) else { return nil }
    var head = TextCursor(from: start, to: before.end)
    _ = head.take("efi: mem")
    let indexPlace = head.position
    guard let index = head.takeDecimal(), head.take(": ") else { return nil }
    let type: TextCursor
    if head.take("[") {
      type = head.take { $0 != UInt8(ascii: "|") && $0 != UInt8(ascii: "]") }.trimmed
    } else if head.take("type=") {
      type = head.take(while: isDecimal)
    } else {
      return nil
    }
    if !Self.memoryTypes.contains(where: type.equals), RowTemplate.isRow(type, of: Self.memoryTemplates) {
      throw BrokenLine("this is not a type of EFI memory")
    }
    // Specific purpose: Linux leaves it to drivers ("soft reserved").
    let isSpecificPurpose = head.find("|SP|", by: 1) != nil

    var after = after
    let firstPlace = after.position + 2
    guard let first = after.takeHex(), after.take("-") else {
      throw BrokenLine("the range is not two 64-bit hexadecimal numbers")
    }
    let lastPlace = after.position + 2
    guard let last = after.takeHex() else {
      throw BrokenLine("the range is not two 64-bit hexadecimal numbers")
    }
    let range: AddressRange
    let isInclusive = after.take("]")
    if isInclusive {
      range = try inclusiveRange(first, last)
    } else if after.take(")") {
      guard let halfOpen = AddressRange(from: first, to: last) else {
        throw BrokenLine("the range ends before it starts")
      }
      range = halfOpen
    } else {
      throw BrokenLine("the range is not closed with ]")
    }
    let places = NumberPlaces(index: indexPlace, first: firstPlace, last: lastPlace, rest: after.position)
    if isRuntimeMap { return places }
    isPresent = true
    self.last = (!isSpecificPurpose && Self.memoryTypes.contains(where: type.equals), isInclusive)
    add(range, index: index, line: line)
    return places
  }

  /// Reads the lines that differ from the last one in their numbers alone, and in what is behind the range.
  mutating func readEntries(like shape: NumberedLineShape, from lines: inout LogLines) {
    if isRuntimeMap { return }
    while let numbers = lines.next(like: shape) {
      let range = last.isInclusive ? numbers.inclusiveRange : numbers.halfOpenRange
      add(range, index: numbers.index, line: numbers.line)
    }
  }

  @inline(__always)
  private mutating func add(_ range: AddressRange, index: UInt64, line: Int) {
    if index == 0 { list.restart() }
    if last.isMemory { list.append(ListedRange(range: range, line: line)) }
  }
}
