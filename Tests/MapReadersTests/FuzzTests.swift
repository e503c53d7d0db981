import RandomNumbers
import TDXMemory
import Testing

import struct TestSupport.Mutator

@testable import MapReaders

/// Mutated logs are read or refused; they never crash, never hang, and what is read is a map.
struct FuzzTests {
  private static let seeds = [
    "8node-1t-unaligned", "cxl-srat-fragments", "hp-z8g4-memmap", "lenovo-sr950-24g", "spr-archercity-2s-cxl",
    "tdx-1t-5cmr", "tdx-emr-2024-issue135", "tdx-spr-eaglestream-128g",
  ]

  private static let otherFormats = """
       0: 0x0000000000001000..0x000000000009ffff    0 NONE
       1: 0x0000000000100000..0x000000007fffffff    1 HOTPLUG|NOMAP
     memory.cnt  = 0x2
     memory[0x0]\t[0x0000000000001000-0x000000000009efff], 0x000000000009e000 bytes on node 0 flags: 0x0
     memory[0x1]\t[0x0000000000100000-0x000000007fffffff], 0x000000007ff00000 bytes on node 3 flags: 0x1
    efi: mem00: [Conventional|   |  |SP|] range=[0x0000000000001000-0x000000000009ffff] (0MB)
    efi: mem01: type=7, attr=0xf, range=[0x0000000000800000-0x0000000000900000) (1MB)
    00001000-0009fbff : System RAM
      100000000-1ffffffff : System RAM (kmem)
     BIOS-e820: 0000000000000000 - 000000000009f000 (usable)
    e820: update [mem 0x00280000-0x0047ffff] usable ==> reserved
    NUMA: Node 0 [mem 0x00000000-0x7fffffff] + [mem 0x100000000-0x107fffffff] -> [mem 0x00000000-0x107fffffff]
    Node 0, zone    DMA32
          spanned  1048575
      start_pfn:           1
    virt/tdx: BIOS enabled: private KeyID range [32, 64)
    virt/tdx: 1050644 KB allocated for PAMT
    """

  private static let olderFormats = """
     BIOS-e820: 0000000000000000 - 000000000009f400 (usable)
     BIOS-e820: 0000000100000000 - 0000001080000000 (usable)
    e820 update range: 0000000000000000 - 0000000000001000 (usable) ==> (reserved)
    SRAT: Node 0 PXM 0 0-80000000
    SRAT: Node 1 PXM 1 880000000-1080000000 (hot-plug)
    early_node_map[3] active PFN ranges
        0: 0x00000001 -> 0x0000009e
        0: 1048576 -> 8912896
        1: 0x00880000 -> 0x01080000
    memblock_add: [0x0000000000001000-0x000000000009efff] e820__memblock_setup+0x70/0x110
    memblock_remove: [0x00000000001000-0x0000000009efff] flags 0x0 x
    memblock_add_node: [0x0000000100000000-0x000000017fffffff] nid=1 flags=0 x
    (XEN)  0000000000000000 - 000000000009fc00 (usable)
    (XEN)  [0000000000100000, 00000000bfc6efff] (usable)
    """

  private static let lsmem = """
    RANGE                                  SIZE  STATE REMOVABLE  BLOCK NODE
    0x0000000000000000-0x000000007fffffff    2G online       yes   0-15    0
    0x0000000100000000-0x000000107fffffff   62G online           32-527    1

    Memory block size:       128M
    RANGE="0x0000001080000000-0x00000010ffffffff" SIZE="2G" STATE="offline" BLOCK="528-543"
    0x0000001100000000-0x000000117fffffff 2G online yes 544-559
    """

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func mutatedLogs(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let texts = try Self.seeds.map { try logText($0) } + [Self.otherFormats, Self.olderFormats, Self.lsmem]
    let logs = texts.map { Mutator(Array($0.utf8)) }
    var readable = 0
    var refused = 0
    let count = _isDebugAssertConfiguration() ? 400 : 1500
    for _ in 0..<count {
      let bytes = logs.randomElement(using: &random)!.mutated(using: &random)
      do throws(InputError) {
        let machine = try readMachine(texts: [("fuzz", bytes)])
        readable += 1
        check(machine, seed: seed)
      } catch {
        refused += 1
        #expect(error.exitCode == 65)
        #expect(error.description.utf8.count < 2500)
      }
    }
    // Expect both, or the mutations are too tame or too wild to find anything.
    #expect(readable > count / 15)
    #expect(refused > count / 15)
  }

