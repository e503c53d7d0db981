import MapReaders
import SyntheticMaps
import TDXMemory
import TestSupport
import Testing

/// What Linux does, and what is possible: the machines of the README's table, every log and every recipe.
@Suite struct NamedMachineTests {
  private let planner = OptimalPlanner()
  private static let logs = ((try? Log.all()) ?? []).filter { $0.name != "cxl-srat-fragments.log" }

  private func machine(_ log: Log, _ options: PlanOptions = PlanOptions()) throws -> TestSupport.Machine {
    let machine = try readMachine(texts: [(log.name, log.bytes)])
    return TestSupport.Machine(Array(machine.map), convertible: machine.convertible ?? [], options)
  }

  @Test(arguments: logs, [false, true])
  func neverWorseThanLinuxOnAnyLog(log: Log, dynamicPAMT: Bool) throws {
    try expectNeverWorse(machine(log, PlanOptions(dynamicPAMT: dynamicPAMT)))
  }

  @Test(arguments: Recipe.all)
  func neverWorseThanLinuxOnAnyRecipe(recipe: Recipe) throws {
    var recipe = recipe
    recipe.parameters.regionCount = min(recipe.parameters.regionCount, 2000)
    // Of 16 TiB in small pieces, a search without optimisation takes half a minute.
    if recipe.name.hasSuffix("-runs") {
      recipe.parameters.totalBytes = min(recipe.parameters.totalBytes, 1 << 40)
    }
    let synthetic = try recipe.make()
    let machine = TestSupport.Machine(Array(synthetic.map), convertible: synthetic.convertible ?? [])
    for dynamicPAMT in [false, true] {
      var machine = machine
      machine.options.dynamicPAMT = dynamicPAMT
      try expectNeverWorse(machine)
    }
    var raised = machine
    raised.options.limits = ModuleLimits(maxTDMRs: 1 << 20, maxReserved: 1 << 10)
    try expectNeverWorse(raised)
  }

  private func expectNeverWorse(_ machine: TestSupport.Machine) throws {
    for policy in Policy.ofLinux {
      var machine = machine
      machine.options.policy = policy
      if policy == .linux { machine.convertible = [] }
      let optimal = try machine.optimalPlan(planner)
      #expect(optimal.complaints == [], "\(policy)")
      for placement in Placement.allCases {
        machine.options.placement = placement
        let linux = try machine.plan()
        guard linux.outcome == .ok else { continue }
        #expect(optimal.outcome == .ok, "\(policy), \(placement)")
        #expect(optimal.pamtBytes <= linux.pamtBytes, "\(policy), \(placement)")
        #expect(
          optimal.tdmrs.count <= linux.tdmrs.count || optimal.pamtBytes < linux.pamtBytes,
          "\(policy), \(placement)"
        )
      }
    }
  }

  // MARK: - The README's table

  /// |node 0: 16 GiB, no hole| and 16 nodes of 16 GiB without memory of their own to spare: 17 PAMTs in one TDMR.
  ///
  /// Expect Linux to fail at 16 areas, and one chunk of all PAMTs beside the hole to need one.
  @Test func seventeenTDMRsOnOneNode() throws {
    // A page at the start of every second GiB, all on node 0, and one large region first, whose end is missing.
    let gib = 1 << 30 as UInt64
    let regions =
      [MemoryRegion(start: 4 * gib, end: 8 * gib)]
      + (0..<16 as Range<UInt64>).map { MemoryRegion(start: (10 + 2 * $0) * gib, end: (11 + 2 * $0) * gib) }
    let machine = TestSupport.Machine(regions, PlanOptions(placement: .bottom))
    let linux = try machine.plan()
    #expect(linux.failure == .reservedAreasExhausted(tdmr: AddressRange(unchecked: 4 * gib, 8 * gib)))
    let plan = try machine.optimalPlan(planner)
    #expect(plan.complaints == [])
    #expect(plan.tdmrs.count == 17)
    #expect(plan.areas == 1)
    #expect(plan.proved == true)
    #expect(plan.pamtBytes == (20 * 4104 + 17 * 4) << 10)
  }

  /// 100 regions of 2 GiB less a page, side by side: Linux wants a TDMR for each. Expect 7 TDMRs of 16 holes or less:
  /// 100 / 16, rounded up.
  @Test func hundredRegionsWithSmallHoles() throws {
    let gib = 1 << 30 as UInt64
    let regions = (0..<100 as Range<UInt64>).map {
      MemoryRegion(start: (4 + 2 * $0) * gib, end: (6 + 2 * $0) * gib - 4096)
    }
    let machine = TestSupport.Machine(regions)
    #expect(try machine.plan().failure == .tdmrsExhausted)
    let plan = try machine.optimalPlan(planner)
    #expect(plan.complaints == [])
    #expect(plan.tdmrs.count == 7)
    #expect(plan.areas == 100)
    #expect(plan.proved == true)
    #expect(plan.pamtBytes == (200 * 4104 + 7 * 4) << 10)
  }

  /// Without CMRs the 17 holes of issue 135 take two TDMRs; with them two areas in one.
  @Test(arguments: [false, true])
  func issue135(hasCMRs: Bool) throws {
    var machine = try machine(Log.named("tdx-emr-2024-issue135"))
    #expect(try machine.plan().outcome == .noSpace)
    if !hasCMRs { machine.convertible = [] }
    let plan = try machine.optimalPlan(planner)
    #expect(plan.complaints == [])
    if hasCMRs {
      #expect(plan.outcome == .ok)
      #expect(plan.tdmrs.count == 1)
      #expect(plan.areas == 2)
      #expect(plan.pamtBytes == 8212 << 10)
    } else {
      // All holes but the one below 1 MiB lie in the second GiB, and that is 16.
      #expect(plan.outcome == .ok)
      #expect(plan.tdmrs.map(\.reserved.count) == [1, 16])
      #expect(plan.pamtBytes == 8216 << 10)
    }
    #expect(plan.proved == true)
  }

  @Test func sparseNodes() throws {
    let plan = try machine(Log.named("sparse-8node-512g")).optimalPlan(planner)
    #expect(plan.complaints == [])
    #expect(plan.proved == true)
    #expect(plan.tdmrs.count == 9)
  }

  @Test func unalignedNodes() throws {
    let plan = try machine(Log.named("8node-1t-unaligned")).optimalPlan(planner)
    #expect(plan.complaints == [])
    #expect(plan.proved == true)
    #expect(plan.tdmrs.count == 1)
    #expect(plan.areas == 13)
  }
}
