import RandomNumbers
import TDXMemory
import TestSupport
import Testing

/// Plans take different ways for speed: small ones, large ones, nodes that are guessed, several threads, memory of the
/// planner's or of the caller's. Each is held against the slow oracle, to the last byte of every entry, with planners
/// that have just planned something else, or failed to.
@Suite struct PlanWayTests {
  private let ways = PlanWays()

  @discardableResult
  private func expectAllWays(_ machine: Machine, _ name: @autoclosure () -> String) throws -> CopiedPlan {
    let expected = machine.plainPlan()
    for (way, result) in try ways.differences(on: machine, from: PlanWays.Result(expecting: expected)) {
      Issue.record("\(name()), \(way)\n\(machine)\nis planned\n\(result.plan)\nbut Linux plans\n\(expected)")
    }
    return expected
  }

  @Test func everyVector() throws {
    for vector in try PlanVector.all() {
      try expectAllWays(
        Machine(vector.regions, convertible: vector.convertible, vector.options),
        vector.id
      )
    }
  }

  /// Any machine, and machines that fit, in turn: after a failure the next plan is as good as any.
  @Test func randomMachines() throws {
    var outcomes: Set<PlanOutcome> = []
    for seed in 0..<2000 as Range<UInt64> {
      var random = SplitMix64(seed: seed &+ 1 << 40)
      let machine = random.oneIn(2) ? Machine.random(using: &random) : Machine.randomSound(using: &random)
      outcomes.insert(try expectAllWays(machine, "seed \(seed)").outcome)
    }
    #expect(outcomes == Set(PlanOutcome.allCases))
  }

