import TDXMemory
import TestSupport
import Testing

/// Each rule of Linux's algorithm as one small map. In the drawings `#` is memory, `.` a hole, `=` a TDMR, and `p`
/// a PAMT; borders are GiB unless told otherwise.
@Suite struct LinuxRuleTests {
  private let page: UInt64 = 4096
  /// The PAMT of 1 GiB: 4 MiB, 8 KiB and 4 KiB.
  private let pamt: UInt64 = 1027 * 4096

  private func plan(
    _ regions: [(UInt64, UInt64, UInt32)],
    cmrs: [(UInt64, UInt64)]? = nil,
    _ placement: Placement = .bottom,
    _ limits: ModuleLimits = ModuleLimits()
  ) throws -> CopiedPlan {
    let machine = Machine(
      regions.map { MemoryRegion(start: $0.0, end: $0.1, node: $0.2) },
      convertible: (cmrs ?? []).map { AddressRange(unchecked: $0.0, $0.1) },
      PlanOptions(policy: cmrs == nil ? .linux : .linuxCMR, placement: placement, limits: limits)
    )
    let plan = try machine.plan()
    #expect(plan == machine.plainPlan())
    return plan
  }

  private func gib(_ number: UInt64) -> UInt64 { number << 30 }

  // MARK: - The memory list

  /// |#######|   a page to 2 GiB
  ///
  /// Expect the first MiB to be a hole, and no PAMT in it.
  @Test func theFirstMiBIsLeftOut() throws {
    let plan = try plan([(page, gib(2), 0)])
    #expect(plan.tdmrs.map(\.base) == [0])
    #expect(plan.tdmrs[0].reserved == [[0, 1 << 20], [1 << 20, 2 * pamt - page]])
  }

