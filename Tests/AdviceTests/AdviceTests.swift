import RandomNumbers
import TDXMemory
import TestSupport
import Testing

@testable import Advice

@Suite struct AdviceTests {
  /// The machine without what is withheld, as Linux would see it after the next boot.
  private func rest(_ machine: TestSupport.Machine, _ withholding: Withholding) throws -> TestSupport.Machine
  {
    var rest = machine
    rest.regions = try MemoryMap(machine.regions).withRegions { $0.removing(withholding.ranges) }
    return rest
  }

  /// By hand: 16 regions from 1 MiB to 0x6f800000 leave 15 holes between them, one below and one above: 17, and the PAMT
  /// of the one TDMR takes an area: 18, two too many. The smallest islands are the page at 0x64158000 and the page at
  /// 0x6f7ff000, each between two reserved ranges of the e820 table; each joins two holes. No island is smaller than a
  /// page, so 8 KiB is the least.
  @Test func issue135() throws {
    let machine = try captured("tdx-emr-2024-issue135")
    let advice = try advice(machine)
    #expect(!advice.succeeds)
    #expect(advice.today.failure == .reservedAreasExhausted(tdmr: AddressRange(unchecked: 0, 0x8000_0000)))
    let withholding = try #require(advice.withholding)
    #expect(withholding.bytes == 8192)
    #expect(withholding.kernelParameters == "memmap=4K$0x64158000 memmap=4K$0x6f7ff000")
    #expect(
      withholding.grubLine
        == #"GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX memmap=4K\\\$0x64158000 memmap=4K\\\$0x6f7ff000""#
    )
    #expect(withholding.placements == Placement.allCases)
    #expect(withholding.areasToSpare == 0)
    // The next smallest: two pages at 0x619e0000.
    #expect(withholding.next.first == AddressRange(unchecked: 0x619e_0000, 0x619e_2000))
    // With an area to spare, these too.
    let spared = Advice(
      try MemoryMap(machine.regions),
      convertible: machine.convertible,
      options: machine.options,
      keyIDBits: 6,
      slack: 1
    ).withholding
    #expect(spared?.bytes == 16384 && spared?.areasToSpare == 1)
    // The oracle that knows nothing of this: with 16 areas it fits, and with one island fewer withheld it does not.
    for placement in Placement.allCases {
      var rest = try rest(machine, withholding)
      rest.options.placement = placement
      #expect(rest.plainPlan().outcome == .ok)
      #expect(rest.plainPlan().tdmrs.map(\.reserved.count) == [16])
      for range in withholding.ranges {
        var one = withholding
        one.ranges = [range]
        var still = try self.rest(machine, one)
        still.options.placement = placement
        #expect(still.plainPlan().outcome == .noSpace)
      }
    }
    // linux-cmr and optimal fit without a loss.
    #expect(advice.results.filter { $0.policy != .linux }.allSatisfy { $0.outcome == .ok })
  }

  /// The least against every set of regions that could be withheld, by the oracle.
  @Test func withholdsTheLeast() throws {
    var helped = 0
    for seed in 0..<50 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let count = 3 + random.below(4)
      var start: UInt64 = 1 << 32
      // A large region at either end of a GiB, for PAMTs, and small islands between them.
      var regions = [MemoryRegion(start: start, end: start + 256 << 20)]
      start += 257 << 20
      for _ in 0..<count {
        let size = (1 + random.below(200 as UInt64)) << 12
        regions.append(MemoryRegion(start: start, end: start + size))
        start += size + random.pick([1, 16, 64, 1 << 12]) << 12
      }
      regions.append(MemoryRegion(start: start + 4096, end: 5 << 30))
      let options = PlanOptions(limits: ModuleLimits(maxReserved: UInt64(2 + random.below(count))))
      let machine = TestSupport.Machine(regions, options)
      let found = try advice(machine).withholding?.bytes
      let isNeeded = Placement.allCases.contains { !fits(machine, $0) }
      guard isNeeded else {
        #expect(found == nil, "seed \(seed)")
        continue
      }
      let expected = plainLeast(machine)
      helped += expected == nil ? 0 : 1
      #expect(found == expected, "seed \(seed)\n\(machine)")
    }
    #expect(helped > 20)
  }

  private func fits(_ machine: TestSupport.Machine, _ placement: Placement) -> Bool {
    var machine = machine
    machine.options.placement = placement
    return machine.plainPlan().outcome == .ok
  }

  /// The smallest sum of islands without which Linux succeeds with every placement; the two large regions stay.
  private func plainLeast(_ machine: TestSupport.Machine) -> UInt64? {
    let islands = machine.regions.indices.dropFirst().dropLast()
    var least: UInt64?
    for set in 0..<1 << islands.count {
      let withheld = islands.enumerated().filter { set >> $0.offset & 1 == 1 }.map(\.element)
      let bytes = withheld.reduce(0) { $0 + machine.regions[$1].size }
      if let least, bytes >= least { continue }
      var rest = machine
      rest.regions = machine.regions.indices.filter { !withheld.contains($0) }.map { machine.regions[$0] }
      if Placement.allCases.allSatisfy({ fits(rest, $0) }) { least = bytes }
    }
    return least
  }

  /// |· 2.8 GiB of memory |· 5 islands, 7 holes in all ·|█| and 2 GiB at 4, 7 and 10 GiB: 4 PAMTs, 7 areas allowed.
  ///
  /// `bottom` puts all PAMTs into the first TDMR, [0, 3 GiB): 2 + 5 holes and 4 PAMTs. A page withheld at 2 GiB ends that
  /// TDMR, and a fifth PAMT lies below too: 1 + 1 holes and 5 PAMTs. The last GiB has its 6 holes to itself.
  @Test func aPageThatCutsATDMRIsLessThanIslands() throws {
    let mib = 1 << 20 as UInt64
    let gib = 1 << 30 as UInt64
    var regions = [MemoryRegion(start: mib, end: 2868 * mib)]
    for island in 0..<5 as Range<UInt64> {
      let start = (2880 + 16 * island) * mib
      regions.append(MemoryRegion(start: start, end: start + 8 * mib))
    }
    regions.append(MemoryRegion(start: 2960 * mib, end: 3 * gib))
    regions += [4, 7, 10].map { MemoryRegion(start: $0 * gib, end: ($0 + 2) * gib) }
    let machine = TestSupport.Machine(regions, PlanOptions(limits: ModuleLimits(maxReserved: 7)))
    let withholding = try #require(try advice(machine).withholding)
    #expect(withholding.kernelParameters == "memmap=4K$0x7ffff000")
    #expect(withholding.placements == Placement.allCases)
    for placement in Placement.allCases {
      var rest = try rest(machine, withholding)
      rest.options.placement = placement
      #expect(rest.plainPlan().outcome == .ok)
      #expect(rest.plainPlan().tdmrs.count == 5)
    }
  }

  /// The least against every set of islands and of pages at borders of GiBs, by the oracle, where TDMRs of several GiB
  /// end in a GiB with many holes.
  @Test func withholdsTheLeastWhereTDMRsCanBeCut() throws {
    let gib = 1 << 30 as UInt64
    var cuts = 0
    for seed in 0..<40 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let first = random.pick([gib - 64 << 20, 2 * gib - 300 << 20, 3 * gib - 200 << 20])
      var regions = [MemoryRegion(start: 1 << 20, end: first)]
      var start = first
      for _ in 0..<4 + random.below(3) {
        start += random.pick([1, 3, 16]) << 12
        let size = random.pick([1, 1, 2, 16, 200, 2000] as [UInt64]) << 12
        regions.append(MemoryRegion(start: start, end: start + size))
        start += size
      }
      start = 4 * gib
      for _ in 0..<random.below(3) {
        regions.append(MemoryRegion(start: start, end: start + random.pick([1, 2]) * gib))
        start += 3 * gib
      }
      let machine = TestSupport.Machine(
        regions,
        PlanOptions(limits: ModuleLimits(maxReserved: random.pick([5, 6, 7])))
      )
      let found = try advice(machine).withholding
      guard Placement.allCases.contains(where: { !fits(machine, $0) }) else {
        #expect(found == nil, "seed \(seed)")
        continue
      }
      let expected = plainLeast(machine, pagesAtBordersOf: regions[0])
      #expect(found?.bytes == expected, "seed \(seed)\n\(machine)")
      cuts +=
        found?.ranges.contains { ($0.end % gib == 0 || $0.start % gib == 0) && $0.size == 4096 } == true
        ? 1 : 0
    }
    #expect(cuts > 10)
  }

  /// The smallest sum of islands between the first region and 4 GiB, and of pages on either side of a border of a GiB in
  /// the first region, without which Linux succeeds with every placement.
  private func plainLeast(_ machine: TestSupport.Machine, pagesAtBordersOf first: MemoryRegion) -> UInt64? {
    let gib = 1 << 30 as UInt64
    let islands = machine.regions.dropFirst().filter { $0.start < 4 * gib }.map(\.range)
    let pages = stride(from: gib, to: first.end, by: Int(gib)).flatMap {
      [AddressRange(unchecked: $0 - 4096, $0), AddressRange(unchecked: $0, $0 + 4096)]
    }
    let candidates = islands + pages
    var sets = (0..<1 << candidates.count).map { set in
      candidates.indices.filter { set >> $0 & 1 == 1 }.map { candidates[$0] }.sorted { $0.start < $1.start }
    }.map { (ranges: $0, bytes: $0.reduce(0) { $0 + $1.size }) }
    sets.sort { $0.bytes < $1.bytes }
    return sets.first { set in
      var rest = machine
      rest.regions = machine.regions.withUnsafeBufferPointer { $0.removing(set.ranges) }
      return Placement.allCases.allSatisfy { fits(rest, $0) }
    }?.bytes
  }

  /// 64 regions of a GiB, and an island of 1 MiB in a GiB of its own: one TDMR too many, for 1 MiB.
  @Test func aSmallRegionThatOpensATDMRIsWithheld() throws {
    let gib = 1 << 30 as UInt64
    let mib = 1 << 20 as UInt64
    var regions = (0..<65 as Range<UInt64>).map {
      MemoryRegion(start: (4 + 2 * $0) * gib, end: (5 + 2 * $0) * gib, node: UInt32($0 / 8))
    }
    regions[30] = MemoryRegion(start: 64 * gib, end: 64 * gib + mib, node: 3)
    let machine = TestSupport.Machine(regions)
    #expect(try machine.plan().failure == .tdmrsExhausted)
    let advice = try advice(machine)
    #expect(advice.withholding?.kernelParameters == "memmap=1M$0x1000000000")
    #expect(advice.withholding?.placements == Placement.allCases)
  }

  /// The least memory without which Linux opens few enough TDMRs, against every way to cut the ends off regions.
  @Test func theLeastForTDMRs() throws {
    let mib = 1 << 20 as UInt64
    for seed in 0..<200 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      var start: UInt64 = 1 << 32
      var regions: [MemoryRegion] = []
      for _ in 0..<2 + random.below(6) {
        let size = (1 + random.below(1500 as UInt64)) * mib
        regions.append(MemoryRegion(start: start, end: start + size))
        start += size + random.below(900 as UInt64) * mib + 4096
      }
      let most = 1 + random.below(4 as UInt64)
      var budget = SearchBudget()
      let found = OpenedTDMRs(try MemoryMap(regions), most: most).leastToWithhold(&budget)
      #expect(found?.reduce(0) { $0 + $1.size } == plainLeast(regions, tdmrs: most), "seed \(seed)")
      let rest = TestSupport.Machine(
        regions.withUnsafeBufferPointer { $0.removing(found ?? []) },
        PlanOptions(limits: ModuleLimits(maxTDMRs: most, maxReserved: 1000))
      )
      #expect(try rest.plan().failure != .tdmrsExhausted, "seed \(seed)")
    }
  }

  /// By trying for each region to keep it, or to cut off what is behind the last TDMR.
  private func plainLeast(_ regions: [MemoryRegion], tdmrs: UInt64) -> UInt64 {
    (0..<1 << regions.count).compactMap { kept -> UInt64? in
      var (end, opened, withheld) = (0 as UInt64, 0 as UInt64, 0 as UInt64)
      for (index, region) in regions.enumerated() where region.end > end {
        if kept >> index & 1 == 1 {
          end = region.end.roundedUp(to: 1 << 30)!
          opened += 1
        } else {
          withheld += region.end - max(region.start, end)
        }
      }
      return opened > 0 && opened <= tdmrs ? withheld : nil
    }.min()!
  }

  /// 3000 pages with holes between them, in one GiB.
  @Test func whatNoCommandLineCanSay() throws {
    let regions =
      [MemoryRegion(start: 4 << 30, end: 9 << 29)]
      + (0..<3000 as Range<UInt64>).map {
        MemoryRegion(start: (5 << 30) + $0 * 8192, end: (5 << 30) + $0 * 8192 + 4096)
      }
    let withholding = try #require(try advice(TestSupport.Machine(regions)).withholding)
    #expect(withholding.placements == Placement.allCases)
    #expect(!withholding.fitsCommandLine)
  }

  @Test func noMemory() throws {
    let advice = try advice(TestSupport.Machine([MemoryRegion(start: 0, end: 4096)]))
    #expect(!advice.succeeds && advice.withholding == nil)
    #expect(advice.hopelessness == .nothingLeft)
  }

  @Test func withholdingCannotHelpWhereTDMRsAreExhausted() throws {
    let gib = 1 << 30 as UInt64
    let regions = (0..<100 as Range<UInt64>).map {
      MemoryRegion(start: (4 + 2 * $0) * gib, end: (6 + 2 * $0) * gib - 4096)
    }
    let advice = try advice(TestSupport.Machine(regions))
    #expect(!advice.succeeds)
    #expect(advice.withholding == nil)
    // 36 regions too many, each of 2 GiB but a page: far too much to give up.
    #expect(advice.hopelessness == .tdmrsExhausted(allowed: 64, least: 36 * (2 * gib - 4096)))
    #expect(advice.results.last { $0.policy == .optimal }?.tdmrs == 7)
  }

  /// Islands of a GiB, far apart, on one node: all their PAMTs land in one, and no hole is in it.
  private func lonelyGiBs(_ count: UInt64, maxReserved: UInt64) -> TestSupport.Machine {
    let gib = 1 << 30 as UInt64
    return TestSupport.Machine(
      (0..<count).map { MemoryRegion(start: (4 + 2 * $0) * gib, end: (5 + 2 * $0) * gib) },
      PlanOptions(limits: ModuleLimits(maxReserved: maxReserved))
    )
  }

  /// 18 PAMTs for 16 areas: two TDMRs of a GiB go.
  @Test func smallTDMRsAreWithheldWherePAMTsTakeTheAreas() throws {
    let withholding = try #require(try advice(lonelyGiBs(18, maxReserved: 16)).withholding)
    #expect(withholding.bytes == 2 << 30)
    #expect(withholding.placements == Placement.allCases)
  }

  /// 3 PAMTs for an area: each TDMR is a third of the memory.
  @Test func withholdingCannotHelpWherePAMTsTakeTheAreas() throws {
    let advice = try advice(lonelyGiBs(3, maxReserved: 1))
    #expect(advice.withholding == nil)
    guard case .areasTakenByPAMTs = advice.hopelessness else {
      Issue.record("\(String(describing: advice.hopelessness))")
      return
    }
  }

  /// The last 16 MiB are in no CMR: Linux plans, and the module refuses, until they are withheld.
  @Test func memoryOutsideCMRsIsWithheld() throws {
    let mib = 1 << 20 as UInt64
    let machine = TestSupport.Machine(
      [MemoryRegion(start: 4096 * mib, end: 6144 * mib)],
      convertible: [AddressRange(unchecked: 4096 * mib, 6128 * mib)]
    )
    let advice = try advice(machine)
    #expect(!advice.succeeds && advice.today.outcome == .ok)
    let withholding = try #require(advice.withholding)
    #expect(withholding.kernelParameters == "memmap=16M$0x17f000000")
    #expect(withholding.placements == Placement.allCases)
  }

  /// CMRs that the module refuses for themselves: from the middle of a page on, and above the address limit. What memory is
  /// withheld changes neither, though some lies outside the first one. Then key ids that are too few for Dynamic PAMT.
  @Test func whatTheModuleRefusesStillIsNoRemedy() throws {
    let low = MemoryRegion(start: 0x10_0000, end: 0x8000_0000)
    let high = MemoryRegion(start: 0x4000_0000_0000, end: 0x4000_8000_0000)
    for machine in [
      TestSupport.Machine([low], convertible: [AddressRange(unchecked: 0x10_0800, 0x8000_0000)]),
      TestSupport.Machine([low, high], convertible: [low.range, high.range]),
    ] {
      let advice = try advice(machine)
      #expect(!advice.succeeds && advice.withholding == nil)
      #expect(advice.hopelessness == .refused(ModuleVerdict(refusal: .cmrListInvalid)))
    }
    let advice = Advice(
      try MemoryMap([low]),
      convertible: nil,
      options: PlanOptions(dynamicPAMT: true),
      keyIDBits: 0
    )
    #expect(advice.withholding == nil)
    #expect(advice.hopelessness == .refused(ModuleVerdict(refusal: .keyIDBitsInvalid)))
  }

  @Test func aSoundMachineIsToldHowNearItsLimitsItIs() throws {
    let advice = try advice(captured("tdx-1t-5cmr"))
    #expect(advice.succeeds && advice.withholding == nil && advice.hopelessness == nil)
    #expect(advice.today.tdmrs == 5)
    #expect(advice.today.pamtBytes == 4_202_516 << 10)
    let outlook = try #require(advice.outlook)
    // A hole in the midst of a region makes a TDMR more, with a page of 1G PAMT.
    #expect(outlook.cases.map(\.result.tdmrs) == [6, 6])
    #expect(outlook.cases[0].result.pamtBytes == 4_202_520 << 10)
    // [0x77800000, 0x80000000) is 136 MiB of a TDMR of 2 GiB with 8212 KiB.
    #expect(outlook.costlyHoles.first?.pamtBytes == 8212 * 1024 * 136 / 2048)
  }
}
