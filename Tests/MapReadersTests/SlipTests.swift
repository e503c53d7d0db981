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
      "page frames",
      [
        "    0: 0x00000001 -> 0x0000009e", "    0: 0x00000100 -> 0x0007f338",
        "    0: 0x00100000 -> 0x00880000",
      ],
      [
        "    0: 0x00100000 - 0x00880000", "    0  0x00100000 -> 0x00880000",
        "    0: 0x0010g000 -> 0x00880000",
      ]
    ),
    (
      "old SRAT",
      [
        "SRAT: Node 0 PXM 0 0-80000000", "SRAT: Node 0 PXM 0 100000000-880000000",
        "SRAT: Node 1 PXM 1 880000000-1080000000",
      ],
      [
        "SRAT: Node 1 PXN 1 880000000-1080000000", "SRAT: Node 1 PXM 1 880000000..1080000000",
        "SRAT: Node 1 PXM 1 8800g0000-1080000000", "SRAT: Node 1 PXM 1 880000000-10800g0000",
      ]
    ),
    (
      "EFI",
      [
        "efi: mem00: [Conventional Memory|   |WB] range=[0x0000000000100000-0x000000007fffffff] (2047MB)",
        "efi: mem01: [Conventional Memory|   |WB] range=[0x0000000100000000-0x000000107fffffff] (63488MB)",
        "efi: mem02: [Conventional Memory|   |WB] range=[0x0000001080000000-0x000000207fffffff] (65536MB)",
      ],
      [
        "efi: mem02: [Conventional Memory|   |WB] rang=[0x0000001080000000-0x000000207fffffff] (65536MB)",
        "efi: mem02: [Conventional Memory|   |WB] range=[0x0000001080000000..0x000000207fffffff] (65536MB)",
        "efi: mem02: [Conventional Memory|   |WB] range=[0x00000010g0000000-0x000000207fffffff] (65536MB)",
      ]
    ),
    (
      "dumps",
      [
        " memory[0x0]\t[0x0000000000001000-0x000000000009efff], 0x9e000 bytes on node 0 flags: 0x0",
        " memory[0x1]\t[0x0000000000100000-0x000000007fffffff], 0x7ff00000 bytes on node 0 flags: 0x0",
        " memory[0x2]\t[0x0000000100000000-0x000000107fffffff], 0xf80000000 bytes on node 0 flags: 0x0",
      ],
      [
        " memry[0x2]\t[0x0000000100000000-0x000000107fffffff], 0xf80000000 bytes on node 0 flags: 0x0",
        " memory[0x2]\t[0x0000000100000000..0x000000107fffffff], 0xf80000000 bytes on node 0 flags: 0x0",
        " memory[0x2]\t[0x00000001g0000000-0x000000107fffffff], 0xf80000000 bytes on node 0 flags: 0x0",
      ]
    ),
    (
      "memblock calls",
      [
        "memblock_add: [0x0000000000001000-0x000000000009efff] e820__memblock_setup+0x70/0x110",
        "memblock_add: [0x0000000000100000-0x00000000d4111fff] e820__memblock_setup+0x70/0x110",
        "memblock_add: [0x0000000100000000-0x000000203fffffff] e820__memblock_setup+0x70/0x110",
      ],
      [
        "memblok_add: [0x0000000100000000-0x000000203fffffff] e820__memblock_setup+0x70/0x110",
        "memblock_add: [0x0000000100000000..0x000000203fffffff] e820__memblock_setup+0x70/0x110",
        "memblock_add: [0x00000001000g0000-0x000000203fffffff] e820__memblock_setup+0x70/0x110",
      ]
    ),
    (
      "Xen",
      [
        "(XEN)  0000000000100000 - 000000003fc6f000 (usable)",
        "(XEN)  0000000040000000 - 00000000bfc6f000 (usable)",
        "(XEN)  0000000100000000 - 0000000840000000 (usable)",
      ],
      [
        "(XEN)  0000000100000g00 - 0000000840000000 (usable)",
        "(XEN)  0000000100000000 - 0000000840000000 (usble)",
        "(XEN)  0000000100000000 .. 0000000840000000 (usable)",
      ]
    ),
    (
      "lsmem",
      [
        "0x0000000000000000-0x000000007fffffff    2G online       yes  0-15",
        "0x0000000100000000-0x000000107fffffff   62G online       yes 32-527",
        "0x0000001080000000-0x000000207fffffff   64G online       yes 528-1039",
      ],
      [
        "Ox0000001080000000-0x000000207fffffff   64G online       yes 528-1039",
        "0x0000001080000000..0x000000207fffffff   64G online       yes 528-1039",
        "0x00000010g0000000-0x000000207fffffff   64G online       yes 528-1039",
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

  /// The lines, behind what tells of them where they have no keyword.
  private func text(_ lines: [String], end: String = "\n", of table: String = "") -> String {
    (Self.headings[table].map { $0 + "\n" } ?? "") + lines.joined(separator: "\n") + end
  }

  private static let headings = [
    "page frames": "early_node_map[3] active PFN ranges",
    "old SRAT": " BIOS-e820: 0000000000100000 - 0000001080000000 (usable)",
    "lsmem": "RANGE                                  SIZE  STATE REMOVABLE BLOCK",
  ]

  /// Behind the table, as the last line with and without a newline, in the middle and in front. Expect the number each time;
  /// without a newline a note will do where the line could not be told from one that was cut.
  @Test(arguments: 0..<12) func slips(table: Int) throws {
    let (name, lines, slips) = Self.tables[table]
    let first = Self.headings[name] == nil ? 1 : 2
    for slip in slips {
      for end in ["\n", "\nlast line\n"] {
        let behind = Array(lines.prefix(2)) + [slip]
        #expect(
          refusal(text(behind, end: end, of: name))?.line == first + 2,
          "\(name) \(slip) \(end.debugDescription)"
        )
      }
      let unterminated = text(Array(lines.prefix(2)) + [slip], end: "", of: name)
      if let error = refusal(unterminated) {
        #expect(error.line == first + 2, "\(name) \(slip)")
      } else {
        #expect(
          try read(unterminated).hasNote(":\(first + 2): the last line is cut short"),
          "\(name) \(slip)"
        )
      }
      #expect(refusal(text([lines[0], slip, lines[1]], of: name))?.line == first + 1, "\(name) \(slip)")
      #expect(refusal(text([slip] + lines.prefix(2), of: name))?.line == first, "\(name) \(slip)")
    }
  }

  /// Expect no error anywhere, and a note where more than the prefix of the last line is missing.
  @Test(arguments: 0..<12) func cuts(table: Int) {
    let (name, lines, _) = Self.tables[table]
    let whole = text(lines, end: "", of: name)
    let heading = Self.headings[name].map { $0.count + 1 } ?? 0
    for count in heading + lines[0].count + 1...whole.count {
      let cut = String(whole.prefix(count))
      #expect(refusal(cut) == nil, "\(name) \(cut)")
    }
  }

  /// Expect one note, whatever the line is held against.
  @Test func whatIsCutIsNotedOnce() throws {
    for (name, lines, _) in Self.tables {
      let whole = text(lines, end: "", of: name)
      for count in whole.count - lines[2].count + 2..<whole.count {
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
    for (name, lines, _) in Self.tables where Self.headings[name] == nil {
      #expect(refusal(text(lines + [line, "end"], of: name)) == nil, "\(name)")
      #expect(refusal(text([line] + lines, of: name)) == nil, "\(name)")
    }
  }

  /// What kernels print that differs from a row by a slip or less: `Node #, zone` behind a zone without pages, `node #` in
  /// another sentence.
  @Test func linesLikeRows() throws {
    #expect(
      refusal(
        """
           0: 0x0000000100000000..0x000000207fffffff    x NONE
        Node 0, zone  Movable
              spanned  0
        Node 0, zone   Device
              spanned  0
        Node 1, zone   Normal
              spanned  4096
          start_pfn:           1048576
        """
      ) == nil
    )
    #expect(
      refusal(
        """
        BIOS-e820: [mem 0x0000000000000000-0x00000000ffffffff] usable
        ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x7fffffff]
        ACPI: SRAT: Node 1 PXM 1 [mem 0x7c000000-0x13fffffff]
        node 0 [mem 0x00001000-0x7fffffff] overlaps with node 1 [mem 0x7c000000-0x13fffffff]
        """
      ) == nil
    )
    #expect(refusal("00001000-0009fbff : System RAM\n000f0000-000fffff : System ROM\n") == nil)
  }

  /// Rows that come alone, between lines of other things.
  @Test(arguments: [
    "virt/tdx: CM: [0x100000, 0x80000000)", "virt/tdx CMR [0x100000, 0x80000000)",
    "e820: udpate [mem 0x00000000-0x00000fff] usable ==> reserved",
    "e820: update [men 0x00000000-0x00000fff] usable ==> reserved",
    "e280 remove range: 00000000000a0000 - 0000000000100000 (usable)",
    "BIOS-e820: 0mem 0x1000-0x1fff] usable",
    "(XEN)  0000000000100000 . 00000000bfc6f000 (usable)", "00100000.7ffdffff : System RAM",
  ])
  func aloneRows(row: String) {
    let text = "BIOS-e820: [mem 0x0000000000000000-0x00000000ffffffff] usable\nother\n\(row)\nanother\n"
    #expect(refusal(text)?.line == 3, "\(row)")
  }

  /// Between lines of their own table that say nothing of memory.
  @Test func rowsAmongOthers() {
    let iomem = [
      "00001000-0009fbff : System RAM", "0009fc00-0009ffff : Reserved", "00100000-7ffdffff : Systme RAM",
      "  01000000-01ffffff : Kernel code", "  03000000-035fffff : Kernel bss", "7ffe0000-7fffffff : Reserved",
      "80000000-febfffff : PCI Bus 0000:00", "100000000-107fffffff : ySstem RAM",
    ]
    #expect(refusal(iomem.joined(separator: "\n") + "\n")?.line == 3)
    let right = iomem.map { $0.replacing("Systme", with: "System") }
    #expect(refusal(right.joined(separator: "\n") + "\n")?.line == 8)
    let xen = [
      "(XEN)  0000000000000000 - 000000000009fc00 (usable)",
      "(XEN)  000000000009fc00 - 00000000000a0000 (reserved)",
      "(XEN)  0000000000100000 - 00000000bfc6f000 (usabel)",
    ]
    #expect(refusal(xen.joined(separator: "\n") + "\n")?.line == 3)
  }

  /// Ranges without a byte, in tables where no kernel prints them.
  @Test(arguments: [
    "CMR: [0x100000, 0x100000)", " BIOS-e820: 0000000000100000 - 0000000000100000 (usable)",
    "(XEN)  0000000000100000 - 0000000000100000 (usable)",
  ])
  func emptyRanges(row: String) {
    #expect(refusal("CMR: [0x100000, 0x80000000)\n\(row)\n")?.line == 2)
  }

  /// Words that say what a row is.
  @Test(arguments: [
    "efi: mem00: [Convetional|   |WB] range=[0x0000000000100000-0x000000007fffffff] (2047MB)",
    "efi: mem00: [Boot Data  .|   |WB] range=[0x0000000000100000-0x000000007fffffff] (2047MB)",
    " memory[0x0]\t[0x0000000000001000-0x000000000009efff], 0x9e000 bytes onnode 1 flags: 0x0",
    #"RANGE="0x0000000000000000-0x000000007fffffff" STATE="online" BLOCK="0-15" NOED="1""#,
    #"{"memory":[{"range":"0x0000000000000000-0x000000007fffffff","state":"online","ndoe":1}]}"#,
    #"{"memory":[{"range":"0x0000000000000000-0x000000007fffffff","state":"onlin","node":1}]}"#,
    "0x0000000000000000-0x000000007fffffff    2G onlnie       yes  0-15",
  ])
  func words(row: String) {
    #expect(refusal(row + "\n") != nil)
  }

  @Test func firmwareMemmap() throws {
    for (type, isRefused) in [
      ("System RAM", false), ("Reserved", false), ("Systme RAM", true), ("System RA", true),
    ] {
      let directory = try TemporaryDirectory()
      for (name, value) in [("start", "0x0"), ("end", "0x9ffff"), ("type", "System RAM")] {
        _ = try directory.file("0/" + name, value + "\n")
      }
      for (name, value) in [("start", "0x100000"), ("end", "0x7fffffff"), ("type", type)] {
        _ = try directory.file("1/" + name, value + "\n")
      }
      if isRefused {
        #expect(throws: InputError.self, "\(type)") { try readMachine([.file(directory.path)]) }
      } else {
        _ = try readMachine([.file(directory.path)])
      }
    }
  }

  @Test(
    "lines of other tables that resemble rows. Expect none to be taken for a slip",
    arguments: [
      "virt/tdx: BIOS enabled: private KeyID range: [16, 64)",
      "[    5.3] tdx: BIOS enabled: private KeyID range: [16, 64).",
      "Node 0, zone      DMA\n  pages free     3977\n        scanned  0\n        spanned  4095\n  start_pfn:         1",
      "Node    0, zone      DMA, type    Unmovable      0      0      1",
      "0x00000000aa7aa6fd-0x00000000b73b7071   20480 irq_init_percpu_irqstack+0xca/0x100 vmap",
      "0x0000000000000000-0xffff800000000000   16777088T                               pgd",
    ]
  )
  func linesOfOtherTables(_ line: String) throws {
    let table = Self.tables.first { $0.name == "e820" }!.lines.joined(separator: "\n")
    for text in ["\(table)\n\(line)\n", "\(line)\n\(table)\n", "\(table)\n\n\(line)\n[    9.0] and more\n"] {
      #expect(try read(text).regions.count >= 2)
    }
    if line.contains("KeyID") { #expect(try read("\(table)\n\(line)\n").keyIDBits == 6) }
  }
}
