import RandomNumbers
import TDXMemory
import TestSupport
import Testing

/// What is given up where there is no plan, against every way to give up cells of a small machine.
@Suite struct SacrificeTests {
  typealias Cell = PlainOptimal.Cell

  @Test(arguments: 0..<4)
  func givesUpTheLeast(part: Int) throws {
    let count = _isDebugAssertConfiguration() ? 250 : 2500
    var helped = 0
    for index in 0..<count {
      let seed = UInt64(part * count + index)
      var random = SplitMix64(seed: seed)
      var cells = (0..<2 + random.below(3)).map { _ in
        (0..<1 + random.below(4)).map { _ in Cell(rawValue: random.pick([0, 1, 1, 0, 2]))! }
      }
      if !cells.joined().contains(.memory) { cells[0][0] = .memory }
      // Memory in units of 40 MiB; a hole takes what is left of its GiB, or one unit.
      var sizes = cells.map { row in row.map { $0 == .memory ? 1 + random.below(4 as UInt64) : 1 } }
      for gib in cells.indices {
        sizes[gib][sizes[gib].count - 1] += 25 - sizes[gib].reduce(0, +)
      }
      let options = PlanOptions(
        policy: .optimal,
        limits: ModuleLimits(maxTDMRs: random.pick([1, 2, 3]), maxReserved: random.pick([1, 1, 2, 3]))
      )
      let machine = machine(cells, sizes, options)
      guard try machine.optimalPlan().outcome == .noSpace else { continue }
      let expected = plainLeast(cells, sizes, options)
      let found = try MemoryMap(machine.regions).withRegions { regions in
        machine.convertible.withUnsafeBufferPointer {
          OptimalPlanner.leastToGiveUp(regions, convertible: $0, options: options)
        }
      }
      helped += found == nil ? 0 : 1
      #expect(found?.size == expected, "seed \(seed)\n\(machine)\n\(String(describing: found))")
      if let found {
        let rest = Machine(Array(found.map), convertible: machine.convertible, options)
        #expect(try rest.optimalPlan().complaints == [], "seed \(seed)")
      }
    }
    #expect(helped > count / 20)
  }

  /// 50,000 islands between holes in one GiB, beside one of 512 MiB, 16 areas: the 15 largest islands stay, and all that
  /// is given up is found without a look at each pair of them.
  @Test func manyIslandsInOneGiB() throws {
    var regions: [MemoryRegion] = []
    var start: UInt64 = 4 << 30
    for index in 0..<50_000 {
      let pages: UInt64 = index % 5000 == 7 ? 2 : 1
      start += 4096
      regions.append(MemoryRegion(start: start, end: start + pages * 4096))
      start += pages * 4096
    }
    regions.append(MemoryRegion(start: start + 4096, end: 5 << 30))
    let options = PlanOptions(policy: .optimal)
    let found = try MemoryMap(regions).withRegions { regions in
      [].withUnsafeBufferPointer { OptimalPlanner.leastToGiveUp(regions, convertible: $0, options: options) }
    }
    // 50,000 islands between 50,001 holes, and memory to the border: 49,985 of them go, 10 of two pages stay.
    let least = try #require(found)
    #expect(least.ranges.count == 49_985)
    #expect(least.size == 49_985 * 4096)
  }

  /// The least by trying every set of memory cells; a cell that is given up is convertible. Nil where none helps.
  private func plainLeast(_ cells: [[Cell]], _ sizes: [[UInt64]], _ options: PlanOptions) -> UInt64? {
    let places = cells.indices.flatMap { gib in cells[gib].indices.map { (gib, $0) } }
      .filter { cells[$0.0][$0.1] == .memory }
    var least: UInt64?
    for set in 1..<(1 << places.count) - 1 {
      var rest = cells
      var bytes: UInt64 = 0
      for (bit, place) in places.enumerated() where set >> bit & 1 == 1 {
        rest[place.0][place.1] = .convertible
        bytes += sizes[place.0][place.1] == 0 ? 0 : size(place, sizes)
      }
      if let least, bytes >= least { continue }
      if PlainOptimal.least(rest, options) != nil { least = bytes }
    }
    return least
  }

  private func size(_ place: (Int, Int), _ sizes: [[UInt64]]) -> UInt64 {
    place.1 + 1 == sizes[place.0].count
      ? 1 << 30 - sizes[place.0].dropLast().reduce(0, +) * (40 << 20) : sizes[place.0][place.1] * (40 << 20)
  }

  private func machine(_ cells: [[Cell]], _ sizes: [[UInt64]], _ options: PlanOptions) -> Machine {
    var regions: [MemoryRegion] = []
    var cmrs: [AddressRange] = []
    for gib in cells.indices {
      var start = UInt64(4 + gib) << 30
      for index in cells[gib].indices {
        let end = start + size((gib, index), sizes)
        if cells[gib][index] == .memory { regions.append(MemoryRegion(start: start, end: end)) }
        if cells[gib][index] != .hole { cmrs.append(AddressRange(unchecked: start, end)) }
        start = end
      }
    }
    return Machine(regions, convertible: cmrs, options)
  }
}
