import MemoryHotplug
import TDXMemory
import Testing

/// What running kernels do with blocks, beyond the rules of memblock and the snapshot. Each test names the guest that did it.
@Suite struct KernelRuleTests {
  private func machine(
    _ blocks: [(Double, Double, UInt32)],
    movableStarts: [UInt32: UInt64] = [:],
    notSystemRAM: [AddressRange] = [],
    possibleBorders: [UInt64] = []
  ) throws -> HotplugMachine {
    HotplugMachine(
      try MemoryMap(regions(blocks)),
      convertible: nil,
      blockSize: BlockSize(block)!,
      options: PlanOptions(placement: .bottom),
      movableStarts: movableStarts,
      notSystemRAM: notSystemRAM,
      possibleBorders: possibleBorders
    )
  }

  private func classes(_ machine: HotplugMachine) -> [UInt64: BlockClass] {
    var classes: [UInt64: BlockClass] = [:]
    for run in machine.runs { for block in run.first...run.last { classes[block] = run.kind } }
    return classes
  }

  // MARK: - Holes

  /// s20-bigrd, 6.12, block 22: all of it is memory to memblock, and a page of it is not System RAM to /proc/iomem.
  ///
  /// |####|##r#|####|
  ///
  /// Expect EINVAL for that block alone, by the sweep and by the operation, and the hole named.
  @Test func aHoleIsWhatIOMemorySays() throws {
    let page = AddressRange(unchecked: 22 * block + 0x87_a000, 22 * block + 0x87_b000)
    var machine = try machine([(0, 24, 0)], notSystemRAM: [page])
    #expect(machine.offline(22) == .hole(range(22, 23), first: page))
    #expect(machine.offline(21).outcome == .ok)
    #expect(machine.offline(23).outcome == .ok)
    #expect(classes(machine).filter { $0.value == .hole }.map(\.key) == [22])
  }

  /// Expect runs of whole blocks to be cut around holes and what is pinned to be told after them.
  @Test func holesCutRuns() throws {
    let first = AddressRange(unchecked: 34 * block, 34 * block + 4096)
    let over = AddressRange(unchecked: 37 * block - 4096, 37 * block + 4096)
    let machine = try machine([(0, 1, 0), (32, 40, 0)], notSystemRAM: [first, over])
    #expect(classes(machine).filter { $0.value == .hole }.map(\.key).sorted() == [34, 36, 37])
  }

  // MARK: - ZONE_MOVABLE from boot on

  /// r18-movablecore, 6.12: `Node 0: 0x181800000` is inside block 48.
  ///
  ///  32        48       55
  /// |NNNN|....|NM|MMMM|MM|
  ///
  /// Expect block 48 to have no zone, and what is behind it to be Movable, which holds no pages of TDs.
  @Test func aBorderOfMovableInsideABlock() throws {
    var machine = try machine([(0, 24, 0), (32, 56, 0)], movableStarts: [0: 0x1_8180_0000])
    #expect(machine.offline(48) == .severalZones(range(48, 49), 0, [.normal, .movable]))
    #expect(machine.zone(of: 48) == nil)
    #expect(machine.zone(of: 47) == .normal)
    #expect(machine.zone(of: 49) == .movable)
    #expect(machine.offline(49).outcome == .ok)
    #expect(classes(machine).filter { $0.value == .multiZone }.map(\.key).sorted() == [0, 48])
    _ = machine.initializeTDX()
    #expect(machine.pin(AddressRange(unchecked: 50 * block, 50 * block + 4096)).outcome == .noMemory)
    #expect(machine.nodeMemory()[0].movableBytes > 6 * block)
  }

  /// kernelcore=30% with two nodes, 6.1: a border on each. Expect the one of node 1, and none where it is a border of blocks.
  @Test func eachNodeHasItsBorder() throws {
    let machine = try machine(
      [(0, 8, 0), (32, 40, 0), (40, 48, 1)],
      movableStarts: [0: 36 * block, 1: 44 * block + 4 * mib, 7: 45 * block + 4096]
    )
    #expect(classes(machine).filter { $0.value == .multiZone }.map(\.key).sorted() == [0, 44])
    #expect(machine.zone(of: 36) == .movable)
    #expect(machine.zone(of: 35) == .normal)
  }

  // MARK: - Borders that may be there

