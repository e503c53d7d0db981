import Foundation
import TDXMemory
import Testing

@testable import MapReaders

/// Every slip of one character in rows of every table: how many of them take the row out of the answer, or make another
/// kind of row of it, while nothing says so.
struct SlipRateTests {
  /// A table with the lines around it that real logs have there.
  struct Table: CustomTestStringConvertible {
    let name: String
    var before: [String] = []
    let rows: [String]
    var after: [String] = []
    /// Whether it may have one row.
    var mayBeShort = false
    /// Whether the rows may be the end of the file.
    var mayEnd = true
    /// The share of slips that may go unsaid; LIMITS says why.
    var mostSilent = 0.01
    var testDescription: String { name }
  }

  /// How many slips had which outcome.
  struct Count {
    var all = 0
    var silent = 0
    var examples: [String] = []
  }

  @Test(arguments: tables) func silentLoss(table: Table) throws {
    var count = Count()
    let last = table.rows.count - 1
    for index in Set([0, last / 2, last]).sorted() {
      try countSlips(of: index, in: table, after: table.after, &count)
      if index == last && table.mayEnd { try countSlips(of: index, in: table, after: [], &count) }
    }
    if table.mayBeShort {
      for row in Set([table.rows[0], table.rows[last]]) {
        let short = Table(name: table.name, before: table.before, rows: [row])
        try countSlips(of: 0, in: short, after: table.after, &count)
      }
    }
    let share = Double(count.silent) / Double(count.all)
    if Self.countsAll {
      print("SLIPS \(table.name): \(count.silent) of \(count.all), \(share * 100) %")
      for example in count.examples { print("  \(table.name) | \(example)") }
    }
    #expect(
      share <= table.mostSilent,
      "\(count.silent) of \(count.all) slips pass unsaid: \(count.examples.prefix(20).joined(separator: "; "))"
    )
  }

  private func countSlips(of index: Int, in table: Table, after: [String], _ count: inout Count) throws {
    func text(_ rows: [String]) -> String { (table.before + rows + after + [""]).joined(separator: "\n") }
    let whole = try #require(Answer(text(table.rows)))
    var others = table.rows
    others.remove(at: index)
    let without = Answer(text(others))
    #expect(without != whole, "\(table.name): row \(index) matters")
    let row = table.rows[index]
    let line = table.before.count + index + 1
    for (number, slip) in slips(of: row).enumerated() where Self.countsAll || (number + line) % 13 == 0 {
      count.all += 1
      var rows = table.rows
      rows[index] = slip
      guard let answer = Answer(text(rows)), answer != whole, !answer.tells(of: line) else { continue }
      // Another number.
      if answer != without && withoutNumbers(slip) == withoutNumbers(row) { continue }
      if withoutNumbers(slip, ofDigits: 5) == withoutNumbers(row, ofDigits: 5) { continue }
      count.silent += 1
      if count.examples.count < 400 { count.examples.append("\(index)/\(table.rows.count) \(slip)") }
    }
  }

  /// What is read; nil where it is refused.
  private struct Answer: Equatable {
    let regions: [MemoryRegion]
    let source: MapSource
    let convertible: [AddressRange]?
    let keyIDBits: Int?
    let blockSize: UInt64?
    let movableStarts: [UInt32: UInt64]
    let notes: [String]

    init?(_ text: String) {
      guard let machine = try? read(text) else { return nil }
      regions = machine.regions
      source = machine.source
      convertible = machine.convertible
      keyIDBits = machine.keyIDBits
      blockSize = machine.blockSize
      movableStarts = machine.movableStarts
      notes = machine.notes
    }

    static func == (one: Answer, other: Answer) -> Bool {
      one.regions == other.regions && one.source == other.source && one.convertible == other.convertible
        && one.keyIDBits == other.keyIDBits && one.blockSize == other.blockSize
        && one.movableStarts == other.movableStarts
    }

    func tells(of line: Int) -> Bool {
      notes.contains { $0.contains(":\(line): ") || $0.contains(" announces ") }
    }
  }

  /// The row with each number as one sign, so that only another number leaves it as it is.
  private func withoutNumbers(_ row: String, ofDigits least: Int = 1) -> String {
    var result = ""
    var run = ""
    for character in row + "\n" {
      if character.isHexDigit || character == "x" {
        run.append(character)
      } else {
        let isNumber = (run.contains { ("0"..."9").contains($0) } || run.count > 4) && run.count >= least
        result += (isNumber ? "#" : run) + String(character)
        run = ""
      }
    }
    return result
  }

  /// The row with one character behind the time stamp gone, another, doubled, changed places with the next, or with one more.
  private func slips(of row: String) -> [String] {
    let characters = Array(row)
    let start = row.hasPrefix("[ ") ? (characters.firstIndex(of: "]") ?? -2) + 2 : 0
    var slips: Set<String> = []
    for index in start..<characters.count {
      let character = characters[index]
      func put(_ new: String) {
        slips.insert(String(characters[..<index]) + new + String(characters[(index + 1)...]))
      }
      put("")
      for other in others(than: character) { put(String(other)) }
      for more in [character, ".", " ", "x", "0"] { put(String([more, character])) }
      if index + 1 < characters.count {
        var swapped = characters
        swapped.swapAt(index, index + 1)
        slips.insert(String(swapped))
      }
    }
    slips.remove(row)
    return slips.sorted()
  }

  private func others(than character: Character) -> [Character] {
    if character.isNumber { return ["5", "a", "g", "l", "o", ".", "-", ":", " "].filter { $0 != character } }
    if character.isLetter {
      let next = character.asciiValue.map { Character(UnicodeScalar($0 ^ 1)) }
      return [next ?? "q", "q", "0", "-", " "]
        + (character.isLowercase ? character.uppercased() : character.lowercased())
    }
    return [".", "-", ":", " ", "_", "x", "0"].filter { $0 != character }
  }

  /// With ALL_SLIPS in the environment all slips are made, and counted on standard output; otherwise one of 13.
  private static let countsAll = ProcessInfo.processInfo.environment["ALL_SLIPS"] != nil
}

