import TDXMemory
import Testing

@testable import MapReaders

/// A line that looks as those beside it and cannot be read is an error, wherever it stands; one that is cut off at the end of
/// a file is a note.
struct SlipTests {
  private static let tables: [(name: String, lines: [String], slips: [String])] = [
    (
      "memblock",
      [
        "   0: 0x0000000000001000..0x000000000009ffff    0 NONE",
        "   1: 0x0000000000100000..0x000000007fffffff    0 NONE",
        "   2: 0x0000000100000000..0x000000107fffffff    0 NONE",
      ],
      [
        "   2: 0x0000000100000000.0x000000107fffffff    0 NONE",
        "   2: 0x0000000100000000-0x000000107fffffff    0 NONE",
        "   2: 0x00000001g0000000..0x000000107fffffff    0 NONE",
        "   2: 0x0000000100000000..0x00000010g7ffffff    0 NONE",
        "   2  0x0000000100000000..0x000000107fffffff    0 NONE",
        "   2: 0000000100000000..000000107fffffff    0 NONE",
      ]
    ),
    (
      "e820",
      [
        "[    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable",
        "[    0.000000] BIOS-e820: [mem 0x0000000000100000-0x000000007fffffff] usable",
        "[    0.000000] BIOS-e820: [mem 0x0000000100000000-0x000000107fffffff] usable",
      ],
      [
        "[    0.000000] BIOS-e820: [men 0x0000000100000000-0x000000107fffffff] usable",
        "[    0.000000] BIOS-e820: [mem 0x0000000100000000-0x000000107fffffff usable",
        "[    0.000000] BIOS-e820: [mem 0x0000000100000000-0x000000107fffffff] usabel",
        "[    0.000000] BIO-e820: [mem 0x0000000100000000-0x000000107fffffff] usable",
        "[    0.000000] BIOS-e820 [mem 0x0000000100000000-0x000000107fffffff] usable",
        "[    0.000000] BIOS-e820: mem 0x0000000100000000-0x000000107fffffff] usable",
      ]
    ),
    (
      "early nodes",
      [
        "[    0.000000]   node   0: [mem 0x0000000000001000-0x000000000009efff]",
        "[    0.000000]   node   0: [mem 0x0000000000100000-0x000000007fffffff]",
        "[    0.000000]   node   1: [mem 0x0000000100000000-0x000000107fffffff]",
      ],
      [
        "[    0.000000]   nde   1: [mem 0x0000000100000000-0x000000107fffffff]",
        "[    0.000000]   node   1 [mem 0x0000000100000000-0x000000107fffffff]",
        "[    0.000000]   node   1: [mem 0x000000010g000000-0x000000107fffffff]",
      ]
    ),
    (
      "iomem",
      [
        "00001000-0009fbff : System RAM", "00100000-7fffffff : System RAM",
        "100000000-107fffffff : System RAM",
      ],
      [
        "1000000g0-107fffffff : System RAM", "100000000-107fffffff : Sytem RAM",
        "100000000 107fffffff : System RAM",
      ]
    ),
    (
      "CMRs",
      [
        "virt/tdx: CMR: [0x100000, 0x77800000)", "virt/tdx: CMR: [0x100000000, 0x6ffe000000)",
        "virt/tdx: CMR: [0x8000000000, 0xf000000000)",
      ],
      ["virt/tdx: CMR [0x8000000000, 0xf000000000)", "virt/tdx: CMR: 0x8000000000, 0xf000000000)"]
    ),
  ]

  private func text(_ lines: [String], end: String = "\n") -> String { lines.joined(separator: "\n") + end }

  /// Behind the table, as the last line with and without a newline, in the middle and in front. Expect the number each time.
  @Test(arguments: 0..<5) func slips(table: Int) {
    let (name, lines, slips) = Self.tables[table]
    for slip in slips {
      for end in ["\n", "", "\nlast line\n"] {
        let behind = Array(lines.prefix(2)) + [slip]
        #expect(refusal(text(behind, end: end))?.line == 3, "\(name) \(slip) \(end.debugDescription)")
      }
      #expect(refusal(text([lines[0], slip, lines[1]]))?.line == 2, "\(name) \(slip)")
      #expect(refusal(text([slip] + lines.prefix(2)))?.line == 1, "\(name) \(slip)")
    }
  }

  /// Expect no error anywhere, and a note where more than the prefix of the last line is missing.
  @Test(arguments: 0..<5) func cuts(table: Int) {
    let (name, lines, _) = Self.tables[table]
    let whole = text(lines, end: "")
    for count in lines[0].count + 1...whole.count {
      let cut = String(whole.prefix(count))
      #expect(refusal(cut) == nil, "\(name) \(cut)")
    }
  }

  /// Expect one note, whatever the line is held against.
  @Test func whatIsCutIsNotedOnce() throws {
    for (name, lines, _) in Self.tables {
      let whole = text(lines, end: "")
      for count in lines[0].count + lines[1].count + 3..<whole.count {
        let notes = try read(String(whole.prefix(count))).notes.filter { $0.contains("is cut short") }
        #expect(notes.count <= 1, "\(name) \(whole.prefix(count))")
      }
    }
  }

  /// What stands beside tables in real logs is none of their lines.
  @Test(arguments: [
    "[    0.000000] BIOS-e820: [gap 0x0000000080000000-0x00000000dfffffff]",
    "[    0.000000] NX (Execute Disable) protection: active",
    "[    0.000000] Initmem setup node 0 [mem 0x0000000000001000-0x000000107fffffff]",
    "[    0.000000] tsc: Detected 2000.000 MHz processor", "000f0000-000fffff : System ROM",
    "virt/tdx: TDMR: [0x8000000000, 0xf000000000)",
    " reserved[0x0]\t[0x0000000000000000-0x000000000000ffff], 0x1 bytes",
    "RAMDISK: [mem 0x3d91c000-0x3fffdfff]",
  ])
  func otherLines(line: String) {
    for (name, lines, _) in Self.tables {
      #expect(refusal(text(lines + [line, "end"])) == nil, "\(name)")
      #expect(refusal(text([line] + lines)) == nil, "\(name)")
    }
  }
}
