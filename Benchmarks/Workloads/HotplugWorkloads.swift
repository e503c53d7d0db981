import BenchmarkKit
import CSnapshotWalk
import MemoryHotplug
import RandomNumbers
import TDXMemory

// Hotplug on a machine of 64 TiB with 2^20 regions, which is also a snapshot of 2^20 entries. Questions about ranges take
// the time of a few cache misses each, whatever the size of the snapshot, where Linux walks its list; the sweep over all
// blocks costs about as much as a read of the map. A surprise to look for: queries that slow down with the size of the
// snapshot, beyond what the caches explain; and a sweep that costs more than three times the plan of the same map, which
// is beside it and shares its peers, so that the two stand side by side in every round.

func hotplugWorkloads() -> [Workload] {
  let map = BenchmarkMap.blocks64TiB
  return [
    .queries(65_536, why: "Is a range TDX memory: 2^16 questions to 2^20 entries."),
    .queries(
      16,
      hasWalk: true,
      why: "16 of them beside the walk of a list that Linux makes, which takes milliseconds for each."
    ),
    .blocks(map, why: "The class of all 32,768 blocks, half of them with holes, half one-way: one sweep."),
    .construct(
      map,
      "top",
      options: PlanOptions(placement: .top),
      why: "The plan of the same map, which the sweep is held against.",
      hasReference: false
    ),
  ]
}

extension BenchmarkMap {
  /// 2^20 regions of 64 MiB on 8 nodes: in a block of 2 GiB with an even number each is followed by a hole of 4 MiB, in
  /// one with an odd number they touch and differ in a flag.
  static let blocks64TiB: BenchmarkMap = {
    let count = 1 << 20
    return BenchmarkMap(
      name: "blocks-64tib",
      regionCount: count,
      regions: {
        (0..<UInt64(count)).map { index in
          let start = index << 26
          let isOdd = index >> 5 & 1 == 1
          return MemoryRegion(
            start: start,
            end: start + (isOdd ? 64 : 60) << 20,
            node: UInt32(index >> 17),
            flags: isOdd && index & 1 == 1 ? .hotplug : []
          )
        }
      },
      limits: ModuleLimits(maxTDMRs: 1 << 20, maxReserved: 1 << 10),
      // Every GiB is a TDMR: 16 regions. Those of even blocks have 16 holes, and the very first MiB is one. With PAMTs
      // from the top none lies across regions, so each is in one TDMR.
      expected: Expected(tdmrs: 65_536, reservedAreas: 32_768 * 16 + 1 + 65_536, pamtKiB: 65_536 * 4108)
    )
  }()
}

extension Workload {
  /// Asks about ranges.
  ///
  /// - Parameter hasWalk: whether the walk of a list goes along.
  fileprivate static func queries(_ count: Int, hasWalk: Bool = false, why: String) -> Workload {
    let bytes = count * MemoryLayout<AddressRange>.stride
    let name = "hotplug/query/snapshot-1e6" + (hasWalk ? "/\(count)-ranges" : "")
    return Workload(
      name,
      why: why,
      itemsPerCall: count,
      bytesPerCall: bytes,
      peers: (hasWalk ? [.walk(count, of: name)] : []) + Peer.memory(bytes: bytes),
      runsOnThreads: !hasWalk
    ) {
      let questions = SnapshotQuestions(count)
      return Subject(call: questions.ask) { _ in questions.complaint() }
    }
  }

  /// Classifies every block.
  fileprivate static func blocks(_ map: BenchmarkMap, why: String) -> Workload {
    let bytes = map.regionCount * MemoryLayout<MemoryRegion>.stride
    return Workload(
      "hotplug/blocks/64tib-1e6",
      why: why,
      itemsPerCall: map.regionCount,
      bytesPerCall: bytes,
      peers: Peer.memory(bytes: bytes),
      runsOnThreads: true
    ) {
      var machine = HotplugMachine(
        try MemoryMap(map.regions()),
        convertible: nil,
        blockSize: BlockSize(memoryEnd: 1 << 46),
        options: PlanOptions(placement: .top, limits: map.limits)
      )
      _ = machine.initializeTDX()
      let expected = BlockTally(asking: machine)
      return Subject(call: { [machine] in BlockTally(sweeping: machine) }) { found in
        found == expected ? nil : "expected \(expected), got \(found)"
      }
    }
  }
}

