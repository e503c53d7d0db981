import RandomNumbers
import TDXMemory
import TestSupport
import Testing

/// What holds for the policy `optimal` on any machine.
@Suite struct OptimalPropertyTests {
  private let planner = OptimalPlanner()

  @Test func neverWorseThanLinuxOnAnyVector() throws {
    var compared = 0
    for vector in try PlanVector.all() {
      let machine = Machine(vector.regions, convertible: vector.convertible, vector.options)
      compared += try expectNeverWorseThanAnyLinux(machine, "\(vector.id)")
    }
    for vector in try OptimalVector.all() {
      compared += try expectNeverWorseThanAnyLinux(vector.machine, "\(vector.id)")
    }
    #expect(compared > 1200)
  }

  /// The short way of real machines against the general one: the same plans to the byte, on vectors and on random machines
  /// with and without CMRs, of many nodes and shared GiBs among them. Both keep their planner from plan to plan.
  @Test func shortWayMakesTheGeneralPlans() throws {
    let general = OptimalPlanner(triesRuns: false)
    for vector in try OptimalVector.all() { try expectSamePlan(vector.machine, general, vector.id) }
    for vector in try PlanVector.all() {
      let machine = Machine(vector.regions, convertible: vector.convertible, vector.options)
      try expectSamePlan(machine, general, "\(vector.id)")
    }
    for seed in 0..<(_isDebugAssertConfiguration() ? 6000 : 60000 as UInt64) {
      var random = SplitMix64(seed: seed)
      var machine = seed % 4 == 0 ? Machine.random(using: &random) : Machine.randomSound(using: &random)
      if seed % 3 == 0 { machine.convertible = [] }
      try expectSamePlan(machine, general, "seed \(seed)")
    }
  }

  private func expectSamePlan(_ machine: Machine, _ general: OptimalPlanner, _ name: String) throws {
    var options = machine.options
    options.policy = .optimal
    try MemoryMap(machine.regions).withRegions { regions in
      machine.convertible.withUnsafeBufferPointer { cmrs in
        func bytes(_ plan: Plan) -> [[UInt8]] { plan.tdmrs.map { Array($0.bytes) } }
        let (one, other) = (
          planner.plan(regions, convertible: cmrs, options: options),
          general.plan(regions, convertible: cmrs, options: options)
        )
        #expect(bytes(one) == bytes(other), "\(name)\n\(machine)")
        #expect(Array(one.nodes) == Array(other.nodes), "\(name)")
        #expect(one.pamtBytes == other.pamtBytes && one.proved == other.proved, "\(name)")
        #expect(one.outcome == other.outcome && one.obstacle == other.obstacle, "\(name)")
      }
    }
  }

  /// With both of Linux's policies, and wherever PAMTs land.
  ///
  /// - Returns: how many plans Linux has.
  private func expectNeverWorseThanAnyLinux(_ machine: Machine, _ name: String) throws -> Int {
    var compared = 0
    for policy in Policy.ofLinux {
      for placement in Placement.allCases {
        var machine = machine
        machine.options.policy = policy
        machine.options.placement = placement
        compared += try expectNeverWorse(machine, "\(name), \(policy), \(placement)") ? 1 : 0
      }
    }
    return compared
  }

  /// Machines of every kind, address borders and spoiled CMRs among them: never worse than Linux, and every plan sound.
  @Test(arguments: 0..<4)
  func neverWorseThanLinuxOnRandomMachines(part: Int) throws {
    let count = _isDebugAssertConfiguration() ? 800 : 4000
    var compared = 0
    for index in 0..<count {
      let seed = UInt64(part * count + index)
      var random = SplitMix64(seed: seed)
      let machine = seed % 2 == 0 ? Machine.random(using: &random) : Machine.randomSound(using: &random)
      compared += try expectNeverWorse(machine, "seed \(seed)") ? 1 : 0
    }
    #expect(compared > count / 8)
  }

  /// Holds the optimal plan against that of Linux where the module would accept Linux's.
  ///
  /// - Returns: whether Linux has such a plan.
  private func expectNeverWorse(_ machine: Machine, _ name: @autoclosure () -> String) throws -> Bool {
    var machine = machine
    // `linux` knows no CMRs: neither does the optimal plan beside it.
    if machine.options.policy == .linux { machine.convertible = [] }
    let optimal = try machine.optimalPlan(planner)
    if !optimal.complaints.isEmpty {
      Issue.record("\(name()): \(optimal.complaints)\n\(machine)\n\(optimal)")
    }
    let isAsked = machine.options.policy == .linuxCMR
    let linux = try machine.plan(keyIDBits: isAsked ? (machine.options.dynamicPAMT ? 4 : 0) : nil)
    guard linux.outcome == .ok, !isAsked || linux.verdict?.isAccepted == true else { return false }
    let isWorse =
      optimal.outcome != .ok || optimal.pamtBytes > linux.pamtBytes
      || optimal.pamtBytes == linux.pamtBytes && optimal.tdmrs.count > linux.tdmrs.count
    let areas = linux.tdmrs.reduce(0) { $0 + $1.reserved.count }
    let isWorseInAreas =
      optimal.pamtBytes == linux.pamtBytes && optimal.tdmrs.count == linux.tdmrs.count
      && optimal.areas > areas
    if isWorse || isWorseInAreas {
      Issue.record("\(name())\n\(machine)\nis planned worse than by Linux\n\(optimal)\n\(linux)")
    }
    return true
  }

