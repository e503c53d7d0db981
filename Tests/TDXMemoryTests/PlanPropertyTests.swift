import RandomNumbers
import TDXMemory
import TestSupport
import Testing

/// The planner against the slow oracle, exactly: outcome, failure, messages, TDMRs and PAMT bytes.
@Suite struct PlanPropertyTests {
  /// One planner for all cases of a test: nothing of an earlier plan may show.
  private let planner = Planner()

  @discardableResult
  private func expectAsLinux(_ machine: Machine, _ name: @autoclosure () -> String) throws -> CopiedPlan {
    let plan = try machine.plan(planner: planner)
    let expected = machine.plainPlan()
    if plan != expected {
      Issue.record("\(name())\n\(machine)\nis planned\n\(plan)\nbut Linux plans\n\(expected)")
    }
    return expected
  }

  @Test func theOracleAgreesWithEveryVector() throws {
    for vector in try PlanVector.all() {
      let plan = PlainLinux.plan(vector.regions, convertible: vector.convertible, vector.options)
      #expect(plan.outcome == vector.outcome, "\(vector.id)")
      if let messages = vector.messages { #expect(plan.messages == messages, "\(vector.id)") }
      #expect(plan.tdmrs == vector.tdmrs ?? [], "\(vector.id)")
      #expect(plan.pamtBytes / 1024 == vector.pamtKiB ?? 0, "\(vector.id)")
    }
  }

  /// |cell|cell|…| of 256 MiB, memory or hole, over 3 GiB around the borders of zones and GiBs.
  @Test func everyLayoutOfTwelveCells() throws {
    for layout in 0..<(1 << 12) {
      let bases: [UInt64] = [0, 4096, 768 << 20, 3 << 30, (2 << 30) - 4096]
      let base = bases[layout % 5]
      let cells = (0...12).map { base + UInt64($0) * (256 << 20) }
      for (index, placement) in Placement.allCases.enumerated() {
        try expectAsLinux(
          Machine(
            Machine.regions(layout: layout, nodes: 1, cells: cells, joined: (layout + index) % 2 == 0),
            PlanOptions(
              placement: placement,
              dynamicPAMT: layout % 3 == 0,
              limits: limits(layout / 3 + index)
            )
          ),
          "layout \(layout) at \(hex(base))"
        )
      }
    }
  }

  /// As before with two nodes, in cells of 512 MiB.
  @Test func everyLayoutOfSevenCellsOnTwoNodes() throws {
    let cells = (0...7).map { (2 << 30) + UInt64($0) * (512 << 20) }
    for layout in 0..<2187 {
      for (index, placement) in Placement.allCases.enumerated() {
        try expectAsLinux(
          Machine(
            Machine.regions(layout: layout, nodes: 2, cells: cells, joined: (layout + index) % 2 == 0),
            PlanOptions(placement: placement, limits: limits(layout + index))
          ),
          "layout \(layout)"
        )
      }
    }
  }

  /// Cells that just hold the PAMT of a GiB, or miss it by a page, across 16 MiB.
  @Test func everyLayoutOfNineCellsOfOnePAMT() throws {
    let pages: [UInt64] = [1026, 1027, 1028, 1026, 1, 1027, 2054, 1027, 1029]
    for layout in 0..<(1 << 9) {
      for base in [0, 0x10_0000, 8 << 20, (4 << 30) - (16 << 20)] as [UInt64] {
        var cells = [base]
        for count in pages { cells.append(cells.last! + count << 12) }
        for placement in Placement.allCases {
          try expectAsLinux(
            Machine(
              Machine.regions(layout: layout, nodes: 1, cells: cells, joined: layout % 2 == 0),
              PlanOptions(placement: placement)
            ),
            "layout \(layout) at \(hex(base))"
          )
        }
      }
    }
  }

  /// Every way to cover 3 GiB of memory by CMRs in cells of 512 MiB, and every memory in them.
  @Test func everyLayoutOfSixCellsUnderSixCellsOfCMRs() throws {
    let cells = (0...6).map { (1 << 30) + UInt64($0) * (512 << 20) }
    for layout in 0..<64 {
      for cover in 0..<64 where cover & layout == layout || cover % 8 == layout % 8 {
        try expectAsLinux(
          Machine(
            Machine.regions(layout: layout, nodes: 1, cells: cells, joined: true),
            convertible: Machine.regions(layout: cover, nodes: 1, cells: cells, joined: layout % 3 > 0)
              .map(\.range),
            PlanOptions(
              policy: .linuxCMR,
              placement: Placement.allCases[(layout + cover) % 3],
              limits: limits(layout + cover)
            )
          ),
          "layout \(layout) under \(cover)"
        )
      }
    }
  }

  @Test(arguments: 0..<4)
  func randomMachines(part: Int) throws {
    var outcomes: [PlanOutcome: Int] = [:]
    for index in 0..<2500 {
      let seed = UInt64(part * 2500 + index)
      var random = SplitMix64(seed: seed)
      let machine = Machine.random(using: &random)
      outcomes[try expectAsLinux(machine, "seed \(seed)").outcome, default: 0] += 1
    }
    // The generator reaches every outcome.
    for outcome in PlanOutcome.allCases { #expect(outcomes[outcome, default: 0] > 150, "\(outcome)") }
  }

  private func limits(_ choice: Int) -> ModuleLimits {
    let entries: [UInt16] = [16, 16, 8, 64, 0, 65535, 16]
    return ModuleLimits(
      maxTDMRs: [64, 64, 3, 64, 2, 1, 0, 4][choice % 8],
      maxReserved: [16, 16, 4, 2, 16, 3, 1, 16, 0][choice % 9],
      pamtEntryBytes: PAMTEntryBytes(
        page4K: entries[choice % 7],
        page2M: entries[choice / 2 % 7],
        page1G: entries[choice / 3 % 7]
      )
    )
  }
}
