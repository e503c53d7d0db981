import Advice
import MapReaders
import TDXMemory
import TestSupport
import Testing

@Suite struct AdviceTests {
  private func advice(_ machine: TestSupport.Machine) throws -> Advice {
    Advice(
      try MemoryMap(machine.regions),
      convertible: machine.convertible.isEmpty ? nil : machine.convertible,
      options: machine.options,
      keyIDBits: 6
    )
  }

  private func machine(_ log: String) throws -> TestSupport.Machine {
    let log = try Log.named(log)
    let machine = try readMachine(texts: [(log.name, log.bytes)])
    return TestSupport.Machine(Array(machine.map), convertible: machine.convertible ?? [])
  }

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
    let machine = try machine("tdx-emr-2024-issue135")
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

  @Test func withholdingCannotHelpWhereTDMRsAreExhausted() throws {
    let gib = 1 << 30 as UInt64
    let regions = (0..<100 as Range<UInt64>).map {
      MemoryRegion(start: (4 + 2 * $0) * gib, end: (6 + 2 * $0) * gib - 4096)
    }
    let advice = try advice(TestSupport.Machine(regions))
    #expect(!advice.succeeds)
    #expect(advice.withholding == nil)
    #expect(advice.hopelessness == .tdmrsExhausted)
    #expect(advice.results.last { $0.policy == .optimal }?.tdmrs == 7)
  }

  @Test func withholdingCannotHelpWherePAMTsTakeTheAreas() throws {
    let gib = 1 << 30 as UInt64
    let regions = (0..<18 as Range<UInt64>).map {
      MemoryRegion(start: (4 + 2 * $0) * gib, end: (5 + 2 * $0) * gib)
    }
    let advice = try advice(TestSupport.Machine(regions))
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

  @Test func aSoundMachineIsToldHowNearItsLimitsItIs() throws {
    let advice = try advice(machine("tdx-1t-5cmr"))
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
