import RandomNumbers
import TDXMemory
import TestSupport
import Testing

@testable import Advice

/// What an advice may cost is bounded by the regions and a constant, whatever the numbers in them: counted in steps, not
/// in time.
@Suite struct SearchBudgetTests {
  /// A search ends with the attempt that it is in: so much may be taken beyond the budget.
  private func most(_ machine: Machine) -> Int {
    SearchBudget.all + 2 * 32 * 3 * (SearchBudget.perRegion + SearchBudget.perTDMR) * 2
      * machine.regions.count
      + 1 << 17
  }

  private func limits(_ most: UInt64, _ entry: UInt16) -> PlanOptions {
    PlanOptions(
      limits: ModuleLimits(
        maxTDMRs: .max,
        maxReserved: most,
        pamtEntryBytes: PAMTEntryBytes(page4K: entry, page2M: entry, page1G: entry)
      )
    )
  }

  /// |####·|####·|####·… 256 regions of 16 TiB with a page between them, and no area at all: the request that took half a
  /// second. Expect the search to end where its steps do, and to say so.
  @Test func regionsWithoutAreas() throws {
    let regions = (0..<256 as Range<UInt64>).map {
      MemoryRegion(start: max($0 << 44, 1 << 20), end: ($0 + 1) << 44 - 4096, node: UInt32($0 % 8))
    }
    let machine = Machine(regions, limits(0, 255))
    let advice = try advice(machine)
    #expect(advice.isSearchGivenUp)
    #expect(advice.withholding == nil && advice.hopelessness != nil)
    #expect(advice.steps >= SearchBudget.all)
    #expect(advice.steps <= most(machine))
  }

  /// Regions anywhere below 2^47, one area for each TDMR, entries of any size. Expect no machine to take more steps than
  /// all may, and each to be told what comes of it.
  @Test func regionsAnywhere() throws {
    for seed in 0..<4 as Range<UInt64> {
      var random = SplitMix64(seed: seed &+ 41 << 32)
      let bounds = Set(
        (0..<2 * random.pick([5, 63, 200])).map { _ in random.below(1 << 47 as UInt64) & ~0xfff }
      )
      .sorted()
      let regions = stride(from: 0, to: bounds.count - 1, by: 2).map {
        MemoryRegion(start: bounds[$0], end: bounds[$0 + 1], node: UInt32(random.below(4)))
      }
      let machine = Machine(regions, limits(1, random.pick([1, 16, 255, 65535] as [UInt16])))
      let advice = try advice(machine)
      #expect(advice.steps <= most(machine), "seed \(seed)")
      #expect(advice.succeeds || advice.withholding != nil || advice.hopelessness != nil, "seed \(seed)")
    }
  }

  /// A real machine that fails. Expect its search to come to its end.
  @Test func realMachine() throws {
    let advice = try advice(captured("tdx-emr-2024-issue135"))
    #expect(!advice.isSearchGivenUp)
    #expect(advice.steps < SearchBudget.all / 16)
  }
}