  /// s18-hp-middle, 6.12, block 12: the SRAT's hotplug flag makes a border in it, which the kernel drops when boot ends.
  ///
  /// |1111|11!h|hhhh|     ! the border
  /// [[[[[[[[[[[[[[[[     the snapshot
  ///
  /// Expect the block to leave and come back, and to be told of as possibly one-way; a border between blocks is nothing.
  @Test func aPossibleBorderPromisesNothing() throws {
    let border = 12 * block + block / 2
    let map = [
      MemoryRegion(start: 0, end: 8 * block),
      MemoryRegion(start: 10 * block, end: border, node: 1, flags: .hotplug),
      MemoryRegion(start: border, end: 16 * block, node: 1),
      MemoryRegion(start: 16 * block, end: 20 * block, node: 1, flags: .hotplug),
    ]
    var machine = HotplugMachine(
      try MemoryMap(map),
      convertible: nil,
      blockSize: BlockSize(block)!,
      options: PlanOptions(placement: .bottom),
      possibleBorders: [border, 16 * block]
    )
    #expect(machine.initializeTDX().outcome == .ok)
    let census = BlockCensus(machine)
    #expect(census.oneWay.isEmpty)
    #expect(census.possiblyOneWay == [12])
    #expect(machine.offline(12).outcome == .ok)
    #expect(machine.online(12).outcome == .ok)
    #expect(BlockCensus(machine).classes.reduce(0) { $0 + $1.blocks } == census.total)
  }

  // MARK: - Zones of what comes back

  ///   1    …   23      32
  /// |D32|D32|D32|    |Nor|
  ///
  /// Expect a block inside ZONE_DMA32 to come back there, and one at its edge as Normal, because the zone has shrunk away
  /// from it; `online_kernel` does the same. A neighbour that is offline too makes an edge.
  @Test func atTheEdgeOfDMA32() throws {
    var machine = try machine([(0, 24, 0), (32, 40, 0)])
    func comeBack(_ block: UInt64, _ zone: OnlineZone = .inherited) -> Zone? {
      #expect(machine.offline(block).outcome == .ok)
      #expect(machine.zone(of: block) == nil)
      #expect(machine.online(block, into: zone).outcome == .ok)
      return machine.zone(of: block)
    }
    #expect(comeBack(10) == .dma32)
    #expect(comeBack(10, .kernel) == .dma32)
    #expect(comeBack(10, .movable) == .movable)
    #expect(comeBack(23) == .normal)
    // Block 22 is the edge now.
    #expect(comeBack(22, .kernel) == .normal)
    #expect(comeBack(20) == .dma32)
    #expect(comeBack(39) == .normal)
    #expect(machine.offline(21).outcome == .ok)
    #expect(comeBack(20) == .normal)
    #expect(machine.online(21) == .onlined(range(21, 22), entry: nil, moved: .normal))
  }

  ///   32              40
  /// |Nor|Nor|Mov|Mov|Mov|Mov|
  ///
  /// Expect a block inside ZONE_MOVABLE to stay Movable without a word, and one at its edge to come back as Normal.
  @Test func atTheEdgeOfMovable() throws {
    var machine = try machine([(0, 8, 0), (32, 44, 0)], movableStarts: [0: 38 * block])
    for (number, zone) in [(41, Zone.movable), (43, .normal), (38, .normal), (36, .normal)]
      as [(UInt64, Zone)]
    {
      #expect(machine.offline(number).outcome == .ok)
      #expect(machine.online(number).outcome == .ok)
      #expect(machine.zone(of: number) == zone, "block \(number)")
    }
    // Another node's Movable says nothing.
    var other = try self.machine(
      [(0, 8, 0), (32, 36, 0), (36, 40, 1), (40, 44, 0)],
      movableStarts: [0: 32 * block]
    )
    #expect(other.offline(38).outcome == .ok)
    #expect(other.online(38).outcome == .ok)
    #expect(other.zone(of: 38) == .normal)
  }

  // MARK: - Ejecting