  /// |####:####:##.#:###…|   runs of 1 to 40 regions that touch, holes and node borders between them
  ///
  /// Runs are passed over eight regions at a time, and holes are written sixteen at a time: expect nothing of that
  /// to show, wherever a run starts, ends, leaves its TDMR or changes its node.
  @Test(arguments: [1, 3])
  func runsOfTouchingRegions(nodes: Int) throws {
    var outcomes: Set<PlanOutcome> = []
    for seed in 0..<400 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let machine = touching(nodes: nodes, using: &random)
      outcomes.insert(try expectAllWays(machine, "seed \(seed)").outcome)
    }
    #expect(outcomes.contains(.ok) && outcomes.contains(.noSpace))
  }

  private func touching(nodes: Int, using random: inout SplitMix64) -> Machine {
    var regions: [MemoryRegion] = []
    var position: UInt64 = random.pick([1 << 20, 1 << 30, (4 << 30) - (100 << 20), 4 << 30])
    position += random.below(16 as UInt64) << 12
    var node: UInt32 = 0
    let size = random.pick([4, 16, 100] as [UInt64]) << 20
    for _ in 0..<(1 + random.below(12)) {
      for _ in 0..<random.pick([1, 2, 7, 8, 9, 15, 16, 17, 24, 40]) {
        let bytes = random.oneIn(4) ? size + 4096 : size
        regions.append(
          MemoryRegion(
            start: position,
            end: position + bytes,
            node: node,
            flags: random.oneIn(2) ? .mirror : []
          )
        )
        position += bytes
        // Inside a run, too.
        if random.oneIn(20) { node = UInt32(random.below(nodes)) }
      }
      position += random.pick([0, 1, 1, 1, 300] as [UInt64]) << 12
      if random.oneIn(3) { node = UInt32(random.below(nodes)) }
      if random.oneIn(8) { position = (position >> 30 + 1) << 30 }
    }
    let limits = ModuleLimits(
      maxTDMRs: random.pick([64, 64, .max]),
      maxReserved: random.pick([3, 8, 16, 26, 27, 28, 29, 60, .max])
    )
    return Machine(
      regions,
      convertible: [AddressRange(unchecked: 0, 1 << 46)],
      PlanOptions(
        policy: random.oneIn(5) ? .linuxCMR : .linux,
        placement: random.pick(Placement.allCases),
        dynamicPAMT: random.oneIn(2),
        limits: limits
      )
    )
  }

  /// |#.#.#.…|:::::|   n holes, then regions that touch to the TDMR's end, and the PAMT in the last of them
  ///
  /// Expect every number of areas to fit exactly where the limit is that number, and one less to fail, with the bytes
  /// behind the last area zero although a larger plan was there.
  @Test func everyNumberOfAreas() throws {
    for holes in 0..<70 as Range<UInt64> {
      var regions = (0..<holes).map {
        MemoryRegion(start: 5 << 30 | $0 << 13, end: 5 << 30 | $0 << 13 | 4096)
      }
      let rest: UInt64 = 5 << 30 | holes << 13
      regions += [
        MemoryRegion(start: rest, end: rest + 4096),
        MemoryRegion(start: rest + 4096, end: 6 << 30, flags: .mirror),
      ]
      for limit in [holes, holes + 1, holes + 2, .max] {
        let plan = try expectAllWays(
          Machine(regions, PlanOptions(placement: .bottom, limits: ModuleLimits(maxReserved: limit))),
          "\(holes) holes, at most \(limit) areas"
        )
        #expect(plan.outcome == (limit > holes ? .ok : .noSpace))
      }
    }
  }

  /// A plan with many areas, one that fails behind it, and one with few, again and again. Expect no area of an
  /// earlier one in the entries of a later one.
  @Test func plansAfterOthers() throws {
    for seed in 0..<60 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let size = random.pick([8, 16, 32] as [UInt64]) << 20
      let full = (0..<(1 << 30) / size * 3).map { index in
        let start = 4 << 30 + index * size
        return MemoryRegion(start: start, end: start + size - 4096, node: UInt32(start >> 30))
      }
      let holes = UInt64(1 << 30) / size
      let many = ModuleLimits(maxReserved: holes + 2)
      try expectAllWays(Machine(full, PlanOptions(placement: .top, limits: many)), "full, seed \(seed)")
      let few = ModuleLimits(maxReserved: random.below(holes + 1))
      let failed = try expectAllWays(Machine(full, PlanOptions(placement: .top, limits: few)), "failed")
      #expect(failed.outcome == .noSpace)
      let sparse = full.filter { _ in random.oneIn(3) }
      try expectAllWays(
        Machine(sparse, PlanOptions(placement: .bottom, limits: many)),
        "sparse, seed \(seed)"
      )
      try expectAllWays(Machine([MemoryRegion(start: 4 << 30, end: 6 << 30)]), "one region")
    }
  }

  /// |#####|   under CMRs of a page each with holes of a page, many of them without memory; then one CMR
  ///
  /// Expect nothing of the many holes in the plan after the one that fails.
  @Test func failuresUnderManyCMRs() throws {
    for count in [1, 20, 40, 100] as [UInt64] {
      for odd in [0, 1] as [UInt64] {
        let regions = [MemoryRegion(start: 1 << 30, end: 1 << 30 + 64 << 20)]
        let memory = AddressRange(unchecked: 1 << 30, 1 << 30 + 64 << 20)
        let pages = (0..<count).map {
          AddressRange(unchecked: 1 << 30 + 128 << 20 + $0 << 13, 1 << 30 + 128 << 20 + $0 << 13 + 4096)
        }
        let last = AddressRange(unchecked: (2 << 30) - 4096, (2 << 30) - odd)
        for limit in [16, 30, count + 2, .max] {
          let options = PlanOptions(policy: .linuxCMR, limits: ModuleLimits(maxReserved: limit))
          try expectAllWays(Machine(regions, convertible: [memory] + pages + [last], options), "\(count)")
          try expectAllWays(Machine(regions, convertible: [memory], options), "one CMR")
        }
      }
    }
  }

  /// Nodes that differ where the regions that open TDMRs do not tell: |0:1:0|, and |0|1|0|1| between two of one node.
  ///
  /// Expect a wrong guess to be noticed, wherever the one region lies.
  @Test func nodesThatCannotBeGuessed() throws {
    for place in 0..<64 {
      for placement in Placement.allCases {
        let regions = (0..<64 as Range<UInt64>).map { index in
          let start = 4 << 30 + index << 28
          return MemoryRegion(start: start, end: start + 1 << 28 - 4096, node: index == place ? 1 : 0)
        }
        let options = PlanOptions(placement: placement, limits: ModuleLimits(maxReserved: 60))
        try expectAllWays(Machine(regions, options), "node 1 at \(place), \(placement)")
      }
    }
  }

  /// |#.#.#|#.#|   the same machine under limits that fall, and then rise
  ///
  /// Expect each plan to be held against its own limit, although every entry is as long as the one that was there before.
  @Test func sameEntriesUnderOtherLimits() throws {
    let regions = [0, 2, 4, 6, 8, 40, 42].map { (place: UInt64) in
      MemoryRegion(start: 4 << 30 + place << 25, end: 4 << 30 + place << 25 + 1 << 25)
    }
    var outcomes: [PlanOutcome] = []
    for limit in Array((0...8 as ClosedRange<UInt64>).reversed()) + Array(0...8) {
      for placement in Placement.allCases {
        let options = PlanOptions(placement: placement, limits: ModuleLimits(maxReserved: limit))
        outcomes.append(
          try expectAllWays(Machine(regions, options), "at most \(limit), \(placement)").outcome
        )
      }
    }
    #expect(Set(outcomes) == [.ok, .noSpace])
  }

  /// CMRs of every shape under several threads: |CMR|.|CMR|…, cut at TDMR borders or across them.
  @Test func convertibleMemoryOnSeveralThreads() throws {
    for seed in 0..<150 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      var cmrs: [AddressRange] = []
      var position: UInt64 = 1 << 30
      for _ in 0..<(1 + random.below(12)) {
        let end = position + random.pick([1, 3, 8] as [UInt64]) << 28
        cmrs.append(AddressRange(unchecked: position, random.oneIn(30) ? end + 1 : end))
        position = end + random.pick([0, 1, 2, 4] as [UInt64]) << 28 + 4096 * random.below(2)
      }
      let regions = cmrs.flatMap { cmr in
        stride(from: cmr.start.roundedUp(to: 4096)!, to: cmr.end.roundedDown(to: 4096), by: 64 << 20).map {
          MemoryRegion(start: $0, end: min($0 + 60 << 20, cmr.end.roundedDown(to: 4096)))
        }
      }
      let options = PlanOptions(
        policy: .linuxCMR,
        limits: ModuleLimits(maxReserved: random.pick([6, 16, 40]))
      )
      try expectAllWays(Machine(regions, convertible: cmrs, options), "seed \(seed)")
    }
  }
}
