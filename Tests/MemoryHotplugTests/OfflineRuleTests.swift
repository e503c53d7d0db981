import Answers
import MemoryHotplug
import TDXMemory
import Testing

/// What may go offline, rule by rule. In the drawings `#` is memory, `.` a hole, a digit memory of that node, `p` a PAMT;
/// `|` are borders of blocks.
@Suite struct OfflineRuleTests {
  /// |####|####|....|####|
  ///  31   32   33   34
  ///
  /// Expect whole blocks to go offline, absent ones not to exist, and offline ones not to go again.
  @Test func aWholeBlockGoesOfflineOnce() throws {
    var machine = try machine([(30, 33, 0), (34, 35, 0)])
    #expect(machine.offline(32) == .offlined(range(32, 33)))
    #expect(machine.offline(32) == .alreadyOffline(32))
    #expect(machine.offline(33) == .noSuchBlock(33, range(33, 34)))
    #expect(machine.offline(33).outcome == .notFound)
    #expect(machine.offline(1 << 40).outcome == .notFound)
    #expect(machine.offline(.max) == .noSuchBlock(.max, nil))
  }

  /// |##.#|   a page is missing: at the start, in the middle, at the end
  ///
  /// Expect EINVAL, and the hole named.
  @Test func aHoleKeepsABlockOnline() throws {
    let page: UInt64 = 4096
    let (start, end) = (33 * block, 34 * block)
    for hole in [start, start + 5 * page, end - page] {
      let pieces = [
        MemoryRegion(start: 32 * block, end: hole), MemoryRegion(start: hole + page, end: 35 * block),
      ]
      var machine = try machine(pieces)
      let answer = machine.offline(33)
      #expect(answer == .hole(range(33, 34), first: AddressRange(unchecked: hole, hole + page)))
      #expect(answer.outcome == .invalid)
      #expect(machine.offline(34).outcome == .ok)
    }
  }

  /// |0000|0011|1111|   a border of nodes inside block 33
  ///
  /// Expect EINVAL for it, also where a hole is between the nodes, and its neighbours to go.
  @Test func severalNodesHaveNoZone() throws {
    for start in [33.5, 33.75] {
      var machine = try machine([(0, 1, 0), (32, 33.5, 0), (start, 35, 1)])
      let answer = machine.offline(33)
      #expect(answer == .severalNodes(range(33, 34), [0, 1]))
      #expect(answer.outcome == .invalid)
      #expect(machine.offline(32).outcome == .ok)
      #expect(machine.offline(34).outcome == .ok)
    }
  }

  /// |DMA, DMA32|DMA32|
  ///  0          1
  ///
  /// Expect block 0 to stay for ever, by its zones and not by the PAMT in it.
  @Test func block0LiesInTwoZones() throws {
    var machine = try machine([(0, 4, 0)])
    #expect(machine.offline(0) == .severalZones(range(0, 1), 0, [.dma, .dma32]))
    #expect(machine.offline(1).outcome == .ok)
  }

  /// |..##|####|   block 0 without its first 16 MiB: one zone, but a hole
  ///
  /// Expect the hole to be the reason.
  @Test func aZoneIsCountedByItsMemory() throws {
    var machine = try machine([MemoryRegion(start: 32 * mib, end: 4 * block)])
    #expect(machine.offline(0) == .hole(range(0, 1), first: AddressRange(unchecked: 0, 32 * mib)))
  }

  /// |0...|0000|    node 1 has DMA32 only far above; node 0's spans hold no memory of node 1
  ///
  /// Expect blocks at both sides of 4 GiB to have one zone each, for no block lies across.
  @Test func fourGiBIsABorderOfBlocksOfEverySize() throws {
    for size in [128, 256, 512, 1024, 2048].map({ $0 * mib }) {
      var machine = try machine([(0, 48, 0)], size: size)
      let border = (4 << 30) / size
      #expect(machine.offline(border - 1).outcome == .ok)
      #expect(machine.offline(border).outcome == .ok)
    }
  }

  /// |####|p###|####|
  ///  31   32   33
  ///
  /// Expect EBUSY for the block of the PAMT, which node 1's starts with, once TDX is initialised; not before.
  @Test func aPAMTPinsItsBlock() throws {
    let regions: [(Double, Double, UInt32)] = [(0, 8, 0), (32, 48, 1)]
    var before = try machine(regions)
    #expect(before.offline(32).outcome == .ok)

    var machine = try machine(regions)
    #expect(machine.initializeTDX().outcome == .ok)
    let answer = machine.offline(32)
    #expect(answer.outcome == .busy)
    guard case .pinnedByPAMT(_, let pamt, let tdmr) = answer else {
      Issue.record("expected a PAMT, got \(answer)")
      return
    }
    #expect(pamt.start == 32 * block)
    #expect(tdmr == 1)
    #expect(machine.offline(33).outcome == .ok)
  }

  /// |####|#tt#|####|   private pages of a TD
  ///
  /// Expect EBUSY while they are there, and ok when the TD is gone.
  @Test func privatePagesPinTheirBlock() throws {
    var machine = try machine([(0, 8, 0), (32, 40, 0)])
    let pages = range(34.25, 34.5)
    #expect(machine.pin(pages) == .notInitialized)
    _ = machine.initializeTDX()
    #expect(machine.pin(pages) == .pinned(pages))
    #expect(machine.pin(range(34.25, 34.75)) == .alreadyPinned(range(34.25, 34.75)))
    #expect(machine.offline(34) == .pinnedByTD(range(34, 35), pages: pages))
    #expect(machine.unpin(range(34, 34.5)) == .notPinned(range(34, 34.5)))
    #expect(machine.unpin(pages) == .unpinned(pages))
    #expect(machine.offline(34).outcome == .ok)
    #expect(machine.pin(pages) == .noPages(pages, missing: pages, .notOnline))
    #expect(machine.online(34, into: .movable).outcome == .ok)
    #expect(machine.pin(pages) == .noPages(pages, missing: pages, .movable))
    #expect(machine.pin(range(40, 41)) == .noPages(range(40, 41), missing: range(40, 41), .notTDXMemory))
    #expect(machine.pin(AddressRange(unchecked: 1, 4096)).outcome == .invalid)
    #expect(machine.pin(range(33, 33)).outcome == .invalid)
  }

  /// |0011|   node border, hole and a PAMT in one block
  ///
  /// Expect the reasons in the kernel's order: nodes, zones, holes, pages.
  @Test func theFirstReasonCounts() throws {
    var machine = try machine([(0, 8, 0), (32, 32.25, 0), (32.5, 40, 1)])
    _ = machine.initializeTDX()
    #expect(machine.offline(32) == .severalNodes(range(32, 33), [0, 1]))
    #expect(machine.offline(0) == .severalZones(range(0, 1), 0, [.dma, .dma32]))
  }
}
