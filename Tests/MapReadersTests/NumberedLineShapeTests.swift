import RandomNumbers
import TDXMemory
import Testing

@testable import MapReaders

/// Lines of a table that differ in their numbers alone are read by their shape, whatever digits the numbers have.
struct NumberedLineShapeTests {
  /// The numbers of a line by the shape of another one, whose numbers are marked: `<5>: 0x<1000>..0x<9fff>`.
  private func numbers(in next: String, like marked: String, hasRest: Bool = false) -> LineNumbers? {
    let more = Array(repeatElement(UInt8(ascii: "."), count: 200))
    var line: [UInt8] = []
    var starts: [Int] = []
    for byte in marked.utf8 {
      if byte == UInt8(ascii: "<") { starts.append(line.count) }
      if byte != UInt8(ascii: "<") && byte != UInt8(ascii: ">") { line.append(byte) }
    }
    let text = line + more
    let nextText = Array(next.utf8) + more
    return text.withUnsafeBufferPointer { text in
      nextText.withUnsafeBufferPointer { next in
        let places = starts.map { text.baseAddress! + $0 }
        let hasIndex = places.count > 2
        let range = hasIndex ? 1 : 0
        var all = NumberPlaces(first: places[range], last: places[range + 1])
        if hasIndex { all.index = places[0] }
        if places.count == 4 { all.size = places[3] }
        all.isIndexDecimal = places.count < 4
        let end = text.baseAddress! + line.count
        if hasRest { all.rest = text.baseAddress! + line.lastIndex(of: UInt8(ascii: "]"))! + 1 }
        return NumberedLineShape(line: text.baseAddress!, to: end, all)?
          .numbers(in: next.baseAddress!, to: next.baseAddress! + next.count)?.numbers
      }
    }
  }

  private let listed = "   <9>: 0x<0000000000001000>..0x<000000000009ffff>    0 NONE\n"

  @Test(arguments: [
    ("   9: 0x0000000000001000..0x000000000009ffff    0 NONE\n", true),
    ("   7: 0x1000..0x000000000009FFFF    0 NONE\n", true),
    ("   1234567: 0x0000000000001000..0x9ffff    0 NONE\n", true),
    ("  10: 0x0000000000001000..0x000000000009ffff    0 NONE\n", false),
    ("   : 0x0000000000001000..0x000000000009ffff    0 NONE\n", false),
    ("   a: 0x0000000000001000..0x000000000009ffff    0 NONE\n", false),
    ("   9: 0x..0x000000000009ffff    0 NONE\n", false),
    ("   9: 0x0000000000001000..0x    0 NONE\n", false),
    ("   9: 0x00000000000001000..0x000000000009ffff    0 NONE\n", false),
    ("   9: 0x0000000000001000.-0x000000000009ffff    0 NONE\n", false),
    ("   9: 0x0000000000001000..0x000000000009ffff    1 NONE\n", false),
    ("   9: 0x0000000000001000..0x000000000009ffff    0 NONE\r", false),
    ("   9: 0x000000000009ffff..0x0000000000001000    0 NONE\n", false),
    ("   12345678901234567: 0x1000..0x9ffff    0 NONE\n", false),
  ])
  func alike(next: String, isAlike: Bool) {
    let found = numbers(in: next, like: listed)
    #expect((found != nil) == isAlike)
    if let found {
      #expect(found.inclusiveRange == AddressRange(unchecked: 0x1000, 0xa_0000))
      #expect(found.index == UInt64(next.trimmedIndex))
    }
  }

