import RandomNumbers
import TDXMemory
import Testing

@testable import MemoryHotplug

/// Spans follow memory that comes and goes, and blocks are found by stretches: as if all were counted anew.
@Suite struct ZoneSpanTests {
  /// |0000|1111|....|0000|…   blocks of three nodes around 16 MiB and 4 GiB that come and go
  ///
  /// Expect the spans of each node to be those of its memory, after each step.
  @Test func spansFollowMemory() throws {
    for seed in 0..<40 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      var machine = try machine([(0, 4, 0), (6, 7.5, 1), (30, 34, 0), (36, 37, 2)])
      for step in 0..<120 {
        let first = Double(random.below(44))
        let range = range(first, first + Double(1 + random.below(4)))
        switch random.below(4) {
        case 0, 1: _ = machine.add(range, node: random.below(3))
        case 2: _ = machine.remove(range)
        default: for index in Int(first)..<Int(first) + 3 { _ = machine.offline(UInt64(index)) }
        }
        let counted = machine.memory.withUnsafeBufferPointer { ZoneSpans($0) }
        for node in 0..<3 as Range<UInt32> {
          for zone in Zone.ofKernel {
            let (kept, expected) = (
              machine.zones.span(of: zone, node: node), counted.span(of: zone, node: node)
            )
            #expect(kept == expected, "seed \(seed), step \(step), node \(node), \(zone)")
          }
        }
      }
    }
  }

  /// |████|++++ 2^24 blocks ++++|   added, offline, and a block at its end that is brought online
  ///
  /// Expect answers without a step for each block: by blocks this took seconds an operation.
  @Test func hugeRanges() throws {
    var machine = try machine([(0, 40, 0)])
    #expect(machine.offline(35).outcome == .ok)
    #expect(machine.online(35, into: .movable).outcome == .ok)
    let blocks: UInt64 = 1 << 24
    let huge = AddressRange(unchecked: 64 * block, (64 + blocks) * block)
    #expect(machine.add(huge, node: 0).outcome == .ok)
    for index in 0..<2000 as Range<UInt64> {
      #expect(machine.online(64 + blocks - 1 - index).outcome == .ok)
    }
    #expect(machine.zone(of: 64 + blocks - 1) == .movable || machine.zone(of: 64 + blocks - 1) == .normal)
  }
}
