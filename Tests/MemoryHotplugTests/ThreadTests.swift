import MemoryHotplug
import TDXMemory
import Testing

/// What the mail thread asked, step by step.
@Suite struct ThreadTests {
  /// Node 0 [32, 40) and node 1 [40, 48), touching; `border` moves the border of the nodes into a block.
  private func twoNodes(border: Double = 40) throws -> HotplugMachine {
    var machine = try machine([(0, 8, 0), (32, border, 0), (border, 48, 1)])
    // TDX takes its PAMTs from the bottom of the nodes: low memory, and block 40 for node 1's.
    #expect(machine.initializeTDX().outcome == .ok)
    return machine
  }

  /// |0000|1111|  ->  |....|....|  ->  |2222|2222|
  ///
  /// Expect each block of the one range that comes back to lie in entry A or entry B: all may go online. The check of
  /// the whole range, as proposed in 2024, refuses it falsely: every byte is TDX memory.
  @Test func twoNodesBecomeOne() throws {
    var machine = try machine([(0, 8, 0), (32, 40, 0), (40, 48, 1)])
    machine = HotplugMachine(
      try MemoryMap(machine.memory),
      convertible: nil,
      blockSize: machine.blockSize,
      options: PlanOptions(placement: .top)
    )
    #expect(machine.initializeTDX().outcome == .ok)
    // The PAMTs are at the top of each node: blocks 39 and 47 stay.
    let moved: [UInt64] = Array(40...46)
    for block in moved { #expect(machine.offline(block).outcome == .ok) }
    for block in 36...38 as ClosedRange<UInt64> { #expect(machine.offline(block).outcome == .ok) }
    #expect(machine.offline(39).outcome == .busy)
    #expect(machine.remove(range(40, 47)).outcome == .ok)
    #expect(machine.remove(range(36, 39)).outcome == .ok)
    #expect(machine.add(range(36, 39), node: 2).outcome == .ok)
    #expect(machine.add(range(40, 47), node: 2).outcome == .ok)
    for block in moved { #expect(machine.online(block).outcome == .ok) }
    #expect(machine.query(range(36, 44)) == .insideUnion(first: range(32, 40), last: range(40, 48), count: 2))
  }

  /// |0000|1111|   asked about as one range
  ///   ------
  ///
  /// The whole range [33, 47) with nothing pinned in it. Expect the merged check to allow every block, and the check of
  /// 2024 to say EINVAL although all of it is TDX memory.
  @Test func theCheckOf2024RefusesFalsely() throws {
    let machine = try twoNodes()
    let answer = machine.checkAdd(range(33, 47))
    #expect(answer == .addCheckRefuses(range(33, 47), .union, blocks: 14, allowedBlocks: 14))
    #expect(answer.outcome == .invalid)
    #expect(machine.checkAdd(range(33, 40)) == .addCheckPasses(range(33, 40), entry: range(32, 40)))
    #expect(
      machine.checkAdd(range(46, 50)) == .addCheckRefuses(range(46, 50), .partly, blocks: 4, allowedBlocks: 2)
    )
    #expect(
      machine.checkAdd(range(50, 52))
        == .addCheckRefuses(range(50, 52), .outside, blocks: 2, allowedBlocks: 0)
    )
    #expect(machine.checkAdd(range(50.5, 52)).outcome == .invalid)
    let before = try MemoryHotplugTests.machine([(0, 8, 0)])
    #expect(before.checkAdd(range(50, 52)).outcome == .ok)
  }

  /// |0000|0011|1111|   the border is inside block 40
  ///
  /// Expect the block over it to hold two nodes: it has no zone and never goes offline.
  @Test func aBorderInsideABlockForbidsIt() throws {
    var machine = try twoNodes(border: 40.5)
    #expect(machine.offline(40) == .severalNodes(range(40, 41), [0, 1]))
    #expect(machine.offline(39).outcome == .ok)
    #expect(machine.remove(range(39, 41)) == .stillOnline(40, range(40, 41)))
  }

  /// |####| |CCCC|  ->  |####| |....|   `C` was in a CMR of its own
  ///
  /// Expect a removed CMR to change nothing: the snapshot stays, and TDX says yes to what comes back.
  @Test func aRemovedCMRStaysInTheSnapshot() throws {
    var machine = try machine(
      [(0, 8, 0), (32, 40, 0), (48, 56, 0)],
      cmrs: [range(0, 8), range(32, 40), range(48, 56)]
    )
    #expect(machine.initializeTDX().outcome == .ok)
    for block in 48..<56 as Range<UInt64> { #expect(machine.offline(block).outcome == .ok) }
    #expect(machine.remove(range(48, 56)).outcome == .ok)
    #expect(machine.query(range(48, 56)) == .insideEntry(range(48, 56)))
  }

  /// |####| |xxxx|   `x` is in no CMR
  ///
  /// Expect CXL memory, which no CMR holds, to be refused block by block when it is late, and to keep TDX from
  /// initialising at all when it is early.
  @Test func convertibleOrNotLateAndEarly() throws {
    let cmrs = [range(0, 8), range(32, 40)]
    var late = try machine([(0, 8, 0), (32, 40, 0)], cmrs: cmrs)
    #expect(late.initializeTDX().outcome == .ok)
    #expect(late.add(range(64, 72), node: 1).outcome == .ok)
    #expect(late.online(64).outcome == .notPermitted)

    var early = try machine([(0, 8, 0), (32, 40, 0)], cmrs: cmrs)
    #expect(early.add(range(64, 72), node: 1).outcome == .ok)
    #expect(early.initializeTDX().outcome == .ioError)
    #expect(early.online(64).outcome == .ok)

    let tried = try #require(LateMemory(late))
    #expect(tried.block == 72)
    #expect(tried.onlined.outcome == .notPermitted)
    #expect(tried.initialized.outcome == .ioError)
  }

  /// |#.#.#.#.#.#.#.#.#.#.|   40 regions in one TDMR
  ///
  /// Expect a plan that fails to be the outcome of init-tdx, with Linux's own errno.
  @Test func aPlanThatFailsIsTheOutcome() throws {
    let crowded = (0..<40).map { index in
      MemoryRegion(start: (1 << 20) + index * 16 * mib, end: (1 << 20) + index * 16 * mib + 15 * mib)
    }
    var machine = try machine(crowded)
    #expect(machine.initializeTDX().outcome == .noSpace)
    #expect(machine.initializeTDX() == .failedBefore)
    var tiny = try MemoryHotplugTests.machine([MemoryRegion(start: 1 << 20, end: 2 << 20)])
    #expect(tiny.initializeTDX().outcome == .noMemory)
  }
}
