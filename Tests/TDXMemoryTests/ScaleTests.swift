import RandomNumbers
import TDXMemory
import TestSupport
import Testing

/// Machines larger than any, so that the structures behind the placements have more than one level, and anything
/// quadratic is felt.
@Suite struct ScaleTests {
  private let raised = ModuleLimits(maxTDMRs: .max, maxReserved: .max)

  /// Fragmented nodes, TDMRs of different sizes, and PAMTs that compete for the same memory: large ones after small
  /// ones and the other way round, on nodes that run out.
  @Test(arguments: Placement.allCases)
  func manyPAMTsOfManySizes(placement: Placement) throws {
    let planners = [Planner(), Planner(.withTrees)]
    var outcomes: Set<PlanOutcome> = []
    for seed in 0..<40 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let machine = fragmented(placement, using: &random)
      let expected = machine.plainPlan()
      for planner in planners {
        let plan = try machine.plan(planner: planner)
        #expect(plan == expected, "seed \(seed), \(placement), \(machine.regions.count) regions")
        outcomes.insert(plan.outcome)
      }
    }
    #expect(outcomes == [.ok, .noMemory])
  }

  /// Hundreds of TDMRs of 1 to 7 GiB on a few nodes. Much of the memory is in pieces around the size of a PAMT.
  private func fragmented(_ placement: Placement, using random: inout SplitMix64) -> Machine {
    var regions: [MemoryRegion] = []
    var position: UInt64 = random.pick([1 << 20, 3 << 30, 4 << 30])
    let nodes = random.pick([1, 2, 7])
    let dynamic = random.oneIn(2)
    let pamt: UInt64 = dynamic ? 11 << 12 : 1027 << 12
    let scarce = random.oneIn(2)
    for _ in 0..<(50 + random.below(250)) {
      let node = UInt32(random.below(nodes))
      var size = (pamt >> 12) * random.pick(scarce ? [1, 1, 1, 2] : [1, 1, 2, 3, 5, 9]) << 12
      size = size &+ random.pick([0, 0, 4096, 0 &- 4096])
      if !scarce, random.oneIn(20) { size += 64 << 20 }
      regions.append(MemoryRegion(start: position, end: position + size, node: node))
      position += size
      // Touching, in the same GiB, or GiBs further on.
      if random.oneIn(3) { position += random.pick([1, 50, 4000] as [UInt64]) << 12 }
      if scarce || random.oneIn(2) {
        position = (position >> 30 + 1 + random.below(2)) << 30 - random.below(4) << 12
      }
    }
    return Machine(regions, PlanOptions(placement: placement, dynamicPAMT: dynamic, limits: raised))
  }

  /// 1000 regions under raised limits, against the oracle: |#.#.#.…|, of 300 MiB, nodes in turn.
  @Test(arguments: Placement.allCases)
  func aThousandRegions(placement: Placement) throws {
    let machine = Machine(
      evenly(1000, every: 400 << 20, size: 300 << 20, nodes: 5),
      convertible: [AddressRange(unchecked: 0, 1 << 41)],
      PlanOptions(policy: placement == .top ? .linuxCMR : .linux, placement: placement, limits: raised)
    )
    let plan = try machine.plan()
    #expect(plan == machine.plainPlan(), "\(placement)")
    #expect(plan.outcome == .ok)
  }

  /// 60 TDMRs whose PAMTs ascend by the top byte of their addresses and descend by all the others. Expect every
  /// byte to count where PAMTs are sorted, though a module refuses such addresses.
  @Test func everyByteOfAnAddressCounts() throws {
    let regions = (1...60 as ClosedRange<UInt64>).map { index in
      let start = index << 56 + (60 - index) * (0x01_0101 << 30)
      return MemoryRegion(start: start, end: start + 1 << 30, node: UInt32(index))
    }
    let machine = Machine(regions, PlanOptions(placement: .bottom))
    let plan = try machine.plan()
    #expect(plan == machine.plainPlan())
    #expect(plan.tdmrs.allSatisfy { $0.reserved == [[0, 1027 << 12]] })
  }

  /// 100 000 regions on one node or on as many nodes, under raised limits. Expect a plan, soon.
  @Test(arguments: Placement.allCases, [1, 100_000])
  func aHundredThousandRegions(placement: Placement, nodes: Int) throws {
    let regions = evenly(100_000, every: 1 << 30, size: 1 << 29, nodes: nodes)
    let planner = Planner()
    try withPlan(of: regions, PlanOptions(placement: placement, limits: raised), planner) { plan in
      #expect(plan.outcome == .ok)
      #expect(plan.tdmrs.count == 100_000)
      #expect(plan.pamtBytes == 100_000 * (1027 << 12))
    }
    // A small machine after a large one.
    let small = Machine(Array(regions.prefix(3)), PlanOptions(placement: placement))
    #expect(try small.plan(planner: planner) == small.plainPlan())
  }

  /// 100 000 TDMRs with their PAMTs in one of them. Expect the module's rules to accept them, soon, and to refuse the
  /// last of them where it ends a page after the CMR.
  @Test func aVerdictOnAHundredThousandTDMRs() throws {
    let regions = evenly(100_000, every: 1 << 30, size: 1 << 30, nodes: 1)
    let options = PlanOptions(placement: .bottom, dynamicPAMT: true, limits: raised)
    try withPlan(of: regions, options, Planner()) { plan in
      var slot = ConvertibleRegionSlot(base: 1 << 30, size: 100_000 << 30)
      let rules = ModuleRules()
      func verdict() -> ModuleVerdict {
        withUnsafePointer(to: slot) {
          let cmrs = UnsafeBufferPointer(start: $0, count: 1)
          return rules.verdict(
            on: ModuleConfiguration(
              tdmrs: plan.tdmrs,
              cmrs: cmrs,
              keyIDBits: 4,
              dynamicPAMT: true,
              limits: raised
            )
          )
        }
      }
      #expect(verdict().isAccepted)
      slot.size -= 4096
      #expect(verdict().refusal == .tdmrOutsideCMRs(99_999))
    }
  }

  private func withPlan(
    of regions: [MemoryRegion],
    _ options: PlanOptions,
    _ planner: Planner,
    _ body: (Plan) throws -> Void
  ) throws {
    let map = try MemoryMap(regions)
    let none = UnsafeBufferPointer<AddressRange>(start: nil, count: 0)
    try map.withRegions { regions in
      let bytes = Planner.requiredBytes(regions, convertible: none, options: options)
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: TDMRInfo.alignment)
      defer { buffer.deallocate() }
      try body(planner.plan(regions, convertible: none, options: options, into: buffer))
    }
  }

  /// 100 000 small regions in few TDMRs: |#.#.#.…| of 16 pages each. Expect as many holes as regions.
  @Test func aHundredThousandHoles() throws {
    let regions =
      evenly(100_000, every: 32 << 12, size: 16 << 12, nodes: 1)
      + [MemoryRegion(start: 100 << 30, end: 200 << 30)]
    let plan = try TestSupport.plan(regions, PlanOptions(placement: .top, limits: raised))
    #expect(plan.outcome == .ok)
    #expect(plan.tdmrs.map(\.reserved.count).reduce(0, +) > 100_000)
  }

  /// |#..#..#..|
  private func evenly(_ count: Int, every step: UInt64, size: UInt64, nodes: Int) -> [MemoryRegion] {
    (0..<count).map { index in
      let start = 1 << 30 + UInt64(index) * step
      return MemoryRegion(start: start, end: start + size, node: UInt32(index % nodes))
    }
  }
}
