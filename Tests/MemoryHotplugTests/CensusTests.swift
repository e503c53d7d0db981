import Answers
import MemoryHotplug
import RandomNumbers
import TDXMemory
import TestSupport
import Testing

/// The sweep over all blocks, held against the operations on each.
@Suite struct CensusTests {
  /// |ZZZZ|####| |#.##|0011|p###|####|##hh|hhhh| |++++|
  ///
  /// Expect a class for each, and what comes back.
  @Test func everyClass() throws {
    let border = 37 * block + block / 2
    var machine = try machine(
      regions([(0, 2, 0), (32, 32.25, 0), (32.5, 33.5, 0), (33.5, 37, 1)])
        + [
          MemoryRegion(start: 37 * block, end: border, node: 2),
          MemoryRegion(start: border, end: 39 * block, node: 2, flags: .hotplug),
        ]
    )
    #expect(machine.initializeTDX().outcome == .ok)
    #expect(machine.add(range(40, 42), node: 2).outcome == .ok)
    let found = machine.runs.flatMap { run in
      (run.first...run.last).map {
        "\($0) \(run.kind.name) \(run.comesBack?.name ?? "-") \(run.isOffline ? "off" : "on")"
      }
    }
    // Node 1's PAMTs are in block 33, which has no zone already, and node 2's in block 37.
    #expect(
      found == [
        "0 multi-zone - on", "1 offlineable ok on", "32 hole - on", "33 multi-node - on",
        "34 offlineable ok on",
        "35 offlineable ok on", "36 offlineable ok on", "37 offlineable one-way on", "38 offlineable ok on",
        "40 offlineable foreign off", "41 offlineable foreign off",
      ]
    )
    let census = BlockCensus(machine)
    #expect(census.total == 11)
    #expect(census.absent == 30 + 1)
    #expect(census.classes.reduce(0) { $0 + $1.blocks } == census.total)
    #expect(census.offline == 2)
    #expect(census.leaving == [.allowed: 5, .oneWay: 1, .foreign: 2])
    #expect(census.staying == [.multiZone: 1, .hole: 1, .multiNode: 1])
  }

  /// Random machines, also huge and strange ones. Expect each block's class to be what the operations say.
  @Test func theSweepSaysWhatTheOperationsSay() throws {
    var random = SplitMix64(seed: 66)
    for round in 0..<120 {
      let described =
        random.oneIn(2) ? TestSupport.Machine.random(using: &random) : .randomSound(using: &random)
      guard let map = try? MemoryMap(described.regions) else { continue }
      var machine = HotplugMachine(
        map,
        convertible: nil,
        blockSize: BlockSize(random.pick([128, 256, 1024, 2048]) * mib)!,
        options: described.options
      )
      if random.oneIn(2) { _ = machine.initializeTDX() }
      var previousEnd: UInt64 = 0
      for run in machine.runs {
        #expect(run.first >= previousEnd && run.count > 0, "round \(round): \(run)")
        previousEnd = run.first + run.count
        // The borders of a run and something between.
        for number in [run.first, run.first + run.count / 2, run.last] {
          var copy = machine
          let left = copy.offline(number)
          #expect(left.outcome == run.kind.outcome, "round \(round): block \(number) of \(run): \(left)")
          guard left.outcome == .ok else { continue }
          let back: HotplugOutcome = run.comesBack == .allowed ? .ok : .notPermitted
          #expect(copy.online(number).outcome == back, "round \(round): block \(number) of \(run)")
        }
        // No block between this run and the next has memory.
        var copy = machine
        if !machine.runs.contains(where: { $0.first == run.last + 1 }) {
          #expect(copy.offline(run.last + 1).outcome == .notFound, "round \(round)")
        }
      }
    }
  }

  /// All memory up to 2^64. Expect a handful of runs, not a step for each of 2^37 blocks.
  @Test func blocksWithoutNumber() throws {
    let machine = try machine([MemoryRegion(start: 0, end: .max - 4095)])
    let runs = machine.runs
    #expect(runs.map(\.kind) == [.multiZone, .offlineable, .hole])
    #expect(BlockCensus(machine).total == 1 << 37)
    #expect(BlockCensus(machine).absent == 0)
  }

  /// Expect bytes of each kind for each node.
  @Test func nodesByWhatTDXMakesOfThem() throws {
    var machine = try machine(
      [(0, 8, 0), (32, 40, 1), (40, 48, 2), (48, 56, 3)],
      cmrs: [range(0, 8), range(32, 36), range(36, 40), range(44, 48)]
    )
    func node(_ number: UInt32) throws -> NodeMemory {
      try #require(machine.nodeMemory().first { $0.node == number })
    }
    // Before TDX initialises the question is what it would take.
    #expect(try node(0).lowBytes == 1 << 20)
    #expect(try node(0).capability == .whole)
    #expect(try node(1).capability == .whole)
    #expect(try node(2).capability == .partly)
    #expect(try node(2).capableBytes == 4 * block)
    #expect(try node(2).reason == "512 MiB outside every CMR")
    #expect(try node(3).capability == NodeMemory.Capability.none)
    #expect(try node(3).sentence == "node 3 is not TDX-capable: 1 GiB outside every CMR")

    machine = try MemoryHotplugTests.machine([(0, 8, 0), (32, 40, 1)])
    #expect(machine.initializeTDX().outcome == .ok)
    #expect(machine.add(range(40, 41), node: 1).outcome == .ok)
    #expect(machine.add(range(48, 50), node: 4).outcome == .ok)
    #expect(try node(1).capability == .partly)
    #expect(try node(1).addedBytes == block)
    #expect(try node(1).offlineBytes == block)
    #expect(try node(4).hasOnlineMemory == false)
    #expect(try node(4).reason == "256 MiB added after the snapshot")
  }

  /// Expect a node whose every block was onlined movable not to be capable.
  @Test func movableMemoryServesNoTD() throws {
    var machine = try machine([(0, 8, 0), (32, 34, 1)])
    for block in [32, 33] as [UInt64] {
      #expect(machine.offline(block).outcome == .ok)
      #expect(machine.online(block, into: .movable).outcome == .ok)
    }
    let node = try #require(machine.nodeMemory().last)
    #expect(node.isMovableOnly)
    #expect(node.capability == NodeMemory.Capability.none)
    #expect(node.reason.contains("ZONE_MOVABLE"))
  }
}
