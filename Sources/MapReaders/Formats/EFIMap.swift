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

  /// The types that Linux makes RAM of (`do_add_efi_memmap`), in the words of new and old kernels and as numbers.
  private static let memoryTypes: [StaticString] = [
    "Conventional", "Conventional Memory", "Loader Code", "Loader Data", "Boot Code", "Boot Data",
    "Boot Services Code", "Boot Services Data", "7", "1", "2", "3", "4",
  ]

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
  ) throws(BrokenLine) -> Bool {
    guard let start = before.find("efi: mem", by: 1) else { return false }
    var head = TextCursor(from: start, to: before.end)
    _ = head.take("efi: mem")
    guard let index = head.takeDecimal(), head.take(": ") else { return false }
    let type: TextCursor
    if head.take("[") {
      type = head.take { $0 != UInt8(ascii: "|") && $0 != UInt8(ascii: "]") }.trimmed
    } else if head.take("type=") {
      type = head.take(while: isDecimal)
    } else {
      return false
    }
    // Specific purpose: Linux leaves it to drivers ("soft reserved").
    let isSpecificPurpose = head.find("|SP|", by: 1) != nil

    var after = after
    guard let first = after.takeHex(), after.take("-"), let last = after.takeHex() else {
      throw BrokenLine("the range is not two 64-bit hexadecimal numbers")
    }
    let range: AddressRange
    if after.take("]") {
      range = try inclusiveRange(first, last)
    } else if after.take(")") {
      guard let halfOpen = AddressRange(from: first, to: last) else {
        throw BrokenLine("the range ends before it starts")
      }
      range = halfOpen
    } else {
      throw BrokenLine("the range is not closed with ]")
    }
    if isRuntimeMap { return true }
    if index == 0 { list.restart() }
    isPresent = true
    if !isSpecificPurpose && Self.memoryTypes.contains(where: type.equals) {
      list.append(ListedRange(range: range, line: line))
    }
    return true
  }
}
