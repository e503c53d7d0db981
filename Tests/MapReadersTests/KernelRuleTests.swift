import TDXMemory
import Testing

@testable import MapReaders

/// What running kernels made of what they printed: rules that the lines alone do not tell. Each test names the guest whose
/// console has its lines; nothing is left out of them that counts.
struct KernelRuleTests {
  // MARK: - The moment at which e820 counts

  /// s20-bigrd, 6.12. An initrd that brings an ACPI table takes a page from e820 when memblock is made already.
  ///
  ///     BIOS-e820 |##########################|     memblock is made
  ///     modified  |###########|n|############|     later: to /proc/iomem alone
  ///     memblock  [==========================]
  ///
  /// Expect the page in the map, and apart as what is not System RAM.
  @Test func aTablePrintedAfterTheInitrdIsLate() throws {
    let machine = try read(
      """
      [    0.000000] BIOS-e820: [mem 0x0000000000100000-0x00000000bffdffff] usable
      [    0.000000] e820: update [mem 0x00000000-0x00000fff] usable ==> reserved
      [    0.000000] last_pfn = 0xbffe0 max_arch_pfn = 0x400000000
      [    0.000000] RAMDISK: [mem 0xb687b000-0xbffdffff]
      [    0.000000] modified physical RAM map:
      [    0.000000] modified: [mem 0x0000000000100000-0x00000000b6879fff] usable
      [    0.000000] modified: [mem 0x00000000b687a000-0x00000000b687a08f] ACPI NVS
      [    0.000000] modified: [mem 0x00000000b687a090-0x00000000bffdffff] usable
      """
    )
    #expect(machine.regions == [region(0x10_0000, 0xbffe_0000)])
    #expect(machine.notSystemRAM == [range(0xb687_a000, 0xb687_b000)])
    #expect(machine.hasNote("By rule: e820 counts as it stood when memblock was made."))
  }

  /// A 2-socket Sapphire Rapids of 2023, and a fragment of another log: the ESRT is reserved behind memblock.
  ///
  ///     BIOS-e820 |##########|      |#######|
  ///     update             ▒         after `esrt: Reserving ESRT space`
  ///     memblock  [==========]      [=======]
  @Test func theESRTIsLate() throws {
    let text = """
      [    0.000000] BIOS-e820: [mem 0x0000000000100000-0x00000000473b2fff] usable
      [    0.000000] BIOS-e820: [mem 0x0000000100000000-0x00000002bfffffff] usable
      [    0.000000] last_pfn = 0x2c0000 max_arch_pfn = 0x400000000
      [    0.007524] esrt: Reserving ESRT space from 0x00000000473b1f98 to 0x00000000473b1fd0.
      [    0.007527] e820: update [mem 0x473b1000-0x473b1fff] usable ==> reserved
      [    0.007929] RAMDISK: [mem 0x3d91c000-0x3fffdfff]
      """
    let both = [region(0x10_0000, 0x473b_3000), region(0x1_0000_0000, 0x2_c000_0000)]
    #expect(try read(text).regions == both)
    // Expect the same of a log that is there twice, without a heading between.
    #expect(try read(text + "\n" + text).regions == both)
    // Without the line of the ESRT it is late all the same: behind `last_pfn` MTRRs alone edit before memblock is made, whole
    // megabytes. Without that line, too, nothing tells, and the edit counts.
    let withoutESRT = text.split(separator: "\n").filter { !$0.contains("esrt") }
    #expect(try read(withoutESRT.joined(separator: "\n")).regions == both)
    let early = withoutESRT.filter { !$0.contains("last_pfn") }.joined(separator: "\n")
    #expect(try read(early).regions.count == 3)
    #expect(try read(early).notSystemRAM.isEmpty)
  }