  private func check(_ machine: Machine, seed: UInt64) {
    var end: UInt64 = 0
    for region in machine.map {
      #expect(region.start >= end && region.end > region.start, "seed \(seed)")
      #expect((region.start | region.end).isMultiple(ofPowerOfTwo: pageSize), "seed \(seed)")
      end = region.end
    }
    #expect(!machine.map.isEmpty)
  }

  @Test func mutatedJSON() throws {
    var random = SplitMix64(seed: 7)
    let text = Array(
      #"{"memory":[{"range":"0x0000000000000000-0x00000000bfffffff","size":3221225472,"state":"online","block":"0-23","node":0}]}"#
        .utf8
    )
    for _ in 0..<2000 {
      var bytes = text
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[bytes.indices.randomElement(using: &random)!] = UInt8.random(in: 32...126, using: &random)
      }
      if let machine = try? readMachine(texts: [("fuzz", bytes)]) { check(machine, seed: 7) }
    }
  }

  /// Edits of few entries, and of more entries than edits are held against one by one: 30,000 pages, every second one
  /// reserved by an edit for all of them, and one page of each ten by an edit of its own. Expect both right.
  @Test func manyEdits() throws {
    var reader = E820Reader()
    for index in 0..<40 {
      let start = String(index * 0x2000, radix: 16)
      let end = String(index * 0x2000 + 0xfff, radix: 16)
      try withCursor("BIOS-e820: ") { (before) throws(BrokenLine) in
        try withCursor("0x\(start)-0x\(end)] usable") { (after) throws(BrokenLine) in
          #expect(try reader.readEntry(before: before, after: after, line: index))
        }
      }
      try withCursor("e820: update ") { (before) throws(BrokenLine) in
        try withCursor("0x0-0x1fff] usable ==> reserved") { (after) throws(BrokenLine) in
          #expect(try reader.readEdit(before: before, after: after))
        }
      }
    }
    #expect(reader.usable()?.entries.count == 39)
    // As a log: where a line lies says whether memblock had been made when it was printed.
    func bounds(_ page: Int, _ count: Int = 1) -> String {
      "[mem 0x\(String(page << 12, radix: 16))-0x\(String(((page + count) << 12) - 1, radix: 16))]"
    }
    let (first, pages) = (256, 30_000)
    var lines = ["BIOS-provided physical RAM map:"]
    for page in first..<first + pages {
      lines.append("BIOS-e820: \(bounds(page)) \(page % 2 == 0 ? "usable" : "ACPI data")")
    }
    let reserved = stride(from: first, to: first + pages, by: 10)
    for page in reserved { lines.append("e820: update \(bounds(page)) usable ==> reserved") }
    lines.append("e820: update \(bounds(first, pages)) ACPI data ==> ACPI NVS")
    lines.append("e820: update \(bounds(first, pages)) ACPI NVS ==> usable")
    let machine = try readMachine(texts: [("log", Array(lines.joined(separator: "\n").utf8))])
    #expect(
      totalBytes(machine.map.map { AddressRange(unchecked: $0.start, $0.end) }) == UInt64(pages - pages / 10)
        << 12
    )
    #expect(machine.map.allSatisfy { region in !reserved.contains(Int(region.start >> 12)) })
  }

  /// The same edits of a small random table, one by one and by the tree. Expect the same memory.
  @Test func editsByTheTree() {
    let types = [E820Type.usable, .reserved, E820Type(number: 3), E820Type(number: 7)]
    for seed in 0..<300 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let entries = (0..<8).filter { _ in random.oneIn(2) }.map {
        (page: UInt64($0), type: random.pick(types))
      }
      var table = E820Edits(of: (0...40 as ClosedRange<UInt64>).map { AddressRange(unchecked: $0, $0 + 1) })
      var quarters = Array(repeating: E820Type?.none, count: 40)
      for (page, type) in entries {
        let isChanged = table.change(AddressRange(unchecked: 5 * page, 5 * page + 5), from: nil, to: type)
        #expect(isChanged)
        for quarter in 0..<5 { quarters[Int(5 * page) + quarter] = type }
      }
      for _ in 0..<random.below(12) {
        let start = random.below(40 as UInt64)
        let end = start + random.below(41 - start)
        let from = random.oneIn(4) ? nil : random.pick(types)
        let to = random.oneIn(4) ? nil : random.pick(types)
        let isChanged = table.change(AddressRange(unchecked: start, end), from: from, to: to)
        #expect(isChanged)
        for quarter in Int(start)..<Int(end) where from == nil || quarters[quarter] == from {
          quarters[quarter] = to
        }
      }
      let expected = quarters.indices.filter { quarters[$0] == .usable }
      #expect(table.ranges(of: .usable).flatMap { Int($0.start)..<Int($0.end) } == expected, "seed \(seed)")
    }
  }
}