  /// PAMTs of a page for each TDMR, and islands of a page or two beside the holes: where they do not fit.
  ///
  /// |  1 GiB of memory without a hole  |  hole | island | gap that is convertible | memory … |
  @Test func pamtsThatDoNotFitBesideHoles() throws {
    let gib = 1 << 30 as UInt64
    for pages in 1...6 as ClosedRange<UInt64> {
      for limit in 0...3 as ClosedRange<UInt64> {
        // Three GiBs far apart, in each: a hole, an island, then 512 MiB of memory behind a convertible gap.
        let bases = [4, 8, 12].map { $0 * gib }
        let regions = bases.flatMap { base in
          [
            MemoryRegion(start: base + 4096, end: base + 4096 + pages * 4096),
            MemoryRegion(start: base + gib / 2, end: base + gib),
          ]
        }
        let options = PlanOptions(
          policy: .optimal,
          limits: ModuleLimits(
            maxReserved: limit,
            pamtEntryBytes: PAMTEntryBytes(page4K: 0, page2M: 8, page1G: 16)
          )
        )
        let cmrs = bases.map { AddressRange(unchecked: $0 + 4096, $0 + gib) }
        let plan = try Machine(regions, convertible: cmrs, options).optimalPlan(planner)
        #expect(plan.complaints == [])
        // Each TDMR has a page of each of two levels: 6 pages, and 3 x `pages` of them fit beside holes. The others
        // lie behind an island that PAMTs fill, so that their area joins the hole's.
        switch limit {
        case 0: #expect(plan.outcome == .noSpace)
        case 1: #expect(plan.outcome == (pages >= 2 ? .ok : .noSpace), "\(pages) pages")
        default: #expect(plan.areas == 3, "\(pages) pages")
        }
        if plan.outcome == .ok { #expect(plan.proved == true, "\(pages) pages, \(limit) areas") }
      }
    }
  }

  /// What is short where there is no plan: areas and TDMRs are only where they are short whatever room PAMTs have.
  @Test func outcomesWherePAMTsHaveNoRoom() throws {
    let gib = 1 << 30 as UInt64
    let mib = 1 << 20 as UInt64
    func outcome(_ regions: [(UInt64, UInt64)], tdmrs: UInt64, areas: UInt64) throws -> PlanOutcome {
      let convertible = [AddressRange(unchecked: 3 * gib, 8 * gib)]
      let options = PlanOptions(policy: .optimal, limits: ModuleLimits(maxTDMRs: tdmrs, maxReserved: areas))
      return try Machine(
        regions.map { MemoryRegion(start: $0.0, end: $0.0 + $0.1) },
        convertible: convertible,
        options
      ).optimalPlan(planner).outcome
    }
    // One TDMR over 3 GiB: its 4K level is 12 MiB, the memory 5 MiB. With two TDMRs it is 2 x 4 MiB, too much still.
    let apart = [(3 * gib, 5 * mib), (5 * gib, 4096 as UInt64)]
    #expect(try outcome(apart, tdmrs: 1, areas: 16) == .noMemory)
    #expect(try outcome(apart, tdmrs: 64, areas: 16) == .noMemory)
    // No area for PAMTs, and no room either: the room is what is short.
    #expect(try outcome(apart, tdmrs: 64, areas: 0) == .noMemory)
    // Room, but no area.
    #expect(try outcome([(3 * gib, gib)], tdmrs: 64, areas: 0) == .noSpace)
    // No TDMR at all: nothing of this is a matter of room.
    #expect(try outcome(apart, tdmrs: 0, areas: 16) == .noSpace)
  }

  /// Where memory is in small pieces, TDMRs are as small as their PAMTs must be.
  ///
  /// 8 GiB of 8 MiB every 9 MiB: the 4K level of 1 GiB takes 4 MiB, of 3 GiB 12 MiB.
  @Test func pamtsInSmallPieces() throws {
    let mib = 1 << 20 as UInt64
    let regions = (0..<900 as Range<UInt64>).map {
      MemoryRegion(start: 4096 * mib + $0 * 9 * mib, end: 4096 * mib + $0 * 9 * mib + 8 * mib)
    }
    let plan = try Machine(regions, PlanOptions(policy: .optimal, limits: ModuleLimits(maxReserved: 1000)))
      .optimalPlan(planner)
    #expect(plan.complaints == [])
    #expect(plan.outcome == .ok)
    #expect(plan.tdmrs.allSatisfy { $0.size <= 2 << 30 })
    #expect(plan.tdmrs.count == 4)
  }

  /// TDMRs of a multiple of 256 GiB lose nothing to rounding in their 1G level.
  ///
  /// |    200 · 550 |  | 650 · 900   | 1000 GiB with four holes, two areas allowed: two TDMRs meet between 550 and 650,
  /// with 3 + 2 pages of 1G PAMT. Expect three with 4, as those that meet at 256 and 768.
  @Test func roundingDecidesWhereToSplit() throws {
    let gib = 1 << 30 as UInt64
    let borders = [0, 200, 550, 650, 900, 1000] as [UInt64]
    let regions = zip(borders, borders.dropFirst()).map { start, end in
      MemoryRegion(start: (1024 + start) * gib + (start == 0 ? 0 : 4096), end: (1024 + end) * gib)
    }
    let options = PlanOptions(policy: .optimal, limits: ModuleLimits(maxReserved: 2))
    let plan = try Machine(regions, options).optimalPlan(planner)
    #expect(plan.complaints == [])
    #expect(plan.proved == true)
    #expect(plan.tdmrs.count == 3)
    #expect(plan.tdmrs.reduce(0) { $0 + $1.pamts[2][1] } == 4 * 4096)
    #expect(plan.pamtBytes == 1000 * (4096 + 8) * 1024 + 4 * 4096)
    #expect(plan.areas == 4)
  }
}