  /// What comes between the first table and memblock counts: user-defined maps, MTRRs that trim memory, extended maps;
  /// and each line that only comes behind memblock makes late what follows it.
  @Test(arguments: [
    ("last_pfn = 0x2c0000 max_arch_pfn = 0x400000000\nMTRR default type: uncachable", false),
    (
      "last_pfn = 0x2c0000 max_arch_pfn = 0x1\ne820: update [mem 0x80000000-0xffffffff] usable ==> reserved",
      false
    ),
    ("last_pfn = 0x2c0000 max_arch_pfn = 0x1\ne820: update [mem 0x30000-0x30fff] usable ==> reserved", true),
    ("WARNING: BIOS bug: CPU MTRRs don't cover all of memory, losing 1024MB of RAM.", false),
    ("last_pfn = 0x2c0000 max_arch_pfn = 0x1\nlast_pfn = 0x47400 max_arch_pfn = 0x1", true),
    ("last_pfn = 0x47400 max_arch_pfn = 0x1\nlast_pfn = 0x47000 max_arch_pfn = 0x1", false),
    ("found SMP MP-table at [mem 0x000f5ba0-0x000f5baf]", true), ("Secure boot disabled", true),
    ("Using GB pages for direct mapping", true), ("printk: log_buf_len: 1048576 bytes", true),
    ("efi: Memory: 4096M/16384M mirrored memory", true), ("MEMBLOCK configuration:", true),
    ("RAMDISK: 37d2a000 - 37feffff", true), ("ACPI: RSDP 0x00000000000F59B0 000014 (v00 BOCHS )", true),
  ])
  func whatTellsThatMemblockIsFilled(lines: String, isLate: Bool) throws {
    let machine = try read(
      """
      BIOS-e820: [mem 0x0000000000100000-0x00000000473fffff] usable
      BIOS-e820: [mem 0x0000000100000000-0x00000002bfffffff] usable
      \(lines)
      modified physical RAM map:
      modified: [mem 0x0000000000100000-0x00000000470fffff] usable
      modified: [mem 0x0000000100000000-0x00000002bfffffff] usable
      """
    )
    #expect(machine.map.first?.end == (isLate ? 0x4740_0000 : 0x4710_0000))
    #expect(machine.notSystemRAM == (isLate ? [range(0x4710_0000, 0x4740_0000)] : []))
  }

  /// s03e-gap-512k, 6.12: a quiet console that has the late table alone. Expect it to be read, and doubted.
  @Test func aLateTableAlone() throws {
    let machine = try read(
      """
      e820: remove [mem 0x000a0000-0x000fffff] usable
      RAMDISK: [mem 0xbfe7b000-0xbffdffff]
      modified physical RAM map:
      modified: [mem 0x0000000000100000-0x00000000bfe79fff] usable
      modified: [mem 0x00000000bfe7a000-0x00000000bfe7a0b7] ACPI NVS
      """
    )
    #expect(machine.regions == [region(0x10_0000, 0xbfe7_a000)])
    #expect(machine.hasNote("of one that is missing"))
  }

  // MARK: - The SRAT's hotplug flag

  /// The lines of s16-hp-clean and s18-hp-middle, 6.12, with another top of the log of node data.
  private func hotplugLog(nodeData: String, srat: String, initrd: String = "0xbfe7b000-0xbffdffff") -> String
  {
    """
    Command line: console=ttyS0,115200 nokaslr memblock=debug
    BIOS-e820: [mem 0x0000000000001000-0x000000000009ffff] usable
    BIOS-e820: [mem 0x0000000000100000-0x00000000bffdffff] usable
    BIOS-e820: [mem 0x0000000100000000-0x000000013fffffff] usable
    RAMDISK: [mem \(initrd)]
    \(srat)
    \(nodeData)
    """
  }

  private let fourNodes = """
    ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x4fffffff]
    ACPI: SRAT: Node 1 PXM 1 [mem 0x50000000-0x63ffffff] hotplug
    ACPI: SRAT: Node 1 PXM 1 [mem 0x64000000-0x7fffffff]
    ACPI: SRAT: Node 2 PXM 2 [mem 0x80000000-0xbfffffff]
    ACPI: SRAT: Node 3 PXM 3 [mem 0x100000000-0x13fffffff] hotplug
    """

