import TDXMemory
import Testing

@testable import MapReaders

/// One test or more per row of the table of formats.
struct FormatTests {
  // MARK: memblock

  @Test func memblockDebugfs() throws {
    let machine = try read(
      """
         0: 0x0000000000001000..0x000000000009ffff    0 NONE
         1: 0x0000000000100000..0x000000007fffffff    0 HOTPLUG|MIRROR
         2: 0x0000000080000000..0x00000000ffffffff    1 NOMAP
         3: 0x0000000100000000..0x00000001ffffffff    x DRV_MNG
      """
    )
    // Expect half-open ends; touching regions apart; the unknown node as 0.
    #expect(machine.source == .memblock)
    #expect(
      machine.regions == [
        region(0x1000, 0xa_0000), region(0x10_0000, 0x8000_0000, [.hotplug, .mirror]),
        region(0x8000_0000, 0x1_0000_0000, node: 1, .noMap),
        region(0x1_0000_0000, 0x2_0000_0000, .driverManaged),
      ]
    )
    #expect(machine.hasNote("4 GiB of memory belong to"))
  }

  @Test func memblockOfOldKernels() throws {
    let machine = try read(
      "   0: 0x0000000000001000..0x000000000009ffff\n   1: 0x0000000000100000..0x00000000ffffffff"
    )
    // Expect both, though the file does not end with a newline.
    #expect(machine.regions == [region(0x1000, 0xa_0000), region(0x10_0000, 0x1_0000_0000)])
  }

  @Test func memblockListsTheLastCounts() throws {
    let machine = try read(
      """
         0: 0x0000000000100000..0x00000000000fffff    0 NONE
      """.replacing("000fffff ", with: "001fffff ") + """

           1: 0x0000000000300000..0x00000000003fffff    0 NONE
           0: 0x0000000000100000..0x0000000000ffffff    2 NONE
        """
    )
    // Expect the list that begins anew at index 0 alone.
    #expect(machine.regions == [region(0x10_0000, 0x100_0000, node: 2)])
  }

  @Test func memblockUnknownFlagAndGap() throws {
    let machine = try read(
      """
         0: 0x0000000000100000..0x00000000001fffff    0 SHINY|HOTPLUG
         2: 0x0000000000300000..0x00000000003fffff    0 NONE
      """
    )
    #expect(machine.regions[0].flags == .hotplug)
    #expect(machine.hasNote("SHINY"))
    #expect(machine.hasNote("gap before this line"))
  }

  /// Flags as a number, which kernels print that have no name for them.
  @Test func memblockFlagsAsNumbers() throws {
    let machine = try read(
      """
         0: 0x0000000000100000..0x00000000001fffff    0 0x40
         1: 0x0000000000300000..0x00000000003fffff    0 0x3
         2: 0x0000000000500000..0x00000000005fffff    0 0x80
      """
    )
    #expect(machine.regions.map(\.flags) == [.handover, [.hotplug, .mirror], []])
    #expect(machine.hasNote("0x80") && !machine.hasNote("0x40"))
  }

  @Test func memblockDump() throws {
    let machine = try read(
      """
      [    0.000000] MEMBLOCK configuration:
      [    0.000000]  memory size = 0x1 reserved size = 0x0
      [    0.000000]  memory.cnt  = 0x1
      [    0.000000]  memory[0x0]\t[0x0000000000000000-0xffffffffffffffff], 0x0000000000000000 bytes flags: 0x0
      [    0.000000] MEMBLOCK configuration:
      [    0.000000]  memory.cnt  = 0x2
      [    0.000000]  memory[0x0]\t[0x0000000000001000-0x000000000009efff], 0x000000000009e000 bytes on node 0 flags: 0x0
      [    0.000000]  memory[0x1]\t[0x0000000000100000-0x000000007fffffff], 0x000000007ff00000 bytes on node 3 flags: 0x1
      [    0.000000]  reserved.cnt  = 0x1
      [    0.000000]  reserved[0x0]\t[0x0000000000200000-0x00000000002fffff], 0x0000000000100000 bytes flags: 0x0
      """
    )
    // Expect the last dump; the empty first one and the reserved ranges are no memory.
    #expect(machine.source == .memblockDump)
    #expect(
      machine.regions == [region(0x1000, 0x9f000), region(0x10_0000, 0x8000_0000, node: 3, .hotplug)]
    )
    #expect(machine.notes.isEmpty)
  }

  @Test func memblockDumpCutShort() throws {
    let machine = try read(
      """
       memory.cnt  = 0x3
       memory[0x0]\t[0x0000000000100000-0x00000000001fffff], 0x0000000000100000 bytes on node 0 flags: 0x0
      other
      """
    )
    #expect(machine.hasNote("announces 3 ranges and prints 1"))
  }

  // MARK: Early node ranges

  @Test func earlyNodeRanges() throws {
    let machine = try read(
      """
      [    0.013350] Early memory node ranges
      [    0.013351]   node   0: [mem 0x0000000000100000-0x00000000001fffff]
      [    0.013353] Initmem setup node 0 [mem 0x0000000000001000-0x000000ffffffffff]
      [    0.013350] Early memory node ranges
      [    0.013351]   node   0: [mem 0x0000000000001000-0x000000000009efff]
      [    0.013353]   node  12: [mem 0x0000000000100000-0x00000000ffffffff]
      [    0.013353] Initmem setup node 0 [mem 0x0000000000001000-0x000000000009efff]
      """
    )
    // Expect the last list; the hulls are no memory.
    #expect(machine.source == .earlyNodeRanges)
    #expect(machine.regions == [region(0x1000, 0x9f000), region(0x10_0000, 0x1_0000_0000, node: 12)])
    #expect(machine.notes.isEmpty)
  }

  @Test func earlyNodeRangesWithoutHeading() throws {
    let machine = try read("  node   1: [mem 0x0000000000100000-0x00000000ffffffff]\n")
    #expect(machine.regions == [region(0x10_0000, 0x1_0000_0000, node: 1)])
    #expect(machine.hasNote("log:1: the heading"))
  }

  // MARK: e820

  @Test func e820Vocabulary() throws {
    let machine = try read(
      """
      BIOS-provided physical RAM map:
      BIOS-e820: [mem 0x0000000000000000-0x0000000000000fff] usable
      BIOS-e820: [mem 0x0000000000002000-0x0000000000002fff] reserved
      BIOS-e820: [mem 0x0000000000004000-0x0000000000004fff] soft reserved
      BIOS-e820: [mem 0x0000000000006000-0x0000000000006fff] ACPI data
      BIOS-e820: [mem 0x0000000000008000-0x0000000000008fff] ACPI NVS
      BIOS-e820: [mem 0x000000000000a000-0x000000000000afff] unusable
      BIOS-e820: [mem 0x000000000000c000-0x000000000000cfff] persistent (type 7)
      BIOS-e820: [mem 0x000000000000e000-0x000000000000efff] type 20
      BIOS-e820: [mem 0x0000000000010000-0x0000000000010fff] System RAM
      BIOS-e820: [gap 0x0000000000011000-0x0000000000011fff]
      BIOS-e820: [mem 0x0000000000012000-0x0000000000012fff] device reserved
      BIOS-e820: [mem 0x0000000000014000-0x0000000000014fff]   4 KB System RAM
      BIOS-e820: [mem 0x0000000000016000-0x0000000000016fff]   0.1 MB kernel usable RAM
      """
    )
    #expect(machine.source == .e820)
    #expect(machine.map.map(\.start) == [0, 0x1_0000, 0x1_4000, 0x1_6000])
  }

  @Test func e820OfVeryOldKernels() throws {
    let machine = try read(
      """
       BIOS-e820: 0000000000000000 - 000000000009f000 (usable)
       BIOS-e820: 000000000009f000 - 00000000000a0000 (reserved)
       BIOS-e820: 0000000000100000 - 00000000bf780000 (usable)
      """
    )
    // Expect ends as they stand: they are exclusive here.
    #expect(machine.regions == [region(0, 0x9f000), region(0x10_0000, 0xbf78_0000)])
  }

  @Test(arguments: [
    ("user-defined physical RAM map:", "user"), ("modified physical RAM map:", "modified"),
    ("extended physical RAM map:", "reserve setup_data"), ("extended physical RAM map:", "extended"),
    ("", "user"),
  ])
  func e820LastTable(heading: String, printer: String) throws {
    let machine = try read(
      """
      BIOS-provided physical RAM map:
      BIOS-e820: [mem 0x0000000000000000-0x00000000ffffffff] usable
      e820: remove [mem 0x0000000000400000-0x00000000004fffff] usable
      \(heading)
      \(printer): [mem 0x0000000000100000-0x00000000005fffff] usable
      \(printer): [mem 0x0000000000800000-0x00000000008fffff] reserved
      """
    )
    // Expect the last table alone; the edit before it is in it already.
    #expect(machine.regions == [region(0x10_0000, 0x60_0000)])
  }

  @Test func e820Edits() throws {
    let machine = try read(
      """
      BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff] usable
      BIOS-e820: [mem 0x0000000000100000-0x00000000002fffff] usable
      BIOS-e820: [mem 0x0000000000300000-0x00000000003fffff] reserved
      BIOS-e820: [mem 0x0000000000400000-0x00000000005fffff] System RAM
      e820: update [mem 0x00000000-0x00000fff] usable ==> reserved
      e820: remove [mem 0x00180000-0x0018ffff] usable
      e820: update [mem 0x00280000-0x0047ffff] System RAM ==> device reserved
      e820: update [mem 0x00300000-0x0030ffff] reserved ==> usable
      e820: remove [mem 0x00500000-0x00500fff] reserved
      """
    )
    // Expect an edit to change only what has the old type:
    //   0x1000..0xa0000, 0x100000..0x180000, 0x190000..0x280000, 0x300000..0x310000, 0x480000..0x600000
    #expect(
      machine.regions == [
        region(0x1000, 0xa_0000), region(0x10_0000, 0x18_0000), region(0x19_0000, 0x28_0000),
        region(0x30_0000, 0x31_0000), region(0x48_0000, 0x60_0000),
      ]
    )
  }

  @Test func e820MergesBeforePagesAreRounded() throws {
    let machine = try read(
      """
      BIOS-e820: [mem 0x0000000000100000-0x0000000000200bff] usable
      BIOS-e820: [mem 0x0000000000200c00-0x00000000003fffff] usable
      """
    )
    // Expect the page that both entries share to be memory.
    #expect(machine.regions == [region(0x10_0000, 0x40_0000)])
  }

  @Test func e820Overlap() throws {
    let error = refusal(
      """
      BIOS-e820: [mem 0x0000000000100000-0x00000000002fffff] usable
      BIOS-e820: [mem 0x0000000000200000-0x00000000003fffff] usable
      """
    )
    #expect(error?.line == 2)
    #expect(
      error?.message
        == "e820: the ranges [0x100000, 0x300000) of line 1 and [0x200000, 0x400000) overlap"
    )
  }

  @Test(arguments: [
    ("BIOS-e820: [mem 0x00000000001xyz00-0x00000000002fffff] usable", "hexadecimal"),
    ("BIOS-e820: [mem 0x0000000000200000-0x00000000001ffffe] usable", "ends before it starts"),
    ("BIOS-e820: [mem 0x0000000000200000-0x11111111111111111] usable", "64-bit"),
    ("BIOS-e820: [mem 0x0000000000200000-0x00000000002fffff usable", "closed"),
    ("BIOS-e820: [mem 0x0000000000200000-0x00000000002fffff] usab", "type"),
    ("e820: update [mem 0x00280000-0x0047ffff] usable", "OLD ==> NEW"),
    ("  node   0: [mem 0x0000000000200000-0x00000000001fff00]", "ends before it starts"),
    ("  node   4294967296: [mem 0x0000000000200000-0x00000000003fff00]", "below 2^32"),
    ("   1: 0x0000000000200000..0x00000000001fffff    0 NONE", "ends before it starts".self),
    ("   1: 0x0000000000200000..0x00000000003fffff    zero NONE", "node"),
    ("CMR: [0x200000, 0x100000)", "ends before it starts"),
    ("CMR: [0x200000, 0x300000]", "CMR says"),
    ("TDX CMR[0]: base 0xfffffffffffff000 size 0x2000", "does not fit in 64 bits"),
    ("tdx: BIOS enabled: private KeyID range [32, 63)", "power of two"),
  ])
  func brokenLines(line: String, reason: String) throws {
    let good = "BIOS-e820: [mem 0x0000000000100000-0x00000000001fffff] usable\n"
    // Expect an error in the middle of the file …
    let error = refusal(good + "[    0.0] " + line + "\nmore\n", name: "boot.log")
    #expect(error?.kind == .badData)
    #expect(error?.line == 2)
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "no error")")
    #expect(error?.text == "[    0.0] \(line)")
    // … also in the last line, where it looks like the one before it but for a slip …
    let isSlip = line.hasPrefix("BIOS-e820") && !line.hasSuffix("usab")
    if isSlip {
      #expect(refusal(good + line)?.line == 2)
      return
    }
    // … and a note about a last line that may have been cut off.
    let machine = try read(good + line, name: "boot.log")
    #expect(machine.regions == [region(0x10_0000, 0x20_0000)])
    #expect(machine.hasNote("boot.log:2: the last line is cut short"))
  }

  /// Lines that look alike and speak of something else.
  @Test func linesThatAreNoMemory() throws {
    let machine = try read(
      """
      BIOS-e820: [mem 0x0000000000000000-0x00000000000fffff] usable
      BIOS-e820: [mem 0x0000000000100000-0x00000000001fffff] usable
      pci 0000:00:1f.0: reg 0x10: [mem 0xfebc0000-0xfebfffff 64bit pref]
      pci 0000:00:1f.0: BAR 0: [mem 0xfebc0000-0xfebfffff]: assigned
      my_user: [mem junk
      PM: hibernation: Registered nosave memory: [mem 0x00000000-0x00000fff]
      system 00:01: [mem 0xfed1c000-0xfed1ffff] has been reserved
      ACPI: Reserving FACP table memory at [mem 0xa0c97-0xa0daa]
      Loading modules...0x
      virt/tdx: TDX module: attributes 0x0, vendor_id 0x8086, major_version 1, minor_version 5
      Initmem setup node 0 [mem 0x0000000000001000-0x000000000009efff]
        DMA32    [mem 0x0000000001000000-0x00000000ffffffff]
      Freeing initrd memory: 12K
      """
    )
    #expect(machine.source == .e820)
    #expect(machine.regions == [region(0, 0x20_0000)])
  }

  // MARK: Nodes

  // In the drawings of nodes a digit is memory of that node, `h` hot-pluggable memory, `.` a hole.

  /// e820   |#########################|####|
  /// SRAT   |0000|3333|1111h|    |1111|0000|   PXM 8 is node 3
  /// expect |0000|3333|111|hh|1111111 |0000|
  ///
  /// Expect memory split at the borders of nodes, PXM without effect, entries of node 1 joined over the gap that no
  /// other node is in, and split again at the hotplug flag.
  @Test func srat() throws {
    let machine = try read(
      """
      BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff] usable
      BIOS-e820: [mem 0x0000000000100000-0x00000003ffffffff] usable
      BIOS-e820: [mem 0x0000000500000000-0x00000005ffffffff] usable
      ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x7fffffff]
      ACPI: SRAT: Node 3 PXM 8 [mem 0x80000000-0x1ffffffff]
      ACPI: SRAT: Node 1 PXM 1 [mem 0x200000000-0x23fffffff]
      ACPI: SRAT: Node 1 PXM 1 [mem 0x240000000-0x27fffffff] hotplug
      ACPI: SRAT: Node 1 PXM 1 [mem 0x300000000-0x3ffffffff]
      ACPI: SRAT: Node 0 PXM 0 [mem 0x500000000-0x5ffffffff]
      """
    )
    #expect(machine.source == .e820WithSRAT)
    #expect(
      machine.regions == [
        region(0, 0xa_0000), region(0x10_0000, 0x8000_0000),
        region(0x8000_0000, 0x2_0000_0000, node: 3),
        region(0x2_0000_0000, 0x2_4000_0000, node: 1),
        region(0x2_4000_0000, 0x2_8000_0000, node: 1, .hotplug),
        region(0x2_8000_0000, 0x4_0000_0000, node: 1), region(0x5_0000_0000, 0x6_0000_0000),
      ]
    )
    // Nothing shows that the kernel had reserved memory on node 1, and nothing shows that it had not.
    #expect(machine.possibleBorders == [0x2_4000_0000, 0x2_8000_0000])
    #expect(machine.notes.count == 1)
  }

  /// e820   |####.####.####|
  /// SRAT   |0000|    |0000|
  ///             |1111|        in the middle, so the entries of node 0 stay apart
  ///
  /// Expect one region for each: a hole belongs to nobody where another node has an entry in it.
  @Test func entriesAreJoinedOnlyAroundHoles() throws {
    let machine = try read(
      """
      BIOS-e820: [mem 0x0000000000100000-0x00000000bfffffff] usable
      ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x3fffffff]
      ACPI: SRAT: Node 1 PXM 1 [mem 0x40000000-0x7fffffff]
      ACPI: SRAT: Node 0 PXM 0 [mem 0x80000000-0xbfffffff]
      """
    )
    #expect(
      machine.regions == [
        region(0x10_0000, 0x4000_0000), region(0x4000_0000, 0x8000_0000, node: 1),
        region(0x8000_0000, 0xc000_0000),
      ]
    )
  }

  /// e820   |####|####|####|
  /// SRAT   |0000|0000|0000|   three entries of one node, alike
  ///
  /// Expect neighbours with equal node and flags to be one region.
  @Test func neighboursThatAreAlikeAreMerged() throws {
    let entries = (0..<3).map { index in
      "ACPI: SRAT: Node 2 PXM 2 [mem 0x\(index)0000000-0x\(index)fffffff]\n"
    }
    let machine = try read(
      "BIOS-e820: [mem 0x0000000000100000-0x000000002fffffff] usable\n" + entries.joined()
    )
    #expect(machine.regions == [region(0x10_0000, 0x3000_0000, node: 2)])
  }

  /// e820   |####|hhhh|##|   `##` is in no entry
  /// SRAT   |0000|1111|
  ///
  /// Expect 1 MiB without a node to be node 0, and a page more to reject the SRAT: one node 0, no flags.
  @Test(arguments: [(0x300f_ffff, true), (0x3010_0fff, false)] as [(UInt64, Bool)])
  func memoryWithoutANode(last: UInt64, isUsed: Bool) throws {
    let machine = try read(
      """
      BIOS-e820: [mem 0x0000000000100000-0x00000000\(String(last, radix: 16))] usable
      ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x0fffffff]
      ACPI: SRAT: Node 1 PXM 1 [mem 0x10000000-0x2fffffff] hotplug
      """
    )
    if isUsed {
      #expect(machine.source == .e820WithSRAT)
      #expect(
        machine.regions == [
          region(0x10_0000, 0x1000_0000), region(0x1000_0000, 0x3000_0000, node: 1, .hotplug),
          region(0x3000_0000, last + 1),
        ]
      )
      #expect(machine.hasNote("No line says which node 1 MiB"))
    } else {
      #expect(machine.source == .e820)
      #expect(machine.regions == [region(0x10_0000, last + 1)])
      #expect(machine.hasNote("in no entry of the SRAT"))
    }
  }

  @Test func joinsAndZones() throws {
    let e820 = "BIOS-e820: [mem 0x0000000000100000-0x00000001ffffffff] usable\n"
    let join = try read(
      e820
        + "NUMA: Node 2 [mem 0x00000000-0x7fffffff] + [mem 0x100000000-0x1ffffffff] -> [mem 0x00000000-0x1ffffffff]\n"
    )
    // Expect the hole between the two parts on node 2 as well: the kernel joined them, so no other node is there.
    #expect(join.regions == [region(0x10_0000, 0x2_0000_0000, node: 2)])
    let zones = try read(
      e820 + """
        Node 0, zone    DMA32
          pages free     1
                spanned  1048575
                present  9
          start_pfn:           1
        Node 5, zone   Normal
                spanned  1048576
          start_pfn:           1048576
        """
    )
    #expect(
      zones.regions == [region(0x10_0000, 0x1_0000_0000), region(0x1_0000_0000, 0x2_0000_0000, node: 5)]
    )
    #expect(zones.source == .e820)
    let single = try read(e820 + "No NUMA configuration found\n")
    #expect(single.regions == [region(0x10_0000, 0x2_0000_0000)])
    #expect(!single.hasNote("node"))
  }

  /// node 0 |########|        |
  /// node 1 |        |########|
  ///        0        2 GiB    3 GiB     entries of length 0 at 0 and at 2 GiB
  ///
  /// Expect entries of length 0 to be nothing, though the one at 0 is printed as all addresses.
  @Test func emptySRATEntries() throws {
    let machine = try read(
      """
      BIOS-e820: [mem 0x0000000000100000-0x00000000bfffffff] usable
      ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x7fffffff]
      ACPI: SRAT: Node 1 PXM 1 [mem 0x80000000-0x7fffffff]
      ACPI: SRAT: Node 1 PXM 1 [mem 0x80000000-0xbfffffff]
      ACPI: SRAT: Node 2 PXM 2 [mem 0x00000000-0xffffffffffffffff] hotplug
      """
    )
    #expect(
      machine.regions == [region(0x10_0000, 0x8000_0000), region(0x8000_0000, 0xc000_0000, node: 1)]
    )
    // Expect any other range that ends before it starts to be refused.
    let error = refusal("ACPI: SRAT: Node 1 PXM 1 [mem 0x80000000-0x7ffffffe]\n")
    #expect(error?.message.contains("ends before it starts") == true)
  }

  /// user |####..####....|   memmap=exactmap
  /// text |.......kkk....|   the kernel image lies outside, or half in it
  ///
  /// Expect what is removed without a type, and without a table behind it, to be memory: the kernel adds its own image.
  @Test func kernelImageOutsideOfTheMap() throws {
    let text = """
      user: [mem 0x0000000000100000-0x000000003fffffff] usable
      user: [mem 0x0000000050000000-0x000000005fffffff] reserved
      e820: remove [mem 0x58000000-0x61ffffff]\u{20}
      e820: update [mem 0x00100000-0x00100fff] usable ==> reserved
      """
    let memory = [region(0x10_1000, 0x4000_0000), region(0x5800_0000, 0x6200_0000)]
    #expect(try read(text).regions == memory)
    // Expect a removal by memmap=, before the table that it made, to count for nothing.
    #expect(try read("e820: remove [mem 0x00000000-0xfffffffff] \n" + text).regions == memory)
  }

  // MARK: EFI, iomem, sysfs, lsmem

  @Test func efiMap() throws {
    let machine = try read(
      """
      [    0.000000] efi: mem00: [Boot Code   |   |  |  |  |  |  |  |  |  |   |WB|WT|WC|UC] range=[0x0000000000000000-0x0000000000000fff] (0MB)
      [    0.000000] efi: mem01: [Conventional Memory|   |  |CC|  |  |  |  |  |  |   |WB|WT|WC|UC] range=[0x0000000000001000-0x000000000009ffff] (0MB)
      [    0.000000] efi: mem02: [Reserved    |   |  |  |  |  |  |  |  |  |   |WB|WT|WC|UC] range=[0x0000000000100000-0x00000000001fffff] (1MB)
      [    0.000000] efi: mem03: [Loader Data |   |  |  |  |  |  |  |  |  |   |WB|WT|WC|UC] range=[0x0000000000200000-0x00000000002fffff] (1MB)
      [    0.000000] efi: mem04: [Conventional|   |  |SP|  |  |  |  |  |  |   |WB|WT|WC|UC] range=[0x0000000000400000-0x00000000004fffff] (1MB)
      [    0.000000] efi: mem05: [Runtime Data|RUN|  |  |  |  |  |  |  |  |   |WB|WT|WC|UC] range=[0x0000000000600000-0x00000000006fffff] (1MB)
      [    0.000000] efi: mem06: type=7, attr=0xf, range=[0x0000000000800000-0x0000000000900000) (1MB)
      """
    )
    // Expect touching descriptors as one region; specific-purpose memory left out.
    #expect(machine.source == .efi)
    #expect(
      machine.regions == [region(0, 0xa_0000), region(0x20_0000, 0x30_0000), region(0x80_0000, 0x90_0000)]
    )
  }

  @Test func ioMemory() throws {
    let machine = try read(
      """
      00000000-00000fff : Reserved
      00001000-0009fbff : System RAM
      00100000-5d168fff : System RAM
        01000000-01ffffff : Kernel code
        02000000-02ffffff : System RAM
      100000000-1ffffffff : Soft Reserved
        100000000-1ffffffff : dax0.0
          100000000-1ffffffff : System RAM (kmem)
      200000000-27fffffff : System RAM
      """
    )
    // Expect children of RAM without effect, RAM at any depth once, and what a driver added apart from its neighbour.
    #expect(machine.source == .ioMemory)
    #expect(
      machine.regions == [
        region(0x1000, 0x9f000), region(0x10_0000, 0x5d16_9000),
        region(0x1_0000_0000, 0x2_0000_0000, .driverManaged), region(0x2_0000_0000, 0x2_8000_0000),
      ]
    )
    #expect(machine.hasNote("drivers added 4 GiB of memory after boot"))
  }

  @Test func hiddenIOMemory() throws {
    let zeros =
      "00000000-00000000 : Reserved\n00000000-00000000 : System RAM\n00000000-00000000 : System RAM\n"
    #expect(refusal(zeros)?.message.contains("root") == true)
    let machine = try read("BIOS-e820: [mem 0x0000000000100000-0x00000000001fffff] usable\n" + zeros)
    #expect(machine.hasNote("must be read as root"))
  }

  @Test func firmwareMemmap() throws {
    let directory = try TemporaryDirectory()
    for (name, start, end, type) in [
      ("2", "0x100000", "0x5d168fff", "System RAM"), ("10", "0x0", "0x9efff", "System RAM"),
      ("0", "0x9f000", "0x9ffff", "Reserved"),
    ] {
      _ = try directory.file("\(name)/start", start + "\n")
      _ = try directory.file("\(name)/end", end + "\n")
      _ = try directory.file("\(name)/type", type + "\n")
    }
    let machine = try readMachine([.file(directory.path)])
    #expect(machine.source == .firmwareMemmap)
    #expect(machine.regions == [region(0, 0x9f000), region(0x10_0000, 0x5d16_9000)])
    // Expect the file to be named that is wrong.
    _ = try directory.file("2/end", "junk\n")
    let error = #expect(throws: InputError.self) { try readMachine([.file(directory.path)]) }
    #expect(error?.file.hasSuffix("/2/end") == true)
    #expect(error?.text == "junk")
  }

  @Test func memoryBlocks() throws {
    let directory = try TemporaryDirectory()
    _ = try directory.file("block_size_bytes", "8000000\n")
    for (name, node, state) in [
      ("memory0", "node0", "online"), ("memory1", "node0", "offline"), ("memory32", "node1", "online"),
    ] {
      _ = try directory.file("\(name)/state", state + "\n")
      _ = try directory.file("\(name)/\(node)/x", "")
    }
    let machine = try readMachine([.file(directory.path)])
    #expect(machine.source == .memoryBlocks)
    #expect(machine.blockSize == 128 << 20)
    #expect(machine.regions == [region(0, 0x1000_0000), region(0x1_0000_0000, 0x1_0800_0000, node: 1)])
    #expect(machine.hasNote("holes inside them are invisible"))
    #expect(machine.hasNote("not online"))
  }

  @Test func lsmem() throws {
    let machine = try read(
      """
      {
         "memory": [
            {"range": "0x0000000000000000-0x00000000bfffffff", "size": 3221225472, "state": "online",
             "removable": true, "block": "0-23"},
            {"range": "0x0000000100000000-0x000000063fffffff", "size": "21G", "state": "offline",
             "removable": false, "block": "32-199", "node": "1"},
            {"range": "0x0000000640000000-0x0000000647ffffff", "size": "128M", "block": 200, "node": 1}
         ]
      }
      """
    )
    #expect(machine.source == .lsmem)
    #expect(machine.regions == [region(0, 0xc000_0000), region(0x1_0000_0000, 0x6_4800_0000, node: 1)])
    #expect(machine.blockSize == 128 << 20)
    #expect(machine.hasNote("holes inside them are invisible"))
    #expect(machine.hasNote("1 range or block is not online"))
  }

  @Test(arguments: [
    "{", "{}", "{\"memory\": 7}", "{\"memory\": [{}]}", "{\"memory\": []}",
    "{\"memory\": [{\"range\": \"0x1\"}]}",
    "{\"memory\": [{\"range\": \"0x0-0xfff\", \"node\": \"x\"}]}",
    String(repeating: "{\"a\":[", count: 100_000),
  ])
  func badJSON(text: String) {
    #expect(refusal(text)?.exitCode == 65)
  }

  @Test(arguments: [
    (#"{"memory": 7}"#, "not what lsmem --json prints: memory: expected an array (byte 11)"),
    (#"{"memory": [{}]}"#, #"not what lsmem --json prints: memory.[0] has no member "range""#),
    (#"{"memory": [7]}"#, "not what lsmem --json prints: memory.[0]: expected an object (byte 12)"),
    (
      #"{"memory": [{"range": "0x0-0xfff"}, {"range": 1}]}"#,
      "not what lsmem --json prints: memory.[1].range: expected a string (byte 46)"
    ),
    (
      #"{"memory": [{"range": "0x0-0xfff", "node": true}]}"#,
      #"not what lsmem --json prints: memory.[0].node: expected a whole number, or one in a string "#
        + #"("0x…" or decimal) (byte 43)"#
    ),
    (#"{"memory": [{"range": "0x0-0xfff", "node": "x"}]}"#, "the node is not a number below 2^32"),
    (#"{"memory": [{"range": "0x0-0xfff", "node": 4294967296}]}"#, "the node is not a number below 2^32"),
  ])
  func whatLsmemDoesNotPrint(text: String, message: String) {
    #expect(refusal(text)?.message == message)
  }

  @Test func lsmemWithEscapesAndNulls() throws {
    let machine = try read(
      #"""
      {"memory": [{"size": 1, "range": "0x0000\u0030\u0030-0xfff", "node": null, "state": null, "block": null},
       {"range": "0x1000-0x1fff", "node": "", "state": "onl\u0069ne", "block": "1-0"}], "memory": [
       {"range": "0x2000-0x5fff", "node": "\u0031", "state": "offline", "block": "0-\u0031", "x": [{}]}]}
      """#
    )
    // Of a member that comes twice the last one counts.
    #expect(machine.regions == [region(0x2000, 0x6000, node: 1)])
    #expect(machine.blockSize == 0x2000)
    #expect(machine.hasNote("1 range or block is not online"))
  }

  // MARK: TDX

  @Test(arguments: [
    ["virt/tdx: CMR: [0x100000, 0x6f800000)", "virt/tdx: CMR: [0x100000000, 0x107a000000)"],
    ["virt/tdx: CMR[0]: [0x100000, 0x6f800000)", "virt/tdx: CMR[1]: [0x100000000, 0x107a000000)"],
    [
      "tdx: TDX CMR[0]: base 0x100000 size 0x6f700000", "tdx: TDX CMR[1]: base 0x100000000 size 0xf7a000000",
      "tdx: TDX CMR[2]: base 0x0 size 0x0",
    ],
    ["CMR: [0x100000, 0x6f800000)", "CMR: [0x100000000, 0x107a000000)"],
  ])
  func convertibleRegions(lines: [String]) throws {
    let expected = [range(0x10_0000, 0x6f80_0000), range(0x1_0000_0000, 0x10_7a00_0000)]
    let text = lines.map { "[   10.444059] \($0)\n" }.joined()
    #expect(try read(text).convertible == expected)
    // Expect a list that comes again not to double.
    #expect(try read(text + text).convertible == expected)
    // Expect the last of two different lists, with a note.
    let other = try read("CMR: [0x200000, 0x300000)\n" + text)
    #expect(other.convertible == expected || lines[0].contains(": [0x100000"))
  }

  @Test func convertibleListsThatDiffer() throws {
    let machine = try read("CMR: [0x200000, 0x300000)\nCMR: [0x100000, 0x400000)\n")
    #expect(machine.convertible == [range(0x10_0000, 0x40_0000)])
    #expect(machine.hasNote("several times and differently"))
  }

  @Test func memoryAgainstConvertible() throws {
    let machine = try read(
      """
         0: 0x0000000000001000..0x00000000000fffff    0 NONE
         1: 0x0000000000100000..0x00000000001fffff    0 NONE
         2: 0x0000000000400000..0x00000000004fffff    0 NONE
      CMR: [0x100000, 0x200000)
      """
    )
    // Expect the first MiB not to count.
    #expect(machine.hasNote("outside every CMR, which the TDX module refuses: [0x400000, 0x500000) (1 MiB)"))
  }

  @Test(arguments: [
    ("virt/tdx: 1050644 KB allocated for PAMT", 1_050_644),
    ("tdx: 4202516 KBs allocated for PAMT.", 4_202_516),
  ])
  func pamtTotals(line: String, total: UInt64) throws {
    #expect(try read("CMR: [0x100000, 0x40000000)\n\(line)\n").observed.pamtKiB == total)
  }
}