  /// Memory in the first MiB alone. Expect the empty list's TDMR of no size, which has no node and no PAMT.
  @Test func nothingIsLeft() throws {
    for regions in [[], [(0, 1 << 20, 0)], [(gib(1) + 1, gib(1) + 4097, 3)]] as [[(UInt64, UInt64, UInt32)]] {
      let plan = try plan(regions)
      #expect(plan.outcome == .noMemory)
      #expect(
        plan.messages == [
          "virt/tdx: TDMR [0x0, 0x0): unable to find local NUMA node for PAMT allocation, fallback to use node 0.",
          "virt/tdx: module initialization failed (-12)",
        ]
      )
    }
  }

  /// One TDMR is consumed by an empty list too. Expect the warning at limits of 4 and less, not at 5.
  @Test func nothingIsLeftAndTheLimitIsNear() throws {
    #expect(try plan([], .bottom, ModuleLimits(maxTDMRs: 5)).messages.count == 2)
    let plan = try plan([], .bottom, ModuleLimits(maxTDMRs: 4))
    #expect(plan.messages.first == "virt/tdx: consumed TDMRs reaching limit: 1 used out of 4")
    #expect(plan.messages.count == 3)
  }

  // MARK: - TDMRs

  /// |##.#|.##.|####|   the holes are small, the second region ends in the GiB where the first does
  /// |====|====|====|
  ///
  /// Expect a TDMR for each region that adds a GiB: none for the second, never one over a small hole.
  @Test func aRegionOpensATDMRForTheGiBsItAdds() throws {
    let plan = try plan([
      (gib(1), gib(1) + 0x2000_0000, 0), (gib(1) + 0x3000_0000, gib(2), 0),
      (gib(2) + 0x1000_0000, gib(2) + 0x3000_0000, 0), (gib(3), gib(4), 0),
    ])
    #expect(plan.tdmrs.map(\.base) == [gib(1), gib(2), gib(3)])
    #expect(plan.tdmrs.map(\.size) == [gib(1), gib(1), gib(1)])
  }

  /// |###.|#############|   the second region starts in the GiB where the first ends
  /// |========|=========|
  ///
  /// Expect the second TDMR to start where the first ends; the first keeps the second region's start.
  @Test func aTDMRStartsWhereTheCurrentOneEnds() throws {
    let plan = try plan([(gib(1), gib(2) + 0x1000_0000, 0), (gib(2) + 0x2000_0000, gib(5), 1)], .top)
    #expect(plan.tdmrs.map(\.base) == [gib(1), gib(3)])
    #expect(plan.tdmrs.map(\.size) == [gib(2), gib(2)])
    #expect(plan.tdmrs.map(\.node) == [0, 1])
  }

  /// 100 regions of 2 GiB less 4 KiB of hole. 7 TDMRs would hold them; expect TDMRs to be exhausted.
  @Test func smallHolesExhaustTDMRs() throws {
    let plan = try plan((0..<100).map { (gib(2 * $0), gib(2 * $0 + 2) - 4096, 0) })
    #expect(plan.outcome == .noSpace)
    #expect(
      plan.messages == [
        "virt/tdx: initialization failed: TDMRs exhausted.", "virt/tdx: module initialization failed (-28)",
      ]
    )
  }

  /// n regions of a GiB each. Expect a warning where fewer than 4 of 64 TDMRs are left.
  @Test(arguments: [(60, 0), (61, 1), (64, 1), (65, 2)])
  func fewTDMRsLeft(count: UInt64, messages: Int) throws {
    // On nodes of their own: else the PAMTs exhaust the reserved areas of one TDMR.
    let plan = try plan((0..<count).map { (gib(2 * $0 + 1), gib(2 * $0 + 2), UInt32($0)) })
    #expect(plan.outcome == (count <= 64 ? .ok : .noSpace))
    #expect(plan.messages.count == messages)
    if messages == 1 {
      #expect(plan.messages == ["virt/tdx: consumed TDMRs reaching limit: \(count) used out of 64"])
    }
  }

  /// Memory in the last GiB below 2^64: the TDMR would end at 2^64.
  @Test func theLastGiBOfTheAddressSpace() throws {
    let border = 0 &- gib(1)
    #expect(try plan([(border - gib(1), border, 0)]).outcome == .ok)
    let plan = try plan([(border - gib(1), border + page, 0)])
    #expect(plan.failure == .notAddressable(AddressRange(unchecked: border - gib(1), border + page)))
    #expect(plan.messages == ["virt/tdx: module initialization failed (-22)"])
  }

  // MARK: - PAMTs

  /// |pp##|####|   The levels lie back to back: 4K, 2M, 1G.
  @Test func pamtLevelsLieBackToBack() throws {
    let plan = try plan([(gib(1), gib(3), 0)])
    #expect(
      plan.tdmrs[0].pamts == [
        [gib(1), 8 << 20], [gib(1) + 8 << 20, 16 << 10], [gib(1) + 8 << 20 + 16 << 10, 4096],
      ]
    )
    #expect(plan.pamtBytes == 8 << 20 + 20 << 10)
  }

  /// node 0 |####|.........|
  /// node 1 |....|####|####|   has the small TDMR of the two
  ///
  /// Expect each PAMT on the node of the first region that ends after its TDMR's base.
  @Test func theNodeOfATDMR() throws {
    let plan = try plan([(gib(1), gib(2), 0), (gib(2), gib(4), 1)])
    #expect(plan.tdmrs.map(\.pamts[0][0]) == [gib(1), gib(2)])
  }

  /// node 7 |p|.......|   a page less than the PAMT
  /// node 3 |..|##|...|
  /// node 2 |......|##|
  ///
  /// Expect the other nodes to be tried in ascending order: node 2 before node 3.
  @Test func otherNodesAscend() throws {
    let regions: [(UInt64, UInt64, UInt32)] = [
      (gib(1), gib(1) + pamt - page, 7), (gib(2), gib(2) + pamt, 3), (gib(3), gib(3) + 2 * pamt, 2),
    ]
    let plan = try plan(regions)
    #expect(plan.tdmrs.map(\.pamts[0][0]) == [gib(3), gib(2), gib(3) + pamt])
    // Expect ENOMEM where the last of them has a page too little.
    let failed = try self.plan(regions.dropLast() + [(gib(3), gib(3) + 2 * pamt - page, 2)])
    #expect(failed.failure == .noMemoryForPAMT(tdmr: AddressRange(unchecked: gib(3), gib(4)), bytes: pamt))
    #expect(failed.messages == ["virt/tdx: module initialization failed (-12)"])
  }

  /// |##|.|##|.|##|   Expect `top` at the end of the last that has room, `bottom` at the start of the first.
  @Test func topAndBottom() throws {
    let regions: [(UInt64, UInt64, UInt32)] = [
      (gib(1), gib(1) + pamt - page, 0), (gib(1) + 2 * pamt, gib(1) + 3 * pamt, 0),
      (gib(1) + 4 * pamt, gib(1) + 6 * pamt, 0), (gib(1) + 7 * pamt, gib(1) + 8 * pamt - page, 0),
    ]
    #expect(try plan(regions, .bottom).tdmrs[0].pamts[0][0] == gib(1) + 2 * pamt)
    #expect(try plan(regions, .top).tdmrs[0].pamts[0][0] == gib(1) + 5 * pamt)
    // Regions that touch: neither model takes a PAMT from two of them, first-fit does.
    let touching: [(UInt64, UInt64, UInt32)] = [
      (gib(5), gib(5) + 1000 * page, 0), (gib(5) + 1000 * page, gib(5) + 3000 * page - pamt, 0),
    ]
    #expect(
      try plan(Array(touching.prefix(1)) + [(gib(5) + 1000 * page, gib(5) + 1500 * page, 0)]).outcome
        == .noMemory
    )
    #expect(try plan(touching, .firstFit).outcome == .ok)
  }

  /// First-fit tries Normal from 4 GiB, then DMA32 from 16 MiB, then DMA.
  ///
  /// |.#|######|######|   1 MiB, 16 MiB, 4 GiB
  @Test func firstFitTriesZones() throws {
    let both = try plan([(gib(3), gib(4), 0), (gib(4), gib(5), 0)], .firstFit)
    #expect(both.tdmrs.map(\.pamts[0][0]) == [gib(4), gib(4) + pamt])
    // Expect the zone to start at 16 MiB, not where the region starts.
    #expect(try plan([(1 << 20, 512 << 20, 0)], .firstFit).tdmrs[0].pamts[0][0] == 16 << 20)
    // Expect the zone to start in the first MiB where the map does, and no PAMT there.
    #expect(try plan([(1 << 20, 16 << 20, 0)], .firstFit).tdmrs[0].pamts[0][0] == 0x100 << 12)
    #expect(try plan([(0, 16 << 20, 0)], .firstFit).tdmrs[0].pamts[0][0] == 1027 << 12)
    #expect(try plan([(0x8000, 16 << 20, 0)], .firstFit).tdmrs[0].pamts[0][0] == (8 + 1027) << 12)
    #expect(
      try plan([(0x8000, 0x9000, 0), (1 << 20, 16 << 20, 0)], .firstFit).tdmrs[0].pamts[0][0] == 1035 << 12
    )
    // Memory of another node in the first MiB does not count.
    #expect(
      try plan([(0x8000, 0x9000, 1), (1 << 20, 16 << 20, 0)], .firstFit).tdmrs[0].pamts[0][0] == 0x100 << 12
    )
  }

  /// The first frame tried is (start + n - 1) & ~(n - 1), with n = 1027 no rounding at all: expect frame 0x100001
  /// to stay, and 0x100002, which has a bit of 1026, to become 0x100004. From there on in steps of n.
  @Test(arguments: [(0, 0), (1, 1), (2, 4), (3, 5), (0x400, 0x800)] as [(UInt64, UInt64)])
  func firstFitAlignsAsTheKernelDoes(start: UInt64, first: UInt64) throws {
    let plan = try plan([(gib(4) + start * page, gib(5), 0), (gib(5), gib(6), 0)], .firstFit)
    #expect(plan.tdmrs.map(\.pamts[0][0]) == [gib(4) + first * page, gib(4) + first * page + pamt])
  }

  /// |..#####|####|   The PAMT of 12 GiB is not tried before 32 MiB further up: expect the next one in that gap.
  @Test func firstFitFillsWhatIsLeftBefore() throws {
    let start = gib(4) + 32 << 20
    let plan = try plan([(start, gib(16), 0), (gib(16) + page, gib(17), 0)], .firstFit)
    #expect(plan.tdmrs.map(\.pamts[0][0]) == [start + 32 << 20, start])
  }

  /// Entries of no bytes at every level: a request for no pages. Expect ENOMEM, as Linux's allocator answers it.
  @Test func pamtsOfNoBytes() throws {
    var limits = ModuleLimits()
    limits.pamtEntryBytes = PAMTEntryBytes(page4K: 0, page2M: 0, page1G: 0)
    #expect(try plan([(gib(1), gib(2), 0)], .bottom, limits).outcome == .noMemory)
    limits.pamtEntryBytes.page1G = 1
    #expect(try plan([(gib(1), gib(2), 0)], .bottom, limits).pamtBytes == 4096)
  }

  // MARK: - Reserved areas

  /// |.##pp|   a hole from the base, the PAMT at the end
  /// |.#pp.|   Expect the PAMT beside the hole after the region to cost its own area.
  @Test func aPAMTBesideAHoleCostsItsOwnArea() throws {
    let end = gib(2) - page
    let plan = try plan([(gib(1) + page, end, 0)], .top)
    let offset = end - pamt - gib(1)
    #expect(plan.tdmrs[0].reserved == [[0, page], [offset, pamt], [offset + pamt, page]])
  }

  /// node 0 |####|#pp|pp#|   PAMTs of 2 TDMRs back to back: expect an area each.
  @Test func pamtsBackToBackCostAnAreaEach() throws {
    let plan = try plan([(gib(1), gib(2) - page, 0), (gib(2), gib(3), 0)])
    #expect(plan.tdmrs.map(\.reserved) == [[[0, pamt], [pamt, pamt], [gib(1) - page, page]], []])
  }

  /// |#......##|########|   a page, a hole, and a region from two pages below 2 GiB
  /// |====0===pp|pp==1===|   Expect the PAMT that lies across the border to cost an area in both.
  @Test func aPAMTAcrossTwoTDMRs() throws {
    let plan = try plan([(gib(1), gib(1) + page, 0), (gib(2) - 2 * page, gib(3), 0)])
    #expect(plan.tdmrs.map(\.base) == [gib(1), gib(2)])
    #expect(
      plan.tdmrs.map(\.reserved) == [
        [[page, gib(1) - 3 * page], [gib(1) - 2 * page, 2 * page]],
        [[0, pamt - 2 * page], [pamt - 2 * page, pamt]],
      ]
    )
  }

  /// 17 TDMRs whose PAMTs land in one of them, without a hole in the machine.
  ///
  /// Expect 16 to fit and 17 to exhaust the areas of the first.
  @Test(arguments: [16, 17])
  func pamtsExhaustReservedAreas(count: UInt64) throws {
    let regions = (1...count).map { (gib($0), gib($0 + 1), UInt32(0)) }
    let plan = try plan(regions, .bottom)
    #expect(plan.outcome == (count == 16 ? .ok : .noSpace))
    if count == 16 {
      #expect(plan.tdmrs[0].reserved.count == 16)
    } else {
      #expect(plan.failure == .reservedAreasExhausted(tdmr: AddressRange(unchecked: gib(1), gib(2))))
      #expect(
        plan.messages == [
          "virt/tdx: initialization failed: TDMR [0x40000000, 0x80000000): reserved areas exhausted.",
          "virt/tdx: module initialization failed (-28)",
        ]
      )
    }
  }

  // MARK: - linux-cmr

  /// memory |####|####|
  /// CMRs   |####|####|   abut in the middle of a region, or at a border of two
  ///
  /// Expect EINVAL where a region lies across two CMRs, before anything else.
  @Test func aRegionAcrossAbuttingCMRs() throws {
    let cmrs = [(gib(1), gib(2)), (gib(2), gib(3))]
    #expect(try plan([(gib(1), gib(2), 0), (gib(2), gib(3), 0)], cmrs: cmrs).outcome == .ok)
    let plan = try plan([(gib(1), gib(3), 0)], cmrs: cmrs, .bottom, ModuleLimits(maxTDMRs: 0))
    #expect(
      plan.messages == [
        "virt/tdx: memory region [0x40000000, 0xc0000000) is not TDX convertible memory.",
        "virt/tdx: module initialization failed (-22)",
      ]
    )
    // The first MiB need not be convertible.
    #expect(try self.plan([(0, gib(1), 0)], cmrs: [(1 << 20, gib(1))]).outcome == .ok)
    #expect(try self.plan([(0, gib(1), 0)], cmrs: [(1 << 20 + page, gib(1))]).outcome == .invalid)
    #expect(try self.plan([(0, gib(1), 0)], cmrs: []).outcome == .invalid)
    #expect(try self.plan([], cmrs: []).outcome == .noMemory)
  }

  /// memory |#.#.#.#|
  /// CMR    |#######|   Expect no area for the holes that the CMR holds.
  @Test func holesInsideACMRCostNothing() throws {
    let regions = (0..<20 as Range<UInt64>).map {
      (gib(1) + $0 << 24, gib(1) + $0 << 24 + 8 << 20, UInt32(0))
    }
    #expect(try plan(regions).outcome == .noSpace)
    let plan = try plan(regions, cmrs: [(gib(1), gib(2) - page)])
    #expect(plan.tdmrs[0].reserved == [[0, pamt], [gib(1) - page, page]])
  }

  /// CMR |.###.|   from an odd byte, to an odd byte: the hole before, or the one after, is not in pages.
  ///
  /// Expect EINVAL before ENOSPC for the hole that is one too many, and ENOSPC where an earlier one is too many.
  @Test func areasOffPageBorders() throws {
    let memory: [(UInt64, UInt64, UInt32)] = [(gib(1) + 8 * page, gib(1) + 8 * page + 2 * pamt, 0)]
    let (start, end) = (gib(1) + 4 * page, gib(2) - page)
    func plan(_ cmrs: [(UInt64, UInt64)], _ maxReserved: UInt64) throws -> PlanFailure? {
      try self.plan(memory, cmrs: cmrs, .bottom, ModuleLimits(maxReserved: maxReserved)).failure
    }
    let tdmr = AddressRange(unchecked: gib(1), gib(2))
    let before = PlanFailure.reservedAreaNotAligned(
      tdmr: tdmr,
      area: AddressRange(unchecked: gib(1), start + 1)
    )
    let after = PlanFailure.reservedAreaNotAligned(tdmr: tdmr, area: AddressRange(unchecked: end + 1, gib(2)))
    let exhausted = PlanFailure.reservedAreasExhausted(tdmr: tdmr)
    #expect(try plan([(start, end)], 3) == nil)
    #expect(try plan([(start, end)], 2) == exhausted)
    #expect(try plan([(start + 1, end)], 16) == before)
    #expect(try plan([(start + 1, end)], 0) == before)
    #expect(try plan([(start, end + 1)], 16) == after)
    #expect(try plan([(start, end + 1)], 1) == after)
    #expect(try plan([(start, end + 1)], 0) == exhausted)
    // The end of the CMR lies beyond the TDMR: no hole there to be aligned.
    #expect(try plan([(start, gib(2) + 1)], 2) == nil)
  }

  /// TDMR 0 has too many areas, TDMR 1 one that is not in pages. Expect what Linux finds first, TDMR by TDMR.
  @Test func theFirstTDMRThatFailsIsReported() throws {
    let regions: [(UInt64, UInt64, UInt32)] = [(gib(1) + page, gib(2) - page, 0), (gib(2) + page, gib(3), 0)]
    let cmrs = [(gib(1) + page, gib(2) - page), (gib(2) + 512, gib(3))]
    #expect(try plan(regions, cmrs: cmrs).outcome == .invalid)
    #expect(try plan(regions, cmrs: cmrs, .bottom, ModuleLimits(maxReserved: 3)).outcome == .noSpace)
    #expect(try plan(regions, cmrs: cmrs, .bottom, ModuleLimits(maxReserved: 4)).outcome == .invalid)
  }
}
