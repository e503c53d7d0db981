import RandomNumbers
import TDXMemory
import TestSupport
import Testing

/// The policy `optimal` against every way to cover a small machine.
@Suite struct OptimalBruteForceTests {
  private let planner = OptimalPlanner()

  /// |cell|cell|…| of half a GiB over 4 GiB: every machine of memory, holes and convertible cells.
  @Test func everyMachineOfEightCells() throws {
    let count = 6561  // 3^8
    // In a debug build every seventh: 7 and 3 share no factor, so every cell has every value.
    for layout in stride(from: 0, to: count, by: _isDebugAssertConfiguration() ? 7 : 1) {
      for shift in 0..<(_isDebugAssertConfiguration() ? 1 : 4) {
        let cells = (0..<4).map { gib in
          (0..<2).map { cell in PlainOptimal.Cell(rawValue: layout / power(3, gib * 2 + cell) % 3)! }
        }
        try expectLeast(cells, limits(layout + shift * 1000), "layout \(layout) with limits \(shift)")
      }
    }
  }

  /// Up to 7 GiB of up to 6 cells of random sizes each, and any limits. A million machines in a release build.
  @Test(arguments: 0..<4)
  func randomMachines(part: Int) throws {
    let count = _isDebugAssertConfiguration() ? 1500 : 250_000
    var outcomes: [PlanOutcome: Int] = [:]
    for index in 0..<count {
      let seed = UInt64(part * count + index)
      var random = SplitMix64(seed: seed)
      let most = random.pick([2, 3, 6])
      let weights = random.pick([[0, 1], [0, 1, 1, 2], [0, 1, 2], [1, 1, 1, 0], [1, 1, 2]])
      let cells = (0..<1 + random.below(7)).map { _ in
        (0..<1 + random.below(most)).map { _ in PlainOptimal.Cell(rawValue: random.pick(weights))! }
      }
      let outcome = try expectLeast(cells, limits(random.below(1 << 20)), "seed \(seed)", using: &random)
      outcomes[outcome, default: 0] += 1
    }
    #expect(outcomes[.ok, default: 0] > count / 4)
    #expect(outcomes[.noSpace, default: 0] > count / 50)
  }

  @discardableResult
  private func expectLeast(
    _ cells: [[PlainOptimal.Cell]],
    _ options: PlanOptions,
    _ name: @autoclosure () -> String
  ) throws -> PlanOutcome {
    var random = SplitMix64(seed: 0)
    return try expectLeast(cells, options, name(), using: &random)
  }

  @discardableResult
  private func expectLeast(
    _ cells: [[PlainOptimal.Cell]],
    _ options: PlanOptions,
    _ name: @autoclosure () -> String,
    using random: inout SplitMix64
  ) throws -> PlanOutcome {
    let machine = machine(cells, options, using: &random)
    let plan = try machine.optimalPlan(planner)
    guard !machine.regions.isEmpty else {
      #expect(plan.outcome == .noMemory, "\(name())")
      return plan.outcome
    }
    let least = PlainOptimal.least(cells, options)
    let found = plan.outcome == .ok ? (plan.pamtBytes, plan.tdmrs.count, plan.areas) : nil
    let agrees = found.map { PlainOptimal.Cost(pamtBytes: $0.0, tdmrs: $0.1, areas: $0.2) } == least
    if !agrees || !plan.complaints.isEmpty || (least != nil && plan.proved != true) {
      Issue.record(
        """
        \(name())
        \(machine)
        is planned \(plan.outcome), \(String(describing: found)), proved \(String(describing: plan.proved)), \
        \(plan.complaints); the least is \(String(describing: least))
        \(plan.tdmrs)
        """
      )
    }
    return plan.outcome
  }

  /// The cells as regions and CMRs from 4 GiB on, cut at random pages, each of 40 MiB or more.
  private func machine(
    _ cells: [[PlainOptimal.Cell]],
    _ options: PlanOptions,
    using random: inout SplitMix64
  ) -> Machine {
    var regions: [MemoryRegion] = []
    var cmrs: [AddressRange] = []
    let mib = 1 << 20 as UInt64
    for (gib, row) in cells.enumerated() {
      var start = UInt64(4 + gib) << 30
      for (index, cell) in row.enumerated() {
        let slack = (1024 - 40 * UInt64(row.count)) / UInt64(row.count)
        let size = 40 * mib + random.below(slack * 256) * 4096
        let end = index + 1 < row.count ? start + size : UInt64(5 + gib) << 30
        if cell == .memory { regions.append(MemoryRegion(start: start, end: end, node: UInt32(gib % 2))) }
        if cell != .hole { cmrs.append(AddressRange(unchecked: start, end)) }
        start = end
      }
    }
    // Where nothing is convertible but memory, CMRs say nothing that is not known without them.
    let isPlain = !cells.joined().contains(.convertible)
    return Machine(regions, convertible: isPlain && random.oneIn(2) ? [] : cmrs, options)
  }

  /// Entry sizes that make rounding matter at every few GiB, gaps that pay, and limits that bind.
  private func limits(_ choice: Int) -> PlanOptions {
    let entries: [(UInt16, UInt16, UInt16)] = [
      (16, 16, 16), (16, 16, 2048), (16, 3, 1365), (0, 0, 16), (0, 1, 0), (0, 0, 1000), (1, 5, 3000),
      (0, 16, 16),
      (16, 7, 4095), (0, 0, 0),
    ]
    let entry = entries[choice % entries.count]
    return PlanOptions(
      policy: .optimal,
      dynamicPAMT: choice % 3 == 0,
      limits: ModuleLimits(
        maxTDMRs: [64, 2, 3, 1, 4, .max, 5, 2, 64, 0, 3][choice / 3 % 11],
        maxReserved: [16, 1, 2, 3, 4, 2, 0, 5, .max, 3, 1, 2, 6][choice / 7 % 13],
        pamtEntryBytes: PAMTEntryBytes(page4K: entry.0, page2M: entry.1, page1G: entry.2)
      )
    )
  }
}

private func power(_ base: Int, _ exponent: Int) -> Int {
  (0..<exponent).reduce(1) { power, _ in power * base }
}
