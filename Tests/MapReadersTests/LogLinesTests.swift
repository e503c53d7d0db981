import Testing

@testable import MapReaders

/// Lines that are skipped over, and what that does to the lines that count.
struct LogLinesTests {
  private let memory = "   0: 0x0000000000100000..0x00000000001fffff    0 NONE"

  /// Expect the number of a line after many that are passed over without being looked at.
  @Test(arguments: [0, 1, 15, 16, 17, 4000, 5000, 100_000])
  func numbersBehindManyLines(skipped: Int) {
    for filler in ["\n", "x\n", "\r\n", "a line of 16 b.\n", "\u{0}\n"] {
      let text = String(repeating: filler, count: skipped) + "BIOS-e820: [mem 0x2-0x1] usable\n\n"
      #expect(refusal(text)?.line == skipped + 1, "\(skipped) lines of \(filler.debugDescription)")
    }
  }

  @Test func endsOfLines() throws {
    let expected = try read(memory).regions
    #expect(expected.count == 1)
    for end in ["", "\n", "\r\n", "\r\r\n", "\r", "\n\n\n"] {
      for start in ["", "\n", "\u{0}", "noise\n", "noise \u{0} \n"]
      where start.isEmpty || start.hasSuffix("\n") {
        #expect(try read(start + memory + end).regions == expected)
      }
    }
  }

  /// A line of a megabyte, with what counts at its end, and one that ends with a keyword.
  @Test func longLines() throws {
    let noise = String(repeating: "x: [mem 0x0-0x1] ", count: 60_000)
    #expect(try read("\(noise)CMR: [0x100000, 0x200000)").convertible == [range(0x10_0000, 0x20_0000)])
    for keyword in Keyword.allCases {
      let text = "CMR: [0x100000, 0x200000)\nnoise \(keyword.text)"
      #expect(try read(text).convertible == [range(0x10_0000, 0x20_0000)], "\(keyword)")
    }
  }

  /// Expect lines inside a zone of /proc/zoneinfo to be read, and keywords in others between them.
  @Test func zonesBetweenOtherLines() throws {
    let zone = "Node 1, zone   Normal\n  pages free 1\n        spanned  4096\n  start_pfn:           256\n"
    let machine = try read("\(zone)CMR: [0x100000, 0x200000)\nNode 0, zone  DMA\nCMR: [0x300000, 0x400000)\n")
    #expect(machine.convertible == [range(0x10_0000, 0x20_0000), range(0x30_0000, 0x40_0000)])
    #expect(machine.regions.map(\.node) == [1, 1])
  }
}
