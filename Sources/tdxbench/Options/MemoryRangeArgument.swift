import ArgumentParser
import TDXMemory

/// A range of addresses as scripts have it: `0xSTART-0xEND`, the end exclusive, or `START+SIZE` with units.
struct MemoryRangeArgument: ExpressibleByArgument {
  var range: AddressRange

  /// - Returns: nil for anything else, for an empty range, and for one that is not of whole pages.
  init?(argument: String) {
    let range: AddressRange?
    if let plus = argument.firstIndex(of: "+") {
      guard let start = Self.number(argument[..<plus]),
        let size = Self.number(argument[argument.index(after: plus)...])
      else { return nil }
      let (end, wraps) = start.addingReportingOverflow(size)
      range = wraps ? nil : AddressRange(from: start, to: end)
    } else {
      let sides = argument.split(separator: "-", omittingEmptySubsequences: false)
      guard sides.count == 2, let start = Self.number(sides[0]), let end = Self.number(sides[1]) else {
        return nil
      }
      range = AddressRange(from: start, to: end)
    }
    guard let range, !range.isEmpty, range.start.isMultiple(of: pageSize), range.end.isMultiple(of: pageSize)
    else { return nil }
    self.range = range
  }

  private static func number(_ text: Substring) -> UInt64? {
    text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : ByteCount(text: text)?.bytes
  }
}