extension SlipRateTests {
  private static func stamped(_ lines: String...) -> [String] { lines.map { "[    0.000000] " + $0 } }

  private static let firmware = stamped(
    "BIOS-provided physical RAM map:",
    "BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable",
    "BIOS-e820: [mem 0x000000000009fc00-0x000000000009ffff] reserved",
    "BIOS-e820: [mem 0x0000000000100000-0x000000007ffdffff] usable",
    "BIOS-e820: [mem 0x000000007ffe0000-0x000000007fffffff] reserved",
    "BIOS-e820: [mem 0x0000000100000000-0x000000107fffffff] usable",
    "NX (Execute Disable) protection: active"
  )

  static let tables: [Table] = [
    Table(
      name: "e820",
      before: stamped("BIOS-provided physical RAM map:"),
      rows: stamped(
        "BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable",
        "BIOS-e820: [mem 0x0000000000100000-0x000000007ffdffff] usable",
        "BIOS-e820: [mem 0x0000000100000000-0x000000107fffffff] usable"
      ),
      after: stamped("NX (Execute Disable) protection: active", "APIC: Static calls initialized"),
      mayBeShort: true
    ),
    Table(
      name: "e820 among reserved",
      before: stamped(
        "BIOS-provided physical RAM map:",
        "BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable",
        "BIOS-e820: [mem 0x000000000009fc00-0x000000000009ffff] reserved"
      ),
      rows: stamped("BIOS-e820: [mem 0x0000000000100000-0x000000007ffdffff] usable"),
      after: stamped(
        "BIOS-e820: [mem 0x000000007ffe0000-0x000000007fffffff] ACPI NVS",
        "BIOS-e820: [mem 0x0000000100000000-0x000000107fffffff] usable"
      )
    ),
    Table(
      name: "e820 of the user",
      before: firmware + stamped("user-defined physical RAM map:"),
      rows: stamped(
        "user: [mem 0x0000000000000000-0x000000000009fbff] usable",
        "user: [mem 0x0000000000100000-0x000000007ffdffff] usable",
        "user: [mem 0x0000000100000000-0x000000087fffffff] usable"
      ),
      after: stamped("DMI not present or invalid.", "last_pfn = 0x880000 max_arch_pfn = 0x400000000"),
      mayBeShort: true
    ),
    Table(
      name: "e820 modified",
      before: firmware + stamped("e820: user-defined physical RAM map:", "modified physical RAM map:"),
      rows: stamped(
        "modified: [mem 0x0000000000001000-0x000000000009fbff] usable",
        "modified: [mem 0x0000000000100000-0x000000007ffdffff] usable",
        "modified: [mem 0x0000000100000000-0x000000087fffffff] usable"
      ),
      after: stamped("SMBIOS 2.8 present.")
    ),
    Table(
      name: "e820 edits",
      before: firmware,
      rows: stamped(
        "e820: update [mem 0x00000000-0x00000fff] usable ==> reserved",
        "e820: remove [mem 0x00090000-0x000fffff] usable"
      ),
      after: stamped("AGP: No AGP bridge found", "last_pfn = 0x1080000 max_arch_pfn = 0x400000000")
    ),
    Table(
      name: "e820 edit alone",
      before: firmware + stamped("SMBIOS 2.8 present.", "tsc: Detected 2249.986 MHz processor"),
      rows: stamped("e820: update [mem 0x1000000000-0x107fffffff] usable ==> reserved"),
      after: stamped("AGP: No AGP bridge found", "last_pfn = 0x1000000 max_arch_pfn = 0x400000000")
    ),
    Table(
      name: "old e820",
      before: ["BIOS-provided physical RAM map:"],
      rows: [
        " BIOS-e820: 0000000000000000 - 000000000009f400 (usable)",
        " BIOS-e820: 0000000000100000 - 000000007f338000 (usable)",
        " BIOS-e820: 0000000100000000 - 0000001080000000 (usable)",
      ],
      after: ["DMI 2.5 present."],
      mayBeShort: true
    ),
    Table(
      name: "old e820 among reserved",
      before: [
        "BIOS-provided physical RAM map:", " BIOS-e820: 0000000000000000 - 000000000009f400 (usable)",
        " BIOS-e820: 000000000009f400 - 00000000000a0000 (reserved)",
      ],
      rows: [" BIOS-e820: 0000000000100000 - 000000007f338000 (usable)"],
      after: [
        " BIOS-e820: 000000007f338000 - 0000000080000000 (ACPI data)",
        " BIOS-e820: 0000000100000000 - 0000001080000000 (usable)",
      ]
    ),
    Table(
      name: "old edits",
      before: [
        "BIOS-provided physical RAM map:", " BIOS-e820: 0000000000000000 - 0000001080000000 (usable)",
      ],
      rows: [
        "e820 update range: 0000000000000000 - 0000000000010000 (usable) ==> (reserved)",
        "e820 remove range: 00000000000a0000 - 0000000000100000 (usable)",
      ],
      after: ["last_pfn = 0x1080000 max_arch_pfn = 0x400000000"]
    ),
    Table(
      name: "early nodes",
      before: firmware + stamped("Movable zone start for each node", "Early memory node ranges"),
      rows: stamped(
        "  node   0: [mem 0x0000000000001000-0x000000000009efff]",
        "  node   0: [mem 0x0000000000100000-0x000000007fffffff]",
        "  node   1: [mem 0x0000000100000000-0x000000107fffffff]"
      ),
      after: stamped(
        "Initmem setup node 0 [mem 0x0000000000001000-0x000000007fffffff]",
        "Initmem setup node 1 [mem 0x0000000100000000-0x000000107fffffff]",
        "On node 0, zone DMA: 1 pages in unavailable ranges"
      ),
      mayBeShort: true
    ),
    Table(
      name: "SRAT",
      before: firmware
        + stamped(
          "ACPI: Reserving WAET table memory at [mem 0x7ffe2363-0x7ffe238a]",
          "SRAT: PXM 0 -> APIC 0x00 -> Node 0"
        ),
      rows: stamped(
        "ACPI: SRAT: Node 2 PXM 0 [mem 0x00000000-0x0009ffff]",
        "ACPI: SRAT: Node 3 PXM 0 [mem 0x00100000-0x7fffffff]",
        "ACPI: SRAT: Node 1 PXM 1 [mem 0x100000000-0x107fffffff]"
      ),
      after: stamped("NODE_DATA(0) allocated [mem 0x7ffd5680-0x7ffdffff]", "Zone ranges:")
    ),
    Table(
      name: "NUMA joins",
      before: firmware
        + stamped("ACPI: Reserving WAET table memory at [mem 0x7ffe2363-0x7ffe238a]"),
      rows: stamped(
        "NUMA: Node 2 [mem 0x00000000-0x0009ffff] + [mem 0x00100000-0x7fffffff] -> [mem 0x00000000-0x7fffffff]",
        "NUMA: Node 3 [mem 0x100000000-0x8ffffffff] + [mem 0x900000000-0xfffffffff] -> [mem 0x100000000-0xfffffffff]",
        "NUMA: Node 1 [mem 0x1000000000-0x103fffffff] + [mem 0x1040000000-0x107fffffff] -> [mem 0x1000000000-0x107fffffff]"
      ),
      after: stamped("NODE_DATA(0) allocated [mem 0x7ffd5680-0x7ffdffff]"),
      mayBeShort: false
    ),
    Table(
      name: "fake nodes",
      before: firmware,
      rows: stamped(
        "Faking node 3 at [mem 0x0000000000000000-0x000000007fffffff] (2048MB)",
        "Faking node 1 at [mem 0x0000000080000000-0x00000008ffffffff] (34816MB)",
        "Faking node 2 at [mem 0x0000000900000000-0x000000107fffffff] (30720MB)"
      ),
      after: stamped("NODE_DATA(0) allocated [mem 0x7ffd5680-0x7ffdffff]")
    ),
    Table(
      name: "EFI",
      before: stamped("efi: EFI v2.70 by EDK II", "secureboot: Secure boot disabled"),
      rows: stamped(
        "efi: mem00: [Conventional|   |  |  |  |   |WB|WT|WC|UC] range=[0x0000000000100000-0x00000000007fffff] (7MB)",
        "efi: mem01: [Boot Data   |   |  |  |  |   |WB|WT|WC|UC] range=[0x0000000000900000-0x000000007fffffff] (2047MB)",
        "efi: mem02: [Conventional|   |  |  |  |   |WB|WT|WC|UC] range=[0x0000000100000000-0x000000107fffffff] (63488MB)"
      ),
      after: stamped(
        "efi: mem03: [MMIO        |RUN|  |  |  |   |  |  |  |UC] range=[0x00000000b0000000-0x00000000bfffffff] (256MB)",
        "SMBIOS 2.8 present."
      )
    ),
    Table(
      name: "memblock dump",
      before: firmware
        + stamped(
          "MEMBLOCK configuration:",
          " memory size = 0xffe9dc00 reserved size = 0x4a0b6d",
          " memory.cnt  = 0x3"
        ),
      rows: stamped(
        " memory[0x0]\t[0x0000000000001000-0x000000000009efff], 0x000000000009e000 bytes on node 0 flags: 0x0",
        " memory[0x1]\t[0x0000000000100000-0x000000007fffffff], 0x000000007ff00000 bytes on node 0 flags: 0x0",
        " memory[0x2]\t[0x0000000100000000-0x000000107fffffff], 0x0000000f80000000 bytes on node 1 flags: 0x0"
      ),
      after: stamped(
        " reserved.cnt  = 0x1",
        " reserved[0x0]\t[0x0000000000000000-0x000000000000ffff], 0x0000000000010000 bytes flags: 0x0"
      )
    ),
    Table(
      name: "memblock calls",
      before: stamped("MEMBLOCK configuration:"),
      rows: stamped(
        "memblock_add: [0x0000000000001000-0x000000000009efff] e820__memblock_setup+0x70/0x110",
        "memblock_add: [0x0000000000100000-0x00000000d4111fff] e820__memblock_setup+0x70/0x110",
        "memblock_add: [0x0000000100000000-0x000000203fffffff] e820__memblock_setup+0x70/0x110"
      ),
      after: stamped("memblock_reserve: [0x0000000001000000-0x0000000002ffffff] setup_arch+0x90/0x12f0")
    ),
    Table(
      name: "memblock list",
      rows: [
        "   0: 0x0000000000001000..0x000000000009ffff    0 NONE",
        "   1: 0x0000000000100000..0x000000007fffffff    0 NONE",
        "   2: 0x0000000100000000..0x000000107fffffff    1 HOTPLUG",
      ],
      after: ["CMR: [0x1000, 0x2000000000)"]
    ),
    Table(
      name: "memblock list of old kernels",
      before: firmware,
      rows: [
        "   0: 0x0000000000001000..0x000000000009ffff", "   1: 0x0000000000100000..0x000000007fffffff",
        "   2: 0x0000000100000000..0x000000107fffffff",
      ],
      after: ["end"]
    ),
    Table(
      name: "/proc/iomem",
      before: [
        "00000000-00000fff : Reserved", "00001000-0009fbff : System RAM", "0009fc00-0009ffff : Reserved",
      ],
      rows: ["00100000-7ffdffff : System RAM"],
      after: [
        "  47e00000-48dfffff : Kernel code", "  48e00000-4996cfff : Kernel rodata",
        "  4a52f000-4a9fffff : Kernel bss",
        "7ffe0000-7fffffff : Reserved", "80000000-febfffff : PCI Bus 0000:00",
        "100000000-107fffffff : System RAM", "1080000000-10bfffffff : Reserved",
      ]
    ),
    Table(
      name: "/proc/iomem, first",
      before: ["00000000-00000fff : Reserved"],
      rows: ["00001000-0009fbff : System RAM"],
      after: [
        "0009fc00-0009ffff : Reserved", "000f0000-000fffff : System ROM", "00100000-7ffdffff : System RAM",
        "7ffe0000-7fffffff : Reserved",
      ]
    ),
    Table(
      name: "/proc/iomem, last",
      before: [
        "00000000-00000fff : Reserved", "00100000-7ffdffff : System RAM", "  47e00000-48dfffff : Kernel code",
        "7ffe0000-7fffffff : Reserved", "fee00000-fee00fff : Local APIC",
      ],
      rows: ["100000000-107fffffff : System RAM"],
      after: ["8000000000-87ffffffff : PCI Bus 0000:00"]
    ),
    Table(
      name: "page frames",
      before: [
        "BIOS-provided physical RAM map:", " BIOS-e820: 0000000000000000 - 0000001080000000 (usable)",
        "early_node_map[3] active PFN ranges",
      ],
      rows: [
        "    0: 0x00000001 -> 0x0000009e", "    0: 0x00000100 -> 0x0007f338",
        "    1: 0x00100000 -> 0x01080000",
      ],
      after: ["On node 0 totalpages: 8385237"],
      mayBeShort: true
    ),
    Table(
      name: "old SRAT",
      before: [
        "BIOS-provided physical RAM map:", " BIOS-e820: 0000000000100000 - 000000007f338000 (usable)",
        " BIOS-e820: 0000000100000000 - 0000001080000000 (usable)",
      ],
      rows: [
        "SRAT: Node 1 PXM 1 0-80000000", "SRAT: Node 0 PXM 0 100000000-880000000",
        "SRAT: Node 1 PXM 1 880000000-1080000000",
      ],
      after: ["NUMA: Using 63 for the hash shift.", "Zone PFN ranges:"]
    ),
    Table(
      name: "Xen",
      before: ["(XEN) Xen-e820 RAM map:"],
      rows: [
        "(XEN)  0000000000000000 - 000000000009fc00 (usable)",
        "(XEN)  0000000000100000 - 00000000bfc6f000 (usable)",
        "(XEN)  0000000100000000 - 0000000840000000 (usable)",
      ],
      after: ["(XEN) System RAM: 32700MB (33484920kB)"]
    ),
    Table(
      name: "Xen among reserved",
      before: [
        "(XEN) Xen-e820 RAM map:", "(XEN)  0000000000000000 - 000000000009fc00 (usable)",
        "(XEN)  000000000009fc00 - 00000000000a0000 (reserved)",
      ],
      rows: ["(XEN)  0000000000100000 - 00000000bfc6f000 (usable)"],
      after: [
        "(XEN)  00000000bfc6f000 - 00000000c0000000 (reserved)",
        "(XEN)  0000000100000000 - 0000000840000000 (usable)",
      ]
    ),
    Table(
      name: "Xen since 4.14",
      before: ["(XEN) EFI RAM map:"],
      rows: [
        "(XEN)  [0000000000000000, 000000000009efff] (usable)",
        "(XEN)  [0000000000100000, 00000000bfc6efff] (usable)",
        "(XEN)  [0000000100000000, 000000083fffffff] (usable)",
      ],
      after: ["(XEN) ACPI: RSDP 000F5AC0, 0014 (r0 BOCHS )"]
    ),
    Table(
      name: "lsmem",
      before: ["RANGE                                  SIZE  STATE REMOVABLE BLOCK"],
      rows: [
        "0x0000000000000000-0x000000007fffffff    2G online       yes  0-15",
        "0x0000000100000000-0x000000107fffffff   62G online       yes 32-527",
        "0x0000001080000000-0x000000207fffffff   64G online       yes 528-1039",
      ],
      after: [
        "", "Memory block size:       128M", "Total online memory:      64G", "Total offline memory:      0B",
      ],
      mayBeShort: true
    ),
    Table(
      name: "lsmem with nodes",
      before: ["RANGE                                  STATE BLOCK NODE  ZONES"],
      rows: [
        "0x0000000000000000-0x000000007fffffff online     0    0   None",
        "0x0000000100000000-0x000000207fffffff online  2-64    0 Normal",
        "0x0000002080000000-0x000000407fffffff online 65-128    1 Normal",
      ],
      after: ["", "Memory block size:         2G"]
    ),
    Table(
      name: "lsmem without headings",
      rows: [
        "0x0000000000000000-0x000000007fffffff    2G online       yes  0-15",
        "0x0000000100000000-0x000000107fffffff   62G online       yes 32-527",
        "0x0000001080000000-0x000000207fffffff   64G online       yes 528-1039",
      ]
    ),
    Table(
      name: "lsmem --pairs",
      rows: [
        #"RANGE="0x0000000000000000-0x000000007fffffff" SIZE="2G" STATE="online" REMOVABLE="yes" BLOCK="0-15" NODE="0""#,
        #"RANGE="0x0000000100000000-0x000000107fffffff" SIZE="62G" STATE="online" REMOVABLE="yes" BLOCK="32-527" NODE="0""#,
        #"RANGE="0x0000001080000000-0x000000207fffffff" SIZE="64G" STATE="online" REMOVABLE="yes" BLOCK="528-1039" NODE="1""#,
      ]
    ),
    Table(
      name: "lsmem --json",
      before: ["{", "   \"memory\": ["],
      rows: [
        #"      {"range":"0x0000000000000000-0x000000007fffffff", "state":"online", "block":"0-15", "node":0},"#,
        #"      {"range":"0x0000000100000000-0x000000107fffffff", "state":"online", "block":"32-527", "node":0},"#,
        #"      {"range":"0x0000001080000000-0x000000207fffffff", "state":"online", "block":"528-1039", "node":1}"#,
      ],
      after: ["   ]", "}"],
      mayEnd: false
    ),
    Table(
      name: "CMRs",
      before: firmware + stamped("virt/tdx: BIOS enabled: private KeyID range [32, 64)"),
      rows: stamped(
        "virt/tdx: CMR: [0x100000, 0x77800000)",
        "virt/tdx: CMR: [0x100000000, 0x106ffe0000)",
        "virt/tdx: CMR: [0x8000000000, 0xf000000000)"
      ),
      after: stamped("virt/tdx: 1050644 KB allocated for PAMT", "virt/tdx: module initialized"),
      mayBeShort: true
    ),
    Table(
      name: "CMRs with indices",
      before: firmware,
      rows: stamped(
        "tdx: TDX CMR[0]: base 0x100000 size 0x77700000",
        "tdx: TDX CMR[1]: base 0x100000000 size 0xf80000000",
        "tdx: TDX CMR[2]: base 0x1080000000 size 0x1000000000"
      ),
      after: stamped("tdx: TDX TDMR[0]: 0x0 0x1080000000")
    ),
    Table(
      name: "CMRs of a map",
      before: ["   0: 0x0000000000100000..0x000000007fffffff    0 NONE"],
      rows: [
        "CMR: [0x100000, 0x80000000)", "CMR: [0x100000000, 0x1080000000)",
        "CMR: [0x2000000000, 0x4000000000)",
      ],
      mayBeShort: true
    ),
    Table(
      name: "JSON map",
      before: ["{\"regions\":["],
      rows: [
        #"["0x1000","0x9f000",0],"#, #"["0x100000","0x80000000",0],"#, #"["0x100000000","0x1080000000",1]"#,
      ],
      after: [#"],"cmrs":[["0x1000","0x1080000000"]],"keyid_bits":6}"#],
      mayEnd: false
    ),
    Table(
      name: "/proc/zoneinfo",
      before: [
        "   0: 0x0000000100000000..0x000000287fffffff    x NONE", "Node 0, zone      DMA",
        "        spanned  4095",
        "  start_pfn:           1",
      ],
      rows: [
        "Node 2, zone   Normal", "        spanned  8388608", "  start_pfn:           1048576",
        "Node 1, zone   Normal",
        "        spanned  8388608", "  start_pfn:           9437184",
      ]
    ),
  ]
}