  /// h3-66g-hyp, 6.12: DIMMs whose blocks are online are ejected without anyone taking them offline.
  ///
  /// |####|++++|++oo|    `+` online, `o` offline
  ///
  /// Expect the blocks to be taken offline and the memory to be gone, while a plain removal says EBUSY.
  @Test func anEjectTakesBlocksOffline() throws {
    var machine = try machine([(0, 8, 0)])
    #expect(machine.add(range(40, 44), node: 0).outcome == .ok)
    for block in [40, 41] as [UInt64] { #expect(machine.online(block).outcome == .ok) }
    #expect(machine.remove(range(40, 44)).outcome == .busy)
    #expect(machine.eject(range(40, 44)) == .ejected(range(40, 44), taken: 2))
    #expect(machine.memory == regions([(0, 8, 0)]))
    #expect(machine.eject(range(40, 44)) == .noSuchBlock(40, range(40, 41)))
    #expect(machine.eject(range(40.5, 44)).outcome == .invalid)
    #expect(machine.eject(range(40, 40)).outcome == .invalid)
    // What comes again at the same place is new.
    #expect(machine.add(range(40, 44), node: 0).outcome == .ok)
    #expect(machine.offline(40) == .alreadyOffline(40))
  }

  /// |####|++P+|   `P` is pinned
  ///
  /// Expect EBUSY with the block that does not go, the others online again, and offline ones still offline.
  @Test func anEjectWithAnUnmovableBlockFails() throws {
    var machine = try machine([(0, 8, 0), (32, 40, 0)])
    #expect(machine.initializeTDX().outcome == .ok)
    #expect(machine.pin(AddressRange(unchecked: 36 * block, 36 * block + 4096)).outcome == .ok)
    #expect(machine.offline(38).outcome == .ok)
    let before = machine.memory
    guard case .ejectFailed(let all, .pinnedByTD(let pinned, _), let lost) = machine.eject(range(34, 40))
    else {
      Issue.record("it went")
      return
    }
    #expect(all == range(34, 40))
    #expect(pinned == range(36, 37))
    #expect(lost == 0)
    #expect(machine.eject(range(34, 40)).outcome == .busy)
    #expect(machine.memory == before)
    for number in 34...39 as ClosedRange<UInt64> {
      #expect(machine.offline(number).outcome == (number == 38 ? .invalid : number == 36 ? .busy : .ok))
    }
  }

  /// |####|111|2!!2|22P|   a border of entries in block 36, which may leave and not come back
  ///
  /// Expect a failed eject to lose that block: TDX refuses it on the way back.
  @Test func aFailedEjectMayLoseAOneWayBlock() throws {
    let border = 36 * block + block / 2
    var machine = HotplugMachine(
      try MemoryMap([
        MemoryRegion(start: 0, end: 8 * block), MemoryRegion(start: 32 * block, end: border, node: 1),
        MemoryRegion(start: border, end: 40 * block, node: 1, flags: .mirror),
      ]),
      convertible: nil,
      blockSize: BlockSize(block)!,
      options: PlanOptions(placement: .bottom)
    )
    #expect(machine.initializeTDX().outcome == .ok)
    #expect(machine.pin(AddressRange(unchecked: 38 * block, 38 * block + 4096)).outcome == .ok)
    guard case .ejectFailed(_, _, let lost) = machine.eject(range(35, 40)) else {
      Issue.record("it went")
      return
    }
    #expect(lost == 1)
    #expect(machine.online(36).outcome == .notPermitted)
    #expect(machine.offline(35).outcome == .ok)
  }

  // MARK: - What is online by itself

  /// auto_online_blocks: `offline` in Debian's 6.1, `online` in its 6.12 and 7.2.
  ///
  /// Expect added blocks to be online without a word, but for those that TDX refuses.
  @Test func addedMemoryGoesOnlineByItself() throws {
    var machine = try machine([(0, 8, 0), (32, 40, 0)])
    #expect(machine.add(range(64, 65), node: 0).outcome == .ok)
    #expect(machine.online(64).outcome == .ok)
    #expect(machine.perform(.autoOnline(.inherited)).outcome == .ok)
    guard case .added(_, _, 2, nil, 2) = machine.add(range(65, 67), node: 0) else {
      Issue.record("they are not online")
      return
    }
    #expect(machine.online(65) == .alreadyOnline(65))
    #expect(machine.zone(of: 65) == .normal)
    #expect(machine.perform(.autoOnline(.movable)).outcome == .ok)
    #expect(machine.add(range(67, 68), node: 0).outcome == .ok)
    #expect(machine.zone(of: 67) == .movable)

    #expect(machine.initializeTDX().outcome == .ok)
    #expect(machine.eject(range(66, 68)).outcome == .ok)
    guard case .added(_, _, 6, 2, 2) = machine.add(range(66, 72), node: 0) else {
      Issue.record("TDX lets others online")
      return
    }
    #expect(machine.online(66) == .alreadyOnline(66))
    #expect(machine.online(68).outcome == .notPermitted)
    #expect(machine.perform(.autoOnline(nil)).outcome == .ok)
    #expect(machine.add(range(80, 81), node: 0).outcome == .ok)
    #expect(machine.offline(80) == .alreadyOffline(80))
  }

  /// Expect the operations in scripts, and what is written wrongly to be told.
  @Test func scripts() throws {
    let script = try HotplugScript(
      """
      eject 4G+256M  # expect EBUSY
      auto-online online
      auto-online offline
      auto-online online_kernel
      auto-online online_movable
      online 3
      """
    )
    #expect(
      script.lines.map(\.operation) == [
        .eject(AddressRange(unchecked: 4 << 30, (4 << 30) + (256 << 20))), .autoOnline(.inherited),
        .autoOnline(nil),
        .autoOnline(.kernel), .autoOnline(.movable), .online(3, into: .inherited),
      ]
    )
    for wrong in ["eject", "eject 1 2", "auto-online", "auto-online on"] {
      #expect(throws: ScriptError.self) { try HotplugScript(wrong) }
    }
  }
}
