import CReferencePeer
import RandomNumbers
import ReferencePeer
import TDXMemory
import TestSupport
import Testing

/// The peer is worth measuring against only where it is right: the same vectors, and the planner's own bytes.
@Suite struct ReferencePeerTests {
  @Test func everyPlanOfLinux() throws {
    let vectors = try PlanVector.all()
    #expect(vectors.count == 600)
    for vector in vectors {
      let peer = ReferencePeer(
        try MemoryMap(vector.regions),
        convertible: vector.convertible,
        options: vector.options
      )
      let plan = peer.plan()
      let tdmrs = zip(peer.tdmrs(of: plan), peer.nodes(of: plan)).map { PlanVector.TDMR($0, node: $1) }
      #expect(plan.outcome == vector.outcome, "\(vector.id)")
      #expect(tdmrs == vector.tdmrs ?? [], "\(vector.id)")
      #expect(plan.pamt_bytes / 1024 == vector.pamtKiB ?? 0, "\(vector.id)")
    }
  }

  /// Any machine at all, each planned twice: nothing of the first plan may show in the second.
  @Test func randomMachinesAsThePlanner() throws {
    var outcomes: Set<PlanOutcome> = []
    for seed in 0..<2000 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let machine = seed % 2 == 0 ? Machine.random(using: &random) : Machine.randomSound(using: &random)
      outcomes.insert(try expectThePlannersBytes(machine, "seed \(seed)"))
    }
    #expect(outcomes == Set(PlanOutcome.allCases))
  }

  /// Hundreds of TDMRs whose PAMTs compete, on nodes that run out: |#..#.#...|, under raised limits.
  @Test(arguments: Placement.allCases)
  func manyTDMRs(placement: Placement) throws {
    var outcomes: Set<PlanOutcome> = []
    for seed in 0..<8 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      var position: UInt64 = random.pick([1 << 20, 3 << 30, 4 << 30])
      var regions: [MemoryRegion] = []
      for _ in 0..<(50 + random.below(250)) {
        // Around the 1027 pages that the PAMT of a GiB takes.
        let size = random.pick([1026, 1027, 1028, 2054, 20_000] as [UInt64]) << 12
        regions.append(MemoryRegion(start: position, end: position + size, node: UInt32(random.below(5))))
        position += size
        if random.oneIn(3) { position = (position >> 30 + 1) << 30 - random.below(4) << 12 }
        if random.oneIn(4) { position += random.pick([1, 50, 4000] as [UInt64]) << 12 }
      }
      let limits = ModuleLimits(maxTDMRs: .max, maxReserved: .max)
      let machine = Machine(regions, PlanOptions(placement: placement, limits: limits))
      outcomes.insert(try expectThePlannersBytes(machine, "seed \(seed), \(placement)"))
    }
    #expect(outcomes.contains(.ok))
  }

  /// Holds the peer against the planner: outcome, nodes, PAMT bytes, and every entry byte for byte.
  private func expectThePlannersBytes(_ machine: Machine, _ comment: Comment) throws -> PlanOutcome {
    let map = try MemoryMap(machine.regions)
    let peer = ReferencePeer(map, convertible: machine.convertible, options: machine.options)
    _ = peer.plan()
    let found = peer.plan()
    try withPlan(of: map, machine) { plan in
      #expect(found.outcome == plan.outcome, "\(comment)\n\(machine)")
      #expect(found.pamt_bytes == plan.pamtBytes, "\(comment)\n\(machine)")
      #expect(peer.nodes(of: found).elementsEqual(plan.nodes), "\(comment)\n\(machine)")
      let entries = peer.tdmrs(of: found)
      #expect(entries.count == plan.tdmrs.count, "\(comment)\n\(machine)")
      for (one, other) in zip(entries, plan.tdmrs) {
        #expect(haveSameBytes(one, other), "\(comment)\n\(machine)")
      }
    }
    return found.outcome
  }

  /// Entries of different sizes are equal where the longer one goes on with unused slots.
  private func haveSameBytes(_ one: TDMRInfo, _ other: TDMRInfo) -> Bool {
    let common = min(one.bytes.count, other.bytes.count)
    return one.bytes.prefix(common).elementsEqual(other.bytes.prefix(common))
      && [one, other].allSatisfy { $0.bytes.dropFirst(common).allSatisfy { $0 == 0 } }
  }

  private func withPlan(of map: MemoryMap, _ machine: Machine, _ body: (Plan) -> Void) throws {
    map.withRegions { regions in
      machine.convertible.withUnsafeBufferPointer { cmrs in
        let bytes = Planner.requiredBytes(regions, convertible: cmrs, options: machine.options)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: TDMRInfo.alignment)
        defer { buffer.deallocate() }
        // The plan's views are of the planner, too.
        withExtendedLifetime(Planner()) { planner in
          body(planner.plan(regions, convertible: cmrs, options: machine.options, into: buffer))
        }
      }
    }
  }
}
