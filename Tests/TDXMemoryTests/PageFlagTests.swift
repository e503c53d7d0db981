import RandomNumbers
import TDXMemory
import TestSupport
import Testing

/// Plans of small machines against one flag per page.
@Suite struct PageFlagTests {
  private static let bytes: UInt64 = 4 << 30

  /// Expect the available memory of all TDMRs to be the memory from 1 MiB on, less the PAMTs, to the page; and every
  /// PAMT to lie in memory, on pages of its own.
  @Test func everyPageIsMemoryOrReserved() throws {
    let planner = Planner()
    var planned = 0
    for seed in 0..<700 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let machine = randomMachine(using: &random)
      let plan = try machine.plan(planner: planner)
      guard plan.outcome == .ok else { continue }
      planned += 1

      var memory = PageFlags(bytes: Self.bytes)
      for region in machine.regions { memory.set(region.start, region.end, to: true) }
      memory.set(0, 1 << 20, to: false)
      for pamt in plan.tdmrs.flatMap(\.pamts) {
        let (start, end) = (pamt[0], pamt[0] + pamt[1])
        #expect(
          memory.all(start, end, are: true),
          "seed \(seed): \(hex(start)) is no memory, or taken\n\(machine)"
        )
        memory.set(start, end, to: false)
      }

      var available = PageFlags(bytes: Self.bytes)
      for tdmr in plan.tdmrs {
        #expect(available.all(tdmr.base, tdmr.base + tdmr.size, are: false), "seed \(seed): TDMRs overlap")
        available.set(tdmr.base, tdmr.base + tdmr.size, to: true)
        for area in tdmr.reserved {
          let start = tdmr.base + area[0]
          #expect(available.all(start, start + area[1], are: true), "seed \(seed): areas overlap")
          available.set(start, start + area[1], to: false)
        }
      }
      #expect(available == memory, "seed \(seed)\n\(machine)\n\(plan)")
    }
    #expect(planned > 400)
  }

  /// Regions of whole pages below 4 GiB, on up to 3 nodes.
  private func randomMachine(using random: inout SplitMix64) -> Machine {
    var regions: [MemoryRegion] = []
    var position: UInt64 = random.pick([0, 0, 4096, 1 << 20, 1 << 30])
    for _ in 0..<(1 + random.below(12)) {
      position += random.pick([0, 1, 3, 256, 5000, 1 << 16, 1 << 18] as [UInt64]) << 12
      let size = random.pick([1, 200, 1027, 3000, 1 << 15, 1 << 17, 1 << 18] as [UInt64]) << 12
      guard position + size <= Self.bytes else { break }
      regions.append(MemoryRegion(start: position, end: position + size, node: UInt32(random.below(3))))
      position += size
    }
    let options = PlanOptions(
      placement: random.pick(Placement.allCases),
      dynamicPAMT: random.oneIn(2),
      limits: ModuleLimits(maxReserved: 40)
    )
    return Machine(regions, options)
  }
}
