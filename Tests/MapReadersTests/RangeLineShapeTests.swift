import RandomNumbers
import TDXMemory
import Testing

@testable import MapReaders

/// Lines of a table that differ in their ranges alone are read by their shape.
struct RangeLineShapeTests {
  private func range(in next: String, like line: String) -> AddressRange? {
    let (line, next) = (Array(line.utf8), Array(next.utf8))
    return line.withUnsafeBufferPointer { line in
      next.withUnsafeBufferPointer { next in
        let start = line.baseAddress!
        let digits = line.firstIndex(of: UInt8(ascii: "x"))! - 1
        return RangeLineShape(line: start, to: start + line.count, range: start + digits)?
          .range(in: next.baseAddress!, to: next.baseAddress! + next.count)
      }
    }
  }

  private let line = "[    0.000000]   node   0: [mem 0x0000000000001000-0x000000000009efff]\n"

  @Test(arguments: [
    ("[    0.000000]   node   0: [mem 0x0000000000100000-0x00000000ABCDEfff]\n", true),
    ("[   12.345678]   node   0: [mem 0x0000000000100000-0x00000000abcdefff]\nmore", true),
    ("[   12.345678]   node   1: [mem 0x0000000000100000-0x00000000abcdefff]\n", false),
    ("[   12.34567x]   node   0: [mem 0x0000000000100000-0x00000000abcdefff]\n", false),
    ("<   12.345678]   node   0: [mem 0x0000000000100000-0x00000000abcdefff]\n", false),
    ("[    0.000000]   node   0: [mem 0x0000000000100000+0x00000000abcdefff]\n", false),
    ("[    0.000000]   node   0: [mem 0x000000000010000g-0x00000000abcdefff]\n", false),
    ("[    0.000000]   node   0: [mem 0x0000000000100000-0x00000000abcdefff}\n", false),
    ("[    0.000000]   node   0: [mem 0x0000000000100000-0x00000000abcdefff]\r", false),
    ("[    0.000000]   node   0: [mem 0x0000000000100000-0x00000000abcdefff]", false),
    ("[    0.000000]   node   0: [mem 0x00000000abcdf000-0x0000000000100000]\n", false),
  ])
  func alike(next: String, isAlike: Bool) {
    #expect(range(in: next, like: line) == (isAlike ? AddressRange(unchecked: 0x10_0000, 0xabcd_f000) : nil))
  }

  /// Lines that no shape is made of are left to who reads lines singly.
  @Test(arguments: [
    "[mem 0x0000000000001000-0x000000000009efff]\n", "[    0.000000]   node   0: [mem 0x1000-0x9efff]\n",
    "[    0.000000]   node   0: [mem 0x0000000000001000-0x9efff]                                     \n",
    "[    0.000000]   node   0: [mem 0x0000000000001000-0x000000000009efff]                          \n",
  ])
  func otherShapes(line: String) { #expect(range(in: line, like: line) == nil) }

  /// Expect tables to say the same whether their lines are read by shape, or singly, as no two neighbours begin alike.
  @Test(arguments: 0..<(_isDebugAssertConfiguration() ? 100 : 300 as UInt64)) func readAsSingly(seed: UInt64)
    throws
  {
    var random = SplitMix64(seed: seed)
    let heads = [
      "  node   0: ", "  node   1: ", "BIOS-e820: ", "modified: ", "CMR BIOS-e820: ", "tdx: node 0: ",
    ]
    let tails = ["]", "] usable", "] reserved", "] usable\r", "]  "]
    var lines: [(head: String, rest: String)] = [("", "BIOS-provided physical RAM map:")]
    var address: UInt64 = 0x10_0000
    var (head, tail) = (heads[0], tails[0])
    for _ in 0..<Int.random(in: 2..<60, using: &random) {
      if Int.random(in: 0..<8, using: &random) == 0 {
        (head, tail) = (heads.randomElement(using: &random)!, tails.randomElement(using: &random)!)
      }
      func padded(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return "0x" + String(repeating: "0", count: 16 - digits.count) + digits
      }
      let size = UInt64.random(in: 1...16, using: &random) << 12
      let stamp = "[\(Int.random(in: 10...99, using: &random)).123456] "
      lines.append((stamp, "\(head)[mem \(padded(address))-\(padded(address + size - 1))\(tail)"))
      // A line that comes again, and a table that does.
      if Int.random(in: 0..<10, using: &random) == 0 { lines.append(lines.last!) }
      if Int.random(in: 0..<30, using: &random) == 0 { lines += lines }
      address += size + UInt64.random(in: 0...1, using: &random) << 12
    }
    let alike = lines.map { $0.head + $0.rest }.joined(separator: "\n") + "\n"
    let singly =
      lines.enumerated().map { ($0.offset % 2 == 0 ? "a " : "b ") + $0.element.head + $0.element.rest }
      .joined(separator: "\n") + "\n"
    #expect(outcome(alike) == outcome(singly))
  }
}
