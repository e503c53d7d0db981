import RandomNumbers
import TDXMemory
import TestSupport
import Testing

/// The bytes of the TDMR_INFO table, as the module reads them.
@Suite struct EntryBytesTests {
  /// |...|####|....|  2 GiB + 4 KiB to 3 GiB - 4 KiB
  ///
  /// Expect 512 bytes: base, size, the PAMTs from 1G to 4K, the three areas, and null entries to the end.
  @Test func everyWordOfAnEntry() throws {
    let map = try MemoryMap([MemoryRegion(start: 2 << 30 | 4096, end: (3 << 30) - 4096)])
    try withPlan(of: map, PlanOptions(placement: .top)) { plan, words in
      #expect(plan.outcome == .ok)
      let pamt: UInt64 = (3 << 30) - 4096 - (4 << 20) - (8 << 10) - (4 << 10)
      let expected: [UInt64] = [
        2 << 30, 1 << 30,
        pamt + (4 << 20) + (8 << 10), 4 << 10,
        pamt + (4 << 20), 8 << 10,
        pamt, 4 << 20,
        0, 4096,
        pamt - (2 << 30), (4 << 20) + (12 << 10),
        (1 << 30) - 4096, 4096,
      ]
      #expect(Array(words) == expected + Array(repeating: 0, count: 64 - expected.count))
    }
  }

  /// Expect the last step alone to write the same bytes, over whatever the buffer holds by then: any machine.
  @Test func rewritingAnEntry() throws {
    var rewritten = 0
    for seed in 0..<300 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let machine = Machine.randomSound(using: &random)
      let (planner, map) = (Planner(.inSteps), try MemoryMap(machine.regions))
      map.withRegions { regions in
        machine.convertible.withUnsafeBufferPointer { cmrs in
          let bytes = Planner.requiredBytes(regions, convertible: cmrs, options: machine.options)
          let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 512)
          defer { buffer.deallocate() }
          buffer.initializeMemory(as: UInt8.self, repeating: 0xa5)
          let plan = planner.plan(regions, convertible: cmrs, options: machine.options, into: buffer)
          guard plan.outcome == .ok else { return }
          let first = Array(buffer)
          buffer.initializeMemory(as: UInt8.self, repeating: 0xa5)
          planner.rewriteEntries(regions, convertible: cmrs, options: machine.options, into: buffer)
          #expect(first.elementsEqual(buffer), "seed \(seed)\n\(machine)")
          rewritten += 1
        }
      }
    }
    #expect(rewritten > 100)
  }

  /// Expect entries of 512 bytes up to 28 areas, and of 1024 from 29 on: |#.#.#.…|, each region a page.
  @Test(arguments: [(27, 512), (28, 512), (29, 1024), (60, 1024), (61, 1536)])
  func entriesGrowBy512Bytes(areas: Int, bytes: Int) throws {
    // The PAMT takes the bottom of the last region, right after a hole: one area a hole, and one for the PAMT.
    var regions = (0..<UInt64(areas - 2)).map {
      MemoryRegion(start: 1 << 30 | $0 << 13, end: 1 << 30 | $0 << 13 | 4096)
    }
    regions.append(MemoryRegion(start: 1 << 30 | 512 << 20, end: 2 << 30))
    let map = try MemoryMap(regions + [MemoryRegion(start: 2 << 30, end: 3 << 30)])
    let limits = ModuleLimits(maxReserved: UInt64(areas))
    try withPlan(of: map, PlanOptions(placement: .bottom, limits: limits)) { plan, words in
      #expect(plan.outcome == .ok)
      #expect(plan.tdmrs.map(\.base) == [1 << 30, 2 << 30])
      // The second TDMR's PAMT lies behind the first one's.
      #expect(plan.tdmrs.map(\.usedReservedSlots) == [areas, 0])
      #expect(words[bytes / 8] == 2 << 30)
      // The last words are the last area's where it fills the entry, else those of a null entry.
      let last = words[bytes / 8 - 1]
      #expect(last == (64 + 16 * areas == bytes ? (4 << 20) + (12 << 10) : 0))
    }
  }

  /// 64 nodes of a GiB, each with 27 regions, a hole before each and one after the last: 28 holes and a PAMT.
  ///
  /// Expect 29 areas in every entry, the first number that does not fit 512 bytes: the most bytes per area.
  @Test func requiredBytesHoldTheWorstCase() throws {
    var regions: [MemoryRegion] = []
    for gib in 1...64 as ClosedRange<UInt64> {
      for slot in 0..<27 as Range<UInt64> {
        let start = gib << 30 + slot << 25 + 4096
        regions.append(MemoryRegion(start: start, end: start + 16 << 20, node: UInt32(gib)))
      }
    }
    let machine = Machine(regions, PlanOptions(placement: .top, limits: ModuleLimits(maxReserved: 29)))
    let plan = try machine.plan()
    #expect(plan == machine.plainPlan())
    #expect(plan.tdmrs.map(\.reserved.count) == Array(repeating: 29, count: 64))
  }

  @Test func requiredBytesOfLittle() throws {
    let none = try MemoryMap([])
    #expect(requiredBytes(none, ModuleLimits()) == 512)
    #expect(requiredBytes(none, ModuleLimits(maxTDMRs: 0, maxReserved: 0)) == 512)
    let one = try MemoryMap([MemoryRegion(start: 0, end: 1 << 40)])
    #expect(requiredBytes(one, ModuleLimits()) == 512)
    // Limits of a size that no module has cost only what the map can use.
    #expect(requiredBytes(one, ModuleLimits(maxTDMRs: .max, maxReserved: .max)) < 1024 + 512)
    #expect(TDMRInfo.stride(maxReserved: 16) == 512)
    #expect(TDMRInfo.stride(maxReserved: 28) == 512)
    #expect(TDMRInfo.stride(maxReserved: 29) == 1024)
    #expect(TDMRInfo.stride(maxReserved: .max) == nil)
  }

  private func requiredBytes(_ map: MemoryMap, _ limits: ModuleLimits) -> Int {
    map.withRegions {
      Planner.requiredBytes(
        $0,
        convertible: UnsafeBufferPointer(start: nil, count: 0),
        options: PlanOptions(limits: limits)
      )
    }
  }

  private func withPlan(
    of map: MemoryMap,
    _ options: PlanOptions,
    _ body: (Plan, UnsafeBufferPointer<UInt64>) throws -> Void
  ) throws {
    let none = UnsafeBufferPointer<AddressRange>(start: nil, count: 0)
    let planner = Planner()
    try map.withRegions { regions in
      let bytes = Planner.requiredBytes(regions, convertible: none, options: options)
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 512)
      defer { buffer.deallocate() }
      buffer.initializeMemory(as: UInt8.self, repeating: 0xa5)
      let plan = planner.plan(regions, convertible: none, options: options, into: buffer)
      try body(plan, UnsafeBufferPointer(buffer.bindMemory(to: UInt64.self)))
    }
  }
}