  @Test func sizesAndRests() {
    let dump = " memory[0x<0>]\t[0x<1000>-0x<9fff>], 0x<9000> bytes on node 0 flags: 0x0\n"
    let found = numbers(in: " memory[0xfF]\t[0x0-0x1fff], 0x2000 bytes on node 0 flags: 0x0\n", like: dump)
    #expect(found?.index == 0xff && found?.last == 0x1fff && found?.size == 0x2000)
    #expect(numbers(in: " memory[0x1]\t[0x0-0x1fff], 0x bytes on node 0 flags: 0x0\n", like: dump) == nil)
    #expect(numbers(in: " memory[0x1]\t[0x0-0x1fff], 0x2000 bytes on node 0 flags: 0x1\n", like: dump) == nil)
    let efi = "[    0.000000] efi: mem<0>: [Conventional] range=[0x<0>-0x<fff>] (0MB)\n"
    #expect(
      numbers(
        in: "[   12.345678] efi: mem10: [Conventional] range=[0x1000-0x100fff] (1MB) and more\n",
        like: efi,
        hasRest: true
      )?.index == 10
    )
    #expect(
      numbers(
        in: "[   12.345678] efi: mem10: [Conventional] range=[0x1000-0x100fff",
        like: efi,
        hasRest: true
      )
        == nil
    )
  }

  /// Lists of every format whose lines have numbers of their own, with lines that come again, begin anew, change or are
  /// broken. Expect them to say the same whether lines are read by shape, or singly, as no two neighbours begin alike.
  @Test(arguments: 0..<(_isDebugAssertConfiguration() ? 100 : 400 as UInt64)) func readAsSingly(seed: UInt64)
    throws
  {
    var random = SplitMix64(seed: seed)
    let format = Int(seed % 4)
    var lines: [String] = []
    var address: UInt64 = 0x10_0000
    var (index, tail) = (0, 0)
    for _ in 0..<Int.random(in: 2..<60, using: &random) {
      if Int.random(in: 0..<6, using: &random) == 0 { tail = Int.random(in: 0..<4, using: &random) }
      let size = UInt64.random(in: 1...16, using: &random) << 12
      let (first, last) = (String(address, radix: 16), String(address + size - 1, radix: 16))
      let padded =
        String(repeating: "0", count: Int.random(in: 0...1, using: &random) * (16 - first.count)) + first
      switch format {
      case 0:
        let columns = ["    0 NONE", "    1 HOTPLUG", "", "    x FOO|NOMAP"][tail]
        lines.append("\(index): 0x\(padded)..0x\(last)\(columns)")
      case 1:
        let columns = [" on node 0 flags: 0x0", " on node 1 flags: 0x1", "", " flags: 0x4"][tail]
        let bytes = Int.random(in: 0..<20, using: &random) == 0 ? 0 : size
        lines.append(
          "memory[0x\(String(index, radix: 16))] [0x\(padded)-0x\(last)], 0x\(String(bytes, radix: 16)) bytes\(columns)"
        )
      case 2:
        let type = ["Conventional", "Boot Data", "Reserved", "Conventional|SP|"][tail]
        let isOld = tail == 3 && Int.random(in: 0..<2, using: &random) == 0
        let range = isOld ? "0x\(padded)-0x\(String(address + size, radix: 16)))" : "0x\(padded)-0x\(last)]"
        lines.append("efi: mem\(index): [\(type)] range=[\(range) (\(index)MB)")
      default:
        lines.append("\(padded)-\(last) : System RAM\([ "", " (kmem)", "s", " "][tail])")
      }
      if Int.random(in: 0..<12, using: &random) == 0 { lines.append(lines.last!) }
      if Int.random(in: 0..<30, using: &random) == 0 {
        lines += lines
        index = 0
        address = 0x10_0000
      }
      if Int.random(in: 0..<40, using: &random) == 0 {
        lines[lines.count - 1] = String(lines.last!.dropLast(Int.random(in: 0..<30, using: &random)))
      }
      index += Int.random(in: 0..<25, using: &random) == 0 ? 2 : 1
      address += size + UInt64.random(in: 0...1, using: &random) << 12
    }
    let alike = lines.map { "x0 " + $0 }.joined(separator: "\n") + "\n"
    // Words that differ in a digit look alike beside a table, and keep lines from being read by shape.
    let singly = lines.enumerated().map { "x\($0.offset % 2) " + $0.element }.joined(separator: "\n") + "\n"
    #expect(outcome(alike) == outcome(singly))
  }
}

extension String {
  /// The number before the colon.
  fileprivate var trimmedIndex: Int { Int(self[..<firstIndex(of: ":")!].filter { $0 != " " })! }
}
