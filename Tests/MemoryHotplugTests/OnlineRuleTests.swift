import Answers
import MemoryHotplug
import TDXMemory
import Testing

/// What may come online, and what TDX says to it.
@Suite struct OnlineRuleTests {
  /// |####|####| |++++|   no snapshot; `+` is added later
  ///
  /// Expect the notifier to allow everything while its list is empty: before TDX initialises, and after it failed.
  @Test func withoutASnapshotEverythingMayComeBack() throws {
    var machine = try machine([(0, 8, 0), (32, 40, 0)])
    _ = machine.offline(33)
    #expect(machine.online(33) == .onlined(range(33, 34), entry: nil, moved: nil))
    #expect(machine.online(33) == .alreadyOnline(33))
    #expect(machine.online(50) == .noSuchBlock(50, range(50, 51)))
    _ = machine.add(range(40, 41), node: 0)
    #expect(machine.online(40).outcome == .ok)

    var failing = try TestMachines.withoutConvertibleMemory()
    #expect(failing.initializeTDX().outcome == .ioError)
    #expect(failing.initializeTDX() == .failedBefore)
    #expect(failing.query(range(33, 34)) == .notInitialized)
    _ = failing.offline(33)
    #expect(failing.online(33).outcome == .ok)
  }

  /// |####|####|####|   one entry of the snapshot
  ///       ^^^^
  ///
  /// Expect a block inside it to come back, into either kind of zone.
  @Test func insideOneEntry() throws {
    var machine = try machine([(0, 8, 0), (32, 40, 0)])
    _ = machine.initializeTDX()
    for zone in [OnlineZone.inherited, .movable] {
      #expect(machine.offline(34).outcome == .ok)
      #expect(machine.online(34, into: zone) == .onlined(range(34, 35), entry: range(32, 40), moved: nil))
    }
  }

  /// |####|##hh|hhhh|   a border of flags inside block 33: SRAT says that the rest can be unplugged
  ///
  /// Expect block 33 to leave and never to come back: one-way. All of it is TDX memory.
  @Test func aBorderOfFlagsMakesABlockOneWay() throws {
    let border = 33 * block + block / 2
    var machine = try machine([
      MemoryRegion(start: 0, end: 8 * block), MemoryRegion(start: 32 * block, end: border),
      MemoryRegion(start: border, end: 40 * block, flags: .hotplug),
    ])
    _ = machine.initializeTDX()
    #expect(BlockCensus(machine).oneWay.map(\.first) == [33])
    #expect(machine.query(range(33, 34)).outcome == .union)
    #expect(machine.offline(33).outcome == .ok)
    let answer = machine.online(33)
    #expect(answer == .notInOneEntry(range(33, 34), .union, missing: nil))
    #expect(answer.outcome == .notPermitted)
    #expect(BlockCensus(machine).oneWay.map(\.first) == [33])
    #expect(machine.online(33) == answer)
  }

  /// |####|####| then |++++| added after the snapshot
  ///
  /// Expect EPERM: TDX never vetoes the add, only the online; CMRs do not matter.
  @Test(arguments: [nil, [range(0, 64)]] as [[AddressRange]?])
  func whatWasAddedLateStaysOffline(cmrs: [AddressRange]?) throws {
    var machine = try machine([(0, 8, 0), (32, 40, 0)], cmrs: cmrs)
    #expect(machine.initializeTDX().outcome == .ok)
    #expect(machine.add(range(40, 42), node: 0).outcome == .ok)
    let answer = machine.online(40)
    #expect(answer == .notInOneEntry(range(40, 41), .outside, missing: range(40, 41)))
    #expect(answer.outcome == .notPermitted)
    #expect(machine.query(range(40, 41)) == .outsideSnapshot)
  }

  /// |++++|####|   block 0 was added before the snapshot, which starts at 1 MiB
  ///  .[[[ [[[[
  ///
  /// Expect EPERM, and the part named that is not in the snapshot. No other block can be like this: one with a part
  /// outside has a hole, so it never left.
  @Test func aPartOutsideIsRefused() throws {
    var machine = try machine([(1, 8, 0), (32, 40, 0)])
    #expect(machine.add(range(0, 1), node: 0).outcome == .ok)
    #expect(machine.initializeTDX().outcome == .ok)
    let low = AddressRange(unchecked: 0, 1 << 20)
    let answer = machine.online(0)
    #expect(answer == .notInOneEntry(range(0, 1), .partly, missing: low))
    #expect(answer.outcome == .notPermitted)
    #expect(machine.query(range(0, 1)) == .partlyInside(missing: low))

    var half = try MemoryHotplugTests.machine([(0, 8, 0), (32, 41, 0)], size: 2 * block)
    #expect(half.initializeTDX().outcome == .ok)
    #expect(half.offline(20) == .hole(range(40, 42), first: range(41, 42)))
  }

  /// |1111|1111|1111|  ->  |1111|5555|1111|   the entry of node 1 stays in the snapshot
  ///
  /// Expect the node of a block not to matter: what comes back on another node is inside the same entry.
  @Test func theNodeIsNotCompared() throws {
    var machine = try machine([(0, 8, 0), (32, 40, 1)])
    _ = machine.initializeTDX()
    #expect(machine.offline(34).outcome == .ok)
    #expect(machine.remove(range(34, 35)).outcome == .ok)
    #expect(machine.add(range(34, 35), node: 5).outcome == .ok)
    #expect(machine.online(34).outcome == .ok)
  }

  /// |####|####| |oooo|   `o` was added before the snapshot, and is offline
  ///  [[[[ [[[[   [[[[
  ///
  /// Expect the snapshot to hold what was added before TDX initialised, offline or not.
  @Test func theSnapshotHasOfflineMemory() throws {
    var machine = try machine([(0, 8, 0), (32, 40, 0)])
    #expect(machine.add(range(48, 49), node: 0).outcome == .ok)
    let answer = machine.initializeTDX()
    guard case .initialized(let entries, _, _, let offline) = answer else {
      Issue.record("\(answer)")
      return
    }
    #expect(entries == 3)
    #expect(offline == block)
    #expect(machine.online(48).outcome == .ok)
    #expect(machine.initializeTDX() == .alreadyInitialized)
  }
}

enum TestMachines {
  /// CMRs are known and hold less than the memory: the module refuses.
  static func withoutConvertibleMemory() throws -> HotplugMachine {
    try machine([(0, 8, 0), (32, 40, 0)], cmrs: [range(0, 8)])
  }
}
