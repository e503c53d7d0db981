import TDXMemory

/// The map that a Xen hypervisor prints of the machine (`print_e820_memory_map`), in `xl dmesg` and on its console.
///
/// It is the machine's memory. What dom0's kernel prints beside it (`Xen: [mem …]`, early node ranges, …) is what Xen left
/// to dom0.
struct XenMapReader {
  private(set) var list = RangeList()

  /// `(XEN)  0000000000000000 - 000000000009fc00 (usable)`, half-open, and since Xen 4.14
  /// `(XEN)  [0000000000000000, 000000000009efff] (usable)`, inclusive.
  ///
  /// - Parameters:
  ///   - before: ends in front of the range.
  ///   - range: what is in front of `(usable)`.
  mutating func readUsable(before: TextCursor, range: AddressRange, line: Int) -> Bool {
    var before = before
    _ = before.dropLast(while: isBlank)
    // Nothing, or what a console puts before a line: `(XEN)`, a time stamp, quotes.
    guard let last = before.last else { return addUsable(range, line) }
    let marks: [UInt8] = [UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: ">"), UInt8(ascii: "|")]
    return marks.contains(last) && addUsable(range, line)
  }

  private mutating func addUsable(_ range: AddressRange, _ line: Int) -> Bool {
    list.appendPrinted(ListedRange(range: range, line: line))
    return true
  }
}

extension TextCursor {
  /// Whether this ends as an entry of any type does: `H - H (reserved)`. Entries that are not usable are of no interest.
  var endsWithBareEntry: Bool {
    var before = trimmed
    guard before.dropLast(")") else { return false }
    var type = before.dropLast { $0 != UInt8(ascii: "(") }
    guard before.dropLast("("), E820Type.take(from: &type) != nil, type.isAtEnd else { return false }
    return (try? before.dropLastBareRange()) != nil
  }

  /// Drops `H - H `, half-open, or `[H, H] `, inclusive, off the end.
  ///
  /// - Returns: nil where neither stands there.
  mutating func dropLastBareRange() throws(BrokenLine) -> AddressRange? {
    var before = self
    _ = before.dropLast(while: isBlank)
    let isInclusive = before.dropLast("]")
    var end = before.dropLast(while: isHexDigit)
    guard !end.isAtEnd, before.dropLast(isInclusive ? ", " : " - ") else { return nil }
    var start = before.dropLast(while: isHexDigit)
    guard !start.isAtEnd else { return nil }
    if isInclusive {
      guard before.dropLast("[") else { return nil }
    } else if let last = before.last, !isBlank(last), last != UInt8(ascii: ":"), last != UInt8(ascii: ")") {
      throw BrokenLine("the range is not two 64-bit hexadecimal numbers")
    }
    guard let first = start.takeHexDigits(), let last = end.takeHexDigits() else {
      throw BrokenLine("the range is not two 64-bit hexadecimal numbers")
    }
    self = before
    guard isInclusive || first != last else { throw BrokenLine("the range is empty") }
    return isInclusive ? try inclusiveRange(first, last) : try halfOpenRange(first, last)
  }
}