extension Peer {
  /// The same questions, answered by walking a list.
  fileprivate static func walk(_ count: Int, of workload: String) -> Peer {
    Peer(.reference, "reference/\(workload)") {
      let questions = SnapshotQuestions(count)
      let walk = ListWalk(questions.snapshot)
      let ranges = questions.ranges.map { walk_range(start: $0.start, end: $0.end) }
      return Subject(call: { walk.count(ranges) }) { inside in
        inside == questions.expected[Int(SnapshotAnswer.entry.rawValue)]
          ? nil : "the walk finds \(inside) ranges inside one entry"
      }
    }
  }
}

/// Questions to a snapshot of 2^20 entries, with their answers.
private final class SnapshotQuestions {
  let snapshot: TDXSnapshot
  let ranges: [AddressRange]
  /// How many ranges have each answer, found by going through the entries in their order.
  let expected: [Int]
  private let answers: UnsafeMutableBufferPointer<UInt8>

  init(_ count: Int) {
    let map = BenchmarkMap.blocks64TiB.regions()
    snapshot = map.withUnsafeBufferPointer { TDXSnapshot($0) }
    var random = SplitMix64(seed: 6)
    ranges = (0..<count).map { _ in
      // From 4 KiB to 256 MiB, anywhere and a little beyond.
      let start = (random.next() >> 18 + random.next() >> 24) & ~4095
      return AddressRange(unchecked: start, start + 4096 << (random.next() % 17))
    }
    answers = .allocate(capacity: count)
    answers.initialize(repeating: 0)
    expected = Self.tally(ranges, map)
  }

  deinit { answers.deallocate() }

  func ask() {
    ranges.withUnsafeBufferPointer { snapshot.answer($0, into: answers) }
  }

  func complaint() -> String? {
    var found = [Int](repeating: 0, count: 4)
    for answer in answers { found[Int(answer)] += 1 }
    return found == expected ? nil : "expected \(expected), got \(found)"
  }

  /// The definitions, range by range in the order of their starts.
  private static func tally(_ ranges: [AddressRange], _ map: [MemoryRegion]) -> [Int] {
    var tally = [Int](repeating: 0, count: 4)
    var first = 0
    for range in ranges.sorted(by: { $0.start < $1.start }) {
      while first < map.count, map[first].end <= range.start { first += 1 }
      var covered: UInt64 = 0
      var entries = 0
      var index = first
      while index < map.count, map[index].start < range.end {
        let start = max(map[index].start, lowMemoryEnd)
        if let common = AddressRange(unchecked: start, map[index].end).intersection(range) {
          covered += common.size
          entries += 1
        }
        index += 1
      }
      tally[covered == 0 ? 0 : covered < range.size ? 1 : entries > 1 ? 2 : 3] += 1
    }
    return tally
  }
}

/// The list that the C peer walks.
private final class ListWalk {
  private let list: OpaquePointer

  init(_ snapshot: TDXSnapshot) {
    let entries = (0..<snapshot.count).map { walk_range(start: snapshot[$0].start, end: snapshot[$0].end) }
    guard let list = snapshot_walk_create(entries, entries.count) else { fatalError("out of memory") }
    self.list = list
  }

  deinit { snapshot_walk_destroy(list) }

  func count(_ ranges: [walk_range]) -> Int { snapshot_walk_count(list, ranges, ranges.count) }
}

/// How many blocks may go offline, may not, and never come back.
private struct BlockTally: Equatable {
  var offlineable: UInt64 = 0
  var busy: UInt64 = 0
  var invalid: UInt64 = 0
  var oneWay: UInt64 = 0

  /// By one sweep.
  init(sweeping machine: HotplugMachine) {
    var tally = (offlineable: UInt64(0), busy: UInt64(0), invalid: UInt64(0), oneWay: UInt64(0))
    machine.forEachBlockRun { run in
      switch run.kind {
      case .offlineable: tally.offlineable += run.count
      case .pinned: tally.busy += run.count
      case .multiNode, .multiZone, .hole: tally.invalid += run.count
      }
      if run.isOneWay { tally.oneWay += run.count }
    }
    (offlineable, busy, invalid, oneWay) = tally
  }

  /// By trying each block.
  init(asking machine: HotplugMachine) {
    var machine = machine
    for block in 0..<(UInt64(1) << 46 / machine.blockSize.bytes) {
      switch machine.offline(block).outcome {
      case .ok:
        offlineable += 1
        if machine.online(block).outcome == .notPermitted { oneWay += 1 }
      case .busy: busy += 1
      default: invalid += 1
      }
    }
  }
}
