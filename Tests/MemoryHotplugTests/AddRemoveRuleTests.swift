import MemoryHotplug
import TDXMemory
import Testing

/// Memory that is added and removed, and what memblock makes of it.
@Suite struct AddRemoveRuleTests {
  /// |####|....|....|
  ///         ++++       not at borders of blocks
  ///
  /// Expect EINVAL, for nothing too, and for a node that no kernel has.
  @Test func anAddIsBlockAligned() throws {
    var machine = try machine([(0, 8, 0)])
    for wrong in [range(40.5, 41), range(40, 41.5), range(40.5, 41.5)] {
      #expect(machine.add(wrong, node: 0) == .notBlockAligned(wrong, machine.blockSize))
      #expect(machine.remove(wrong).outcome == .invalid)
    }
    #expect(machine.add(range(40, 40), node: 0) == .empty(range(40, 40)))
    #expect(machine.remove(range(40, 40)).outcome == .invalid)
    #expect(machine.add(range(40, 41), node: 1023).outcome == .ok)
    #expect(machine.add(range(41, 42), node: 1024) == .noSuchNode(1024))
    #expect(machine.add(range(41, 42), node: .max).outcome == .invalid)
  }

  /// |####|##..|    part of a block is memory
  ///       ++++
  ///
  /// Expect EEXIST, and the memory named; also where it is only a page at the end.
  @Test func anAddMustNotMeetMemory() throws {
    var machine = try machine([(0, 8, 0), (32, 33.5, 0)])
    for range in [range(33, 34), range(32, 33), range(31, 33), range(20, 48)] {
      let answer = machine.add(range, node: 0)
      #expect(answer.outcome == .exists)
      #expect(answer == .alreadyMemory(range, machine.memory[1]))
    }
  }

  /// |0000|++++|0000|
  ///
  /// Expect one region where both neighbours are of its node and have no flags, two where one has; memblock changes at
  /// the add, before anything is online.
  @Test func memblockJoinsWhatTouches() throws {
    var same = try machine([(32, 33, 0), (34, 35, 0)])
    #expect(same.add(range(33, 34), node: 0).outcome == .ok)
    #expect(same.memory == regions([(32, 35, 0)]))

    var left = try machine([(32, 33, 0), (34, 35, 1)])
    _ = left.add(range(33, 34), node: 0)
    #expect(left.memory == regions([(32, 34, 0), (34, 35, 1)]))

    var right = try machine([(32, 33, 1), (34, 35, 0)])
    _ = right.add(range(33, 34), node: 0)
    #expect(right.memory == regions([(32, 33, 1), (33, 35, 0)]))

    var flags = try machine([
      MemoryRegion(start: 32 * block, end: 33 * block, flags: .hotplug),
      MemoryRegion(start: 34 * block, end: 35 * block),
    ])
    _ = flags.add(range(33, 34), node: 0)
    #expect(flags.memory.map(\.range) == [range(32, 33), range(33, 35)])
  }

  /// |####|oooo|####|   `o` is offline
  ///
  /// Expect ENOENT for what is absent before EBUSY for what is online, and the middle of a region to be cut out.
  @Test func removeWantsEveryBlockOffline() throws {
    var machine = try machine([(0, 8, 0), (32, 36, 0)])
    #expect(machine.remove(range(33, 34)) == .stillOnline(33, range(33, 34)))
    #expect(machine.remove(range(35, 37)) == .noSuchBlock(36, range(36, 37)))
    #expect(machine.remove(range(31, 33)) == .noSuchBlock(31, range(31, 32)))
    _ = machine.offline(33)
    #expect(machine.remove(range(33, 35)) == .stillOnline(34, range(34, 35)))
    #expect(machine.remove(range(33, 34)) == .removed(range(33, 34)))
    #expect(machine.memory == regions([(0, 8, 0), (32, 33, 0), (34, 36, 0)]))
    #expect(machine.offline(33).outcome == .notFound)
    #expect(machine.remove(range(33, 34)).outcome == .notFound)
  }

  /// |####|oooo|oooo|####|   two regions, offline as a whole
  ///
  /// Expect one removal to take parts of both.
  @Test func removeCrossesRegions() throws {
    var machine = try machine([(0, 1, 0), (32, 34, 0), (34, 36, 1)])
    for block in [33, 34] as [UInt64] { #expect(machine.offline(block).outcome == .ok) }
    #expect(machine.remove(range(33, 35)).outcome == .ok)
    #expect(machine.memory == regions([(0, 1, 0), (32, 33, 0), (35, 36, 1)]))
  }

  /// |####|####|####|  ->  |####|....|####|
  ///  [[[[ [[[[ [[[[        [[[[ [[[[ [[[[    the snapshot
  ///
  /// Expect the snapshot to keep what memblock loses.
  @Test func theSnapshotOutlivesARemoval() throws {
    var machine = try machine([(0, 8, 0), (32, 40, 0)])
    _ = machine.initializeTDX()
    _ = machine.offline(36)
    #expect(machine.remove(range(36, 37)).outcome == .ok)
    #expect(machine.query(range(36, 37)) == .insideEntry(range(32, 40)))
    #expect(machine.add(range(36, 37), node: 0).outcome == .ok)
    #expect(machine.online(36).outcome == .ok)
  }

  /// |1111|1111|  ->  |....|....|  ->  |2222|....|
  ///
  /// Expect zones to follow memblock: after a whole node left, the memory of another lies in the other's zone.
  @Test func zonesFollowMemblock() throws {
    var machine = try machine([(0, 8, 0), (32, 34, 1)])
    for block in [32, 33] as [UInt64] { #expect(machine.offline(block).outcome == .ok) }
    #expect(machine.remove(range(32, 34)).outcome == .ok)
    #expect(machine.add(range(32, 33), node: 2).outcome == .ok)
    #expect(machine.online(32).outcome == .ok)
    #expect(machine.offline(32).outcome == .ok)
  }

  ///      |####|####|###.|   the last page of the address space is no memory
  ///                     2^64
  ///
  /// Expect ranges at the top of the address space to be refused or taken, never to wrap.
  @Test func theTopOfTheAddressSpace() throws {
    var machine = try machine([MemoryRegion(start: .max - 4095 - 4 * block, end: .max - 4095)])
    let last = UInt64.max / block
    #expect(machine.offline(last).outcome == .invalid)
    #expect(machine.offline(last - 1).outcome == .ok)
    let top = AddressRange(unchecked: .max - (block - 1), .max)
    #expect(machine.add(top, node: 0).outcome == .invalid)
    #expect(LateMemory(machine) == nil)
    #expect(machine.runs.map(\.last).last == last)
  }
}

extension LateMemory: Equatable {
  public static func == (one: LateMemory, other: LateMemory) -> Bool { one.range == other.range }
}
