import TDXMemory
import TestSupport
import Testing

/// The reader of captures: what it takes from a console is what other tests hold the readers against.
struct CaptureTests {
  private let capture = Capture(
    name: "drawn",
    text: """
      # machine: drawn kernel 6.12
      # qemu: -machine pc -m 4G
      [    0.000000] console line\r
      @@@BEGIN dmesg
      [    0.000000] Early memory node ranges
      [    0.000000]   node   0: [mem 0x0000000000001000-0x000000000009efff]
      [    0.000000]   node   0: [mem 0x00000000000f0000-0x000000003fffffff]
      [    0.000000]   node  -1: [mem 0x0000000040000000-0x000000004007ffff]
      [    0.000000]   node   1: [mem 0x0000000040080000-0x00000000bffdffff]
      [    0.000000]  memory[0x0]\t[0x0000000000001000-0x000000000009efff], 0x000000000009e000 bytes on node 0 flags: 0x0
      [    0.000000]  memory[0x1]\t[0x0000000000100000-0x00000000bffdffff], 0x00000000bfee0000 bytes on node 0 flags: 0x1
      @@@END dmesg
      @@@BEGIN sysmem
      block_size_bytes 8000000
      BLK 7 state=online zones=none removable=1 phys=00000007 nodes=node1,node0
      BLK 8 state=offline zones=DMA32 Movable removable=1 phys=00000008 nodes=node1
      @@@END sysmem
      @@@BEGIN scenario
      OP offline 8 => ok | BLK 8 state=offline zones=DMA32 Movable removable=1 phys=00000008 nodes=node1
      OP online 8 movable => EINVAL | BLK 8 state=offline
      HMP device_add pc-dimm,id=da,memdev=ma,node=1,addr=0x140000000 => done
      ADD a size=1G node=1 blocks 16 -> 24 | 140000000-17fffffff : System RAM
      HMP device_add pc-dimm,id=db,memdev=mb,node=0 => done
      ADD b size=64M node=0 blocks 24 -> 24 | 140000000-17fffffff : System RAM
      HMP device_add pc-dimm,id=dc,memdev=mc,node=0 => done
      ADD c size=2G node=0 blocks 24 -> 40 | 180000000-1ffffffff : System RAM
      HMP device_add pc-dimm,id=dd,memdev=md,node=0 => done
      ADD d size=128M node=0 blocks 40 -> 41 | 200000000-207ffffff : System RAM
      DEL c blocks 41 -> 25 | 200000000-207ffffff : System RAM
      HMP device_add pc-dimm,id=de,memdev=me,node=0 => done
      ADD e size=1G node=0 blocks 25 -> 33 | 200000000-207ffffff : System RAM
      @@@BEGIN sysmem2
      BLK 9 state=online zones=Movable removable=1 phys=00000009 nodes=
      @@@END sysmem2
      SWEEP 8 zones=DMA32 offline=ok offzones=DMA32 Movable online=ok zones2=DMA32
      SWEEP 9 state=offline zones=Normal Movable skip
      SWEEP 10 zones=DMA32 offline=EBUSY offzones=- online=- zones2=-
      @@@END scenario
      [    9.000000] reboot: Power down
      """
  )

  @Test func sectionsAndConsole() {
    #expect(capture.head == ["machine: drawn kernel 6.12", "qemu: -machine pc -m 4G"])
    #expect(capture.console == ["[    0.000000] console line", "[    9.000000] reboot: Power down"])
    #expect(capture["iomem"] == nil)
    #expect(capture["sysmem2"]?.count == 1)
    // Expect the lines of an inner section to be its own.
    #expect(capture["scenario"]?.count == 16)
    #expect(capture["scenario"]?.contains { $0.hasPrefix("BLK 9") } == false)
  }

  /// A guest that died early has no sections.
  @Test func consoleOfADeadGuest() {
    let dead = Capture(name: "dead", text: "# machine: dead\nMemory KASLR\n[    0.0] BUG: NULL\n")
    #expect(dead.kernelLog == ["[    0.0] BUG: NULL"])
    #expect(dead.earlyNodeRanges.isEmpty)
    #expect(dead.blockSize == nil)
  }

  /// Expect ends to be exclusive, and memory of no node to have none.
  @Test func memory() {
    let early = [
      Capture.Memory(range(0x1000, 0x9_f000), node: 0),
      Capture.Memory(range(0xf_0000, 0x4000_0000), node: 0),
      Capture.Memory(range(0x4000_0000, 0x4008_0000), node: nil),
      Capture.Memory(range(0x4008_0000, 0xbffe_0000), node: 1),
    ]
    #expect(capture.earlyNodeRanges == early)
    let dump = [
      Capture.Memory(range(0x1000, 0x9_f000), node: 0),
      Capture.Memory(range(0x10_0000, 0xbffe_0000), node: 0, flags: .hotplug),
    ]
    #expect(capture.memblockDump == dump)
  }

  @Test func blocks() {
    #expect(capture.blockSize == 0x800_0000)
    let atBoot = [
      Capture.Block(7, state: "online", zones: "none", nodes: [1, 0]),
      Capture.Block(8, state: "offline", zones: "DMA32 Movable", nodes: [1]),
    ]
    #expect(capture.blocks() == atBoot)
    #expect(capture.blocks("sysmem2") == [Capture.Block(9, state: "online", zones: "Movable", nodes: [])])
  }

  /// Expect blocks that were offline before the sweep to be left out.
  @Test func sweeps() {
    let came = Capture.Sweep(
      8,
      zones: "DMA32",
      offline: "ok",
      zonesOffline: "DMA32 Movable",
      online: "ok",
      zonesAfter: "DMA32"
    )
    #expect(capture.sweeps == [came, Capture.Sweep(10, zones: "DMA32", offline: "EBUSY")])
  }

  /// Expect a DIMM's address from the command, or from /proc/iomem where the range there has the DIMM's size; and
  /// later ones in the first gap behind the first that QEMU placed.
  @Test func steps() {
    let expected: [Capture.Step] = [
      .offline(8, outcome: "ok"),
      .online(8, zone: "movable", outcome: "EINVAL"),
      .add(dimm: "a", address: 0x1_4000_0000, size: 1 << 30, node: 1, blocks: 16, after: 24),
      .add(dimm: "b", address: nil, size: 64 << 20, node: 0, blocks: 24, after: 24),
      .add(dimm: "c", address: 0x1_8000_0000, size: 2 << 30, node: 0, blocks: 24, after: 40),
      .add(dimm: "d", address: 0x2_0000_0000, size: 128 << 20, node: 0, blocks: 40, after: 41),
      .remove(dimm: "c", blocks: 41, after: 25),
      .add(dimm: "e", address: 0x1_8000_0000, size: 1 << 30, node: 0, blocks: 25, after: 33),
    ]
    #expect(capture.steps == expected)
  }
}