  /// s18-hp-middle, 6.12.
  ///
  ///     SRAT       |0000|h1h1|1111|2222|  |h3h3|
  ///     reserved   |r   |    |    |   i|  |   r|     first pages, initrd, page tables
  ///     NODE_DATA       d         d   d      d
  ///     memblock   [0000][h1h1][1111][2222]  [3333]
  ///
  /// Node data goes to the highest free place of its node: at the very top of node 1, so nothing was there; below the top
  /// of node 3, so something was. Expect the flag on node 1 alone, and its border as possible, not certain: the kernel image
  /// may lie there for all that the log tells, and at the end of boot the flag goes.
  @Test func theFlagStaysOnANodeWithoutReservations() throws {
    let machine = try read(
      hotplugLog(
        nodeData: """
          NODE_DATA(0) allocated [mem 0x4ffd5680-0x4fffffff]
          NODE_DATA(1) allocated [mem 0x7ffd5680-0x7fffffff]
          NODE_DATA(2) allocated [mem 0xbfe4f680-0xbfe79fff]
          NODE_DATA(3) allocated [mem 0x13fb52680-0x13fb7cfff]
          """,
        srat: fourNodes
      )
    )
    #expect(
      machine.regions == [
        region(0x1000, 0xa_0000), region(0x10_0000, 0x5000_0000),
        region(0x5000_0000, 0x6400_0000, node: 1, .hotplug), region(0x6400_0000, 0x8000_0000, node: 1),
        region(0x8000_0000, 0xbffe_0000, node: 2), region(0x1_0000_0000, 0x1_4000_0000, node: 3),
      ]
    )
    #expect(machine.possibleBorders == [0x6400_0000])
    #expect(machine.hasNote("a border of memblock at 0x64000000 is possible, not certain"))
  }

  /// The same, but something took the top of node 1 before its data, or the initrd, an ACPI table or, by /proc/iomem, the
  /// kernel lies in it.
  ///
  ///     SRAT       |0000|h1h1|1111|
  ///     reserved        |   i|
  ///     memblock   [0000][11111111]
  @Test func anyReservationClearsTheFlagOfItsNode() throws {
    let untouched = "NODE_DATA(1) allocated [mem 0x7ffd5680-0x7fffffff]"
    let texts = [
      [hotplugLog(nodeData: "NODE_DATA(1) allocated [mem 0x7fa00000-0x7fa2a97f]", srat: fourNodes)],
      [hotplugLog(nodeData: untouched, srat: fourNodes, initrd: "0x5fe7b000-0x5ffdffff")],
      [
        hotplugLog(
          nodeData: untouched,
          srat: "ACPI: Reserving APIC table memory at [mem 0x7a000000-0x7a000fff]\n" + fourNodes
        )
      ],
      [
        hotplugLog(nodeData: untouched, srat: fourNodes),
        """
        00100000-bffdffff : System RAM
          6ca00000-6d9fffff : Kernel code
          6da00000-6e56cfff : Kernel rodata
          6e600000-6e870d7f : Kernel data
          6f12f000-6f5fffff : Kernel bss
        100000000-13fffffff : System RAM
        """,
      ],
    ]
    for texts in texts {
      let machine = try readMachine(texts: texts.enumerated().map { ("\($0)", Array($1.utf8)) })
      #expect(machine.regions.contains(region(0x5000_0000, 0x8000_0000, node: 1)))
      #expect(machine.possibleBorders.isEmpty)
    }
  }

  /// s01-hotplug-border, 6.12: the first pages are reserved on every machine.
  ///
  ///     SRAT       |0000|h0h0|1111|
  ///     reserved   |r
  ///     memblock   [00000000][1111]
  @Test func theNodeOfTheFirstPagesNeverKeepsTheFlag() throws {
    let machine = try read(
      """
      BIOS-e820: [mem 0x0000000000001000-0x000000000009ffff] usable
      BIOS-e820: [mem 0x0000000000100000-0x00000000bffdffff] usable
      ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x3fffffff]
      ACPI: SRAT: Node 0 PXM 0 [mem 0x40000000-0x83ffffff] hotplug
      ACPI: SRAT: Node 1 PXM 1 [mem 0x84000000-0xbfffffff]
      """
    )
    #expect(machine.regions.dropFirst().first == region(0x10_0000, 0x8400_0000))
    #expect(machine.possibleBorders.isEmpty)
  }

  /// crashkernel=512M on a hot-pluggable node, 6.12: reserved when nodes have been set up already.
  ///
  /// Expect node 1 to keep its flag. The same of what is told with `movable_node`: the nodes with ZONE_MOVABLE are those.
  @Test func whatIsReservedLaterDoesNotCount() throws {
    let text = """
      Linux version 6.12.95 (builder)
      Command line: movable_node crashkernel=512M@0x500000000
      BIOS-e820: [mem 0x0000000000100000-0x00000000bffdffff] usable
      BIOS-e820: [mem 0x0000000100000000-0x00000009dfffffff] usable
      ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0xbfffffff]
      ACPI: SRAT: Node 1 PXM 1 [mem 0x300000000-0x5ffffffff] hotplug
      ACPI: SRAT: Node 2 PXM 2 [mem 0x600000000-0x9dfffffff] hotplug
      NODE_DATA(1) allocated [mem 0x5fffd5680-0x5ffffffff]
      crashkernel reserved: 0x0000000500000000 - 0x0000000520000000 (512 MB)
      """
    let plain = try read(text.replacing("0x0000000100000000", with: "0x0000000300000000"))
    #expect(plain.regions.map(\.flags) == [[], .hotplug, .hotplug])
    let movable = try read(
      text.replacing("0x0000000100000000", with: "0x0000000300000000")
        + "\nMovable zone start for each node\n  Node 1: 0x0000000300000000\nEarly memory\n"
    )
    #expect(movable.regions.map(\.flags) == [[], .hotplug, []])
    #expect(movable.movableStarts == [1: 0x3_0000_0000])
    // Before 3.5 it was printed as a page frame, without a name.
    for line in ["    1: 3145728", "[    0.000000]     1: 3145728"] {
      let old = try read(text + "\nMovable zone start PFN for each node\n\(line)\nEarly memory\n")
      #expect(old.movableStarts == [1: 0x3_0000_0000], "\(line)")
    }
  }

  // MARK: - Other lists

  /// r19-efi, 6.12. The second list has what runtime services keep; expect the first.
  @Test func theSecondEFIListIsPartial() throws {
    let line = "[Conventional|   |  |  |  |  |  |  |  |  |  |   |WB|WT|WC|UC]"
    let machine = try read(
      """
      efi: mem00: \(line) range=[0x0000000000100000-0x00000000007fffff] (7MB)
      efi: mem01: \(line) range=[0x0000000100000000-0x000000013fffffff] (1024MB)
      efi: EFI runtime memory map:
      efi: mem00: [Runtime Data|RUN|  |  |  |  |  |  |  |  |  |   |WB|WT|WC|UC] range=[0x000000007ff58000-0x000000007ff77fff] (0MB)
      efi: mem01: [Boot Code   |   |  |  |  |  |  |  |  |  |  |   |WB|WT|WC|UC] range=[0x000000007ff3f000-0x000000007ff57fff] (0MB)
      """
    )
    #expect(machine.regions == [region(0x10_0000, 0x80_0000), region(0x1_0000_0000, 0x1_4000_0000)])
  }

  /// r15-fake4, 6.12: `No NUMA configuration found`, and yet four nodes, with borders off by a page.
  ///
  ///     e820      |######################|   |########|
  ///     faking    |0000000|1111111|222222...222|333333|
  ///     memblock  [0000000][1111111][222222]   [333333]
  @Test func fakeNodes() throws {
    let machine = try read(
      """
      BIOS-e820: [mem 0x0000000000100000-0x00000000bffdffff] usable
      BIOS-e820: [mem 0x0000000100000000-0x000000013fffffff] usable
      No NUMA configuration found
      Faking a node at [mem 0x0000000000000000-0x000000013fffffff]
      Faking node 0 at [mem 0x0000000000001000-0x0000000040000fff] (1024MB)
      Faking node 1 at [mem 0x0000000040001000-0x0000000080000fff] (1024MB)
      Faking node 2 at [mem 0x0000000080001000-0x00000000ffffffff] (2047MB)
      Faking node 3 at [mem 0x0000000100000000-0x000000013fffffff] (1024MB)
      """
    )
    #expect(
      machine.regions == [
        region(0x10_0000, 0x4000_1000), region(0x4000_1000, 0x8000_1000, node: 1),
        region(0x8000_1000, 0xbffe_0000, node: 2), region(0x1_0000_0000, 0x1_4000_0000, node: 3),
      ]
    )
  }

  // MARK: - Nodes of memory blocks

  /// The lines of r08-cold, 6.1: DIMMs that came after boot lie in an entry of node 1, and two of the three on node 0.
  private let ioMemory = """
    00100000-7ffdffff : System RAM
    100000000-11fffffff : System RAM
    120000000-15fffffff : System RAM
    """
  private let srat = """
    ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x0009ffff]
    ACPI: SRAT: Node 0 PXM 0 [mem 0x00100000-0x3fffffff]
    ACPI: SRAT: Node 1 PXM 1 [mem 0x40000000-0x7fffffff]
    ACPI: SRAT: Node 1 PXM 1 [mem 0x100000000-0x37fffffff] hotplug
    NUMA: Node 0 [mem 0x00000000-0x0009ffff] + [mem 0x00100000-0x3fffffff] -> [mem 0x00000000-0x3fffffff]
    """

  /// The kernel joined no entries of node 1, so the hot-pluggable one held nothing at boot. Expect what is there to be left
  /// out, and the way on to be told.
  @Test func memoryThatCameAfterBoot() throws {
    let machine = try readMachine(texts: [("iomem", Array(ioMemory.utf8)), ("log", Array(srat.utf8))])
    #expect(machine.regions == [region(0x10_0000, 0x4000_0000), region(0x4000_0000, 0x7ffe_0000, node: 1)])
    #expect(machine.hasNote("came after boot (hot-added)"))
    #expect(machine.hasNote("/sys/devices/system/memory knows it"))
    // Where the kernel did join them, there was memory: it counts.
    let joined =
      srat + "\nNUMA: Node 1 [mem 0x40000000-0x7fffffff] + [mem 0x100000000-0x15fffffff] -> "
      + "[mem 0x40000000-0x15fffffff]\n"
    let atBoot = try readMachine(texts: [("iomem", Array(ioMemory.utf8)), ("log", Array(joined.utf8))])
    #expect(atBoot.map.last?.node == 1)
    #expect(atBoot.map.last?.end == 0x1_6000_0000)
  }

  /// |32..35 node 1|36..43 node 0|   by the links of memory blocks, in either folder of /sys
  ///
  /// Expect the links to count where another source has the memory; a block with two links says nothing.
  @Test func linksOfMemoryBlocksKnowTheNode() throws {
    let folder = try TemporaryDirectory()
    _ = try folder.file("memory/block_size_bytes", "8000000\n")
    for block in 0...43 where !(16...31).contains(block) {
      _ = try folder.file("memory/memory\(block)/state", block < 32 ? "online\n" : "offline\n")
      let node = block < 8 ? 0 : block < 36 ? 1 : 0
      _ = try folder.file("memory/memory\(block)/node\(node)/uevent", "")
      _ = try folder.file("node/node\(node)/memory\(block)/uevent", "")
    }
    _ = try folder.file("memory/memory33/node0/uevent", "")
    let iomem = try folder.file("iomem", ioMemory)
    let log = try folder.file("log", srat)
    let expected = [
      region(0x10_0000, 0x4000_0000), region(0x4000_0000, 0x7ffe_0000, node: 1),
      region(0x1_0000_0000, 0x1_0800_0000, node: 1), region(0x1_1000_0000, 0x1_2000_0000, node: 1),
      region(0x1_2000_0000, 0x1_6000_0000),
    ]
    let blocks = try readMachine([.file(iomem), .file(log), .file(folder.path + "/memory")])
    // Block 33, of two nodes, is left out as memory of unknown node; all others have theirs.
    #expect(blocks.regions.map(\.range) == expected.map(\.range))
    #expect(blocks.regions.map(\.node) == expected.map(\.node))
    // /sys/devices/system/node does not say how large blocks are; the log does.
    let size = try folder.file("log2", srat + "\nx86/mm: Memory block size: 128MB\n")
    let nodes = try readMachine([.file(iomem), .file(size), .file(folder.path + "/node")])
    #expect(nodes.blockSize == 128 << 20)
    #expect(nodes.map.last?.range == region(0x1_2000_0000, 0x1_6000_0000).range)
    #expect(nodes.map.last?.node == 0)
  }

  // MARK: - Holes, zones, block sizes

  /// |############|   memblock
  /// |####|r|#####|   /proc/iomem
  ///
  /// Expect what /proc/iomem does not call System RAM to be told beside a map of memblock, and why.
  @Test func holesAreThoseOfIOMemory() throws {
    let machine = try readMachine(texts: [
      ("memblock", Array("   0: 0x0000000000100000..0x00000000bffdffff    0 NONE\n".utf8)),
      (
        "iomem",
        Array(
          "00100000-b6879fff : System RAM\nb687a000-b687a08f : ACPI\nb687a090-bffdffff : System RAM\n".utf8
        )
      ),
    ])
    #expect(machine.regions == [region(0x10_0000, 0xbffe_0000)])
    #expect(machine.notSystemRAM == [range(0xb687_a000, 0xb687_b000)])
  }

  /// r18-movablecore, 6.12, and h3-66g-hyp: blocks of 1 GiB in a guest whose RAM ends at 67 GiB.
  @Test func whatIsPrintedOfZonesAndBlocks() throws {
    let machine = try read(
      """
      [    0.052400] Movable zone start for each node
      [    0.052423]   Node 0: 0x0000000181800000
      [    0.052430]   Node 3: 0x00000010c0000000
      [    0.052462] Early memory node ranges
      [    0.052718]   node   0: [mem 0x0000000100000000-0x00000001bfffffff]
      [    1.267376] x86/mm: Memory block size: 1024MB
      """
    )
    #expect(machine.movableStarts == [0: 0x1_8180_0000, 3: 0x10_c000_0000])
    #expect(machine.blockSize == 1 << 30)
    // No kernel has such blocks; what is printed is passed on all the same, and whoever uses it says so.
    let none = try read(
      "BIOS-e820: [mem 0x100000-0x1fffff] usable\nx86/mm: Memory block size: 99999999999999999MB\n"
    )
    #expect(none.blockSize == nil)
  }

  // MARK: - SRATs with gaps and overlaps

  private func gapLog(_ end: String, version: String = "") -> String {
    """
    \(version)
    BIOS-e820: [mem 0x0000000000100000-0x00000000bffdffff] usable
    ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x3fffffff]
    ACPI: SRAT: Node 1 PXM 1 [mem 0x\(end)-0xbfffffff]
    """
  }

  /// s03-gap-512k and s02-gap-big.
  ///
  ///     SRAT      |00000000|   |11111111|
  ///     memblock  [00000000][?][11111111]   up to 1 MiB: memory of no node, printed as node -1, or 1024 before 6.10
  ///     memblock  [00000000000000000000]    more: NUMA is refused
  @Test func gapsOfTheSRAT() throws {
    let small = try read(gapLog("40080000"))
    #expect(small.regions.map(\.node) == [0, 1])
    #expect(small.hasNote("512 KiB of memory belong to"))
    let old = try read(gapLog("40080000", version: "Linux version 6.1.0-56-amd64 (x@y)"))
    #expect(old.regions[1] == region(0x4000_0000, 0x4008_0000, node: 1024))
    #expect(try read(gapLog("41000000")).regions == [region(0x10_0000, 0xbffe_0000)])
    // Exactly 1 MiB is too much before 6.10.
    #expect(try read(gapLog("40100000", version: "Linux version 6.1.0 (x@y)")).regions.count == 1)
    #expect(try read(gapLog("40100000", version: "Linux version 6.12.95 (x@y)")).regions.count == 2)
  }

  /// The kernel's own list has that memory: expect it in the map, as memory of an unknown node.
  @Test func memoryOfNoNodeIsMemory() throws {
    let machine = try read(
      """
      Early memory node ranges
        node   0: [mem 0x0000000000100000-0x000000003fffffff]
        node  -1: [mem 0x0000000040000000-0x000000004007ffff]
        node   1: [mem 0x0000000040080000-0x00000000bffdffff]
      """
    )
    #expect(
      machine.regions == [
        region(0x10_0000, 0x4000_0000), region(0x4000_0000, 0x4008_0000),
        region(0x4008_0000, 0xbffe_0000, node: 1),
      ]
    )
  }

  /// s06-overlap-diff, 6.12, without the kernel's own `overlaps with` and `No NUMA configuration found`.
  ///
  ///     SRAT      |00000000000|
  ///                     |111111111111|
  ///     memblock  [000000000000000000]   NUMA is refused
  ///
  /// Expect entries of one node to overlap as they like, and entries without memory not to count.
  @Test func overlapsOfTheSRAT() throws {
    func nodes(_ second: String) throws -> Machine {
      try read(
        """
        BIOS-e820: [mem 0x0000000000100000-0x00000000bffdffff] usable
        BIOS-e820: [mem 0x0000000100000000-0x000000013fffffff] usable
        ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x7fffffff]
        \(second)
        """
      )
    }
    let machine = try nodes("ACPI: SRAT: Node 1 PXM 1 [mem 0x7c000000-0x17bffffff]")
    #expect(machine.map.nodes == [0])
    #expect(machine.hasNote("[0x0, 0x80000000) of node 0 and [0x7c000000, 0x140000000) of node 1 overlap"))
    let own = try nodes(
      "ACPI: SRAT: Node 0 PXM 0 [mem 0x7c000000-0x8fffffff]\nACPI: SRAT: Node 1 PXM 1 [mem 0x90000000-0x17bffffff]"
    )
    #expect(own.regions[0] == region(0x10_0000, 0x9000_0000))
    let empty = try nodes(
      """
      ACPI: SRAT: Node 1 PXM 1 [mem 0x80000000-0x17bffffff]
      ACPI: SRAT: Node 2 PXM 2 [mem 0x140000000-0x1ffffffff]
      """
    )
    #expect(empty.map.nodes == [0, 1])
  }

  // MARK: - Sources that differ by a rule

  /// r10-mem3g, 6.1: mem=3G beside /sys/firmware/memmap, which has what was given up; and /proc/iomem with a DIMM.
  @Test func aNoteNamesTheRule() throws {
    let folder = try TemporaryDirectory()
    for (index, entry) in [("0x100000", "0xbffdffff"), ("0x100000000", "0x17fffffff")].enumerated() {
      _ = try folder.file("memmap/\(index)/start", entry.0)
      _ = try folder.file("memmap/\(index)/end", entry.1)
      _ = try folder.file("memmap/\(index)/type", "System RAM")
    }
    let log = try folder.file(
      "log",
      """
      BIOS-e820: [mem 0x0000000000100000-0x00000000bffdffff] usable
      BIOS-e820: [mem 0x0000000100000000-0x000000017fffffff] usable
      e820: remove [mem 0xc0000000-0xfffffffffffffffe] usable
      user-defined physical RAM map:
      user: [mem 0x0000000000100000-0x00000000bffdffff] usable
      RAMDISK: [mem 0xbfe7b000-0xbffdffff]
      Early memory node ranges
        node   0: [mem 0x0000000000100000-0x00000000bffdffff]
      """
    )
    let machine = try readMachine([.file(log), .file(folder.path + "/memmap")])
    #expect(machine.regions == [region(0x10_0000, 0xbffe_0000)])
    #expect(machine.hasNote("has memory that mem= or memmap= gave up"))
    let iomem = try folder.file("iomem", "00100000-bffdffff : System RAM\n100000000-107ffffff : System RAM\n")
    #expect(try readMachine([.file(log), .file(iomem)]).hasNote("came after boot (hot-added)"))
    // Firmware's map alone, beside a command line that gives memory up.
    let alone = try folder.file("alone", "Linux version 6.1.0 (x@y)\nCommand line: quiet mem=3G\n")
    #expect(
      try readMachine([.file(alone), .file(folder.path + "/memmap")]).hasNote("it still has memory that mem=")
    )
  }
}
