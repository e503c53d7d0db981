import TDXMemory

/// The type of an e820 entry: the number that firmware gives it, and Linux's own ones.
struct E820Type: Hashable {
  let number: UInt64

  static let usable = E820Type(number: 1)
  static let reserved = E820Type(number: 2)

  /// The words of old and new kernels (`e820_print_type`), longer ones before those they start with.
  private static let words: [(StaticString, UInt64)] = [
    ("usable", 1), ("System RAM", 1), ("kernel usable RAM", 1),
    ("reserved", 2), ("device reserved", 2),
    ("soft reserved", 0xefff_ffff),
    ("ACPI data", 3), ("ACPI NVS", 4), ("unusable", 5),
  ]

  /// Words for which the number follows, as in `persistent (type 7)`.
  private static let numbered: [(StaticString, closing: StaticString)] = [
    ("persistent (type ", ")"), ("persistent RAM (type ", ")"), ("type ", ""),
  ]

  static func take(from cursor: inout TextCursor) -> E820Type? {
    for (word, number) in words where cursor.take(word) { return E820Type(number: number) }
    for (word, closing) in numbered where cursor.take(word) {
      guard let number = cursor.takeDecimal(), cursor.take(closing) else { return nil }
      return E820Type(number: number)
    }
    return nil
  }
}
