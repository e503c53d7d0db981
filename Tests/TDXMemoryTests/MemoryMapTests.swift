import RandomNumbers
import TDXMemory
import TestSupport
import Testing

@Suite struct MemoryMapTests {
  private let page: UInt64 = 4096

  /// Files hold these layouts.
  @Test func layoutsInMemory() {
    #expect(MemoryLayout<MemoryRegion>.size == 24)
    #expect(MemoryLayout<MemoryRegion>.stride == 24)
    #expect(MemoryLayout<MemoryRegion>.offset(of: \.start) == 0)
    #expect(MemoryLayout<MemoryRegion>.offset(of: \.end) == 8)
    #expect(MemoryLayout<MemoryRegion>.offset(of: \.node) == 16)
    #expect(MemoryLayout<MemoryRegion>.offset(of: \.flags) == 20)
    #expect(MemoryLayout<AddressRange>.stride == 16)
    #expect(MemoryLayout<ConvertibleRegionSlot>.stride == 16)
  }

  @Test func emptyAndSmall() throws {
    #expect(try MemoryMap([]).isEmpty)
    #expect(try MemoryMap([]).totalBytes == 0)
    let one = try MemoryMap([MemoryRegion(start: 0, end: page, node: 9, flags: .hotplug)])
    #expect(Array(one) == [MemoryRegion(start: 0, end: page, node: 9, flags: .hotplug)])
    #expect(one.totalBytes == page)
    #expect(one.nodes == [9])
  }

  /// |.##|###|##.|   bounds inside pages: expect the start rounded up and the end down, to nothing if need be.
  @Test(
    arguments: [
      (0, 4096, 0, 4096), (1, 8192, 4096, 8192), (0, 8191, 0, 4096), (4095, 8193, 4096, 8192),
      (4096, 4096, 0, 0), (4097, 8191, 0, 0), (1, 4097, 0, 0), (1, 8191, 0, 0), (100, 200, 0, 0),
      (.max - 4095, .max, 0, 0), (.max - 4094, .max, 0, 0), (.max - 8191, .max, .max - 8191, .max - 4095),
      (0, .max, 0, .max - 4095),
    ] as [(UInt64, UInt64, UInt64, UInt64)]
  )
  func rounding(start: UInt64, end: UInt64, roundedStart: UInt64, roundedEnd: UInt64) throws {
    let map = try MemoryMap([MemoryRegion(start: start, end: end, node: 1)])
    #expect(
      Array(map)
        == (roundedStart < roundedEnd ? [MemoryRegion(start: roundedStart, end: roundedEnd, node: 1)] : [])
    )
  }

  /// Expect the order of addresses, and touching regions to stay apart.
  @Test func unsortedInput() throws {
    let regions = (0..<50 as Range<UInt64>).map {
      MemoryRegion(start: $0 * 2 * page, end: ($0 * 2 + 1 + $0 % 2) * page, node: UInt32($0 % 3))
    }
    var random = SplitMix64(seed: 1)
    #expect(Array(try MemoryMap(regions.shuffled(using: &random))) == regions)
    #expect(try MemoryMap(regions).nodes == [0, 1, 2])
  }

  /// |####|
  ///    |####|   Expect both ranges to be named, as given. Those that only share a page of rounding do not overlap.
  @Test func overlaps() throws {
    let one = MemoryRegion(start: page, end: 3 * page)
    for (start, end) in [
      (2 * page, 4 * page), (0, page + 1), (page, 3 * page), (page + 5, page + 6), (0, 9 * page),
      (3 * page - 1, 4 * page),
    ] as [(UInt64, UInt64)] {
      let other = MemoryRegion(start: start, end: end, node: 1)
      for regions in [[one, other], [other, one]] {
        do {
          _ = try MemoryMap(regions)
          Issue.record("\(other) does not overlap \(one)")
        } catch .overlap(let lower, let upper) {
          #expect(Set([lower, upper]) == Set([one.range, other.range]))
          #expect(lower.start <= upper.start)
          #expect("\(MapError.overlap(lower, upper))" == "the ranges \(lower) and \(upper) overlap")
        } catch {
          Issue.record("\(error)")
        }
      }
    }
    for (start, end) in [(3 * page, 4 * page), (0, page), (2 * page, 2 * page), (3 * page, 3 * page)] {
      let other = MemoryRegion(start: start, end: end, node: 1)
      #expect(try MemoryMap([one, other]).contains(one))
      #expect(try MemoryMap([other, one]).contains(one))
    }
    // An empty range between two that overlap hides nothing.
    #expect(
      throws: MapError.overlap(
        AddressRange(unchecked: 0, 5 * page),
        AddressRange(unchecked: 4 * page, 6 * page)
      )
    ) {
      try MemoryMap(
        [(0, 5 * page), (2 * page, 2 * page), (4 * page, 6 * page)].map { MemoryRegion(start: $0, end: $1) }
      )
    }
    // |##.|.##|  the page between them is neither's.
    let parts = [MemoryRegion(start: 0, end: page + 100), MemoryRegion(start: page + 100, end: 3 * page)]
    #expect(try MemoryMap(parts).map(\.range.description) == ["[0x0, 0x1000)", "[0x2000, 0x3000)"])
  }

  /// Whatever ranges come in: expect the invariant, and no page that is not wholly in one range.
  @Test func theInvariantOfRandomMaps() throws {
    for seed in 0..<500 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let regions = Machine.random(using: &random).regions
      let map = try MemoryMap(regions)
      for region in map {
        #expect(
          region.start < region.end && region.start % page == 0 && region.end % page == 0,
          "seed \(seed)"
        )
        #expect(
          regions.contains { $0.start <= region.start && region.end <= $0.end && $0.node == region.node }
        )
      }
      for (one, next) in zip(map, map.dropFirst()) { #expect(one.end <= next.start, "seed \(seed)") }
      let whole = regions.reduce(0 as UInt64) { sum, region in
        let (start, end) = (region.start.addingSaturated(page - 1) / page, region.end / page)
        return sum + (start < end ? (end - start) * page : 0)
      }
      #expect(map.totalBytes == whole, "seed \(seed)")
    }
  }

  @Test func adoptedRegions() throws {
    func adopt(_ regions: [MemoryRegion]) throws(MapError) -> MemoryMap {
      let base = UnsafeMutablePointer<MemoryRegion>.allocate(capacity: max(regions.count, 1))
      base.initialize(from: regions, count: regions.count)
      return try MemoryMap(
        adopting: RegionStorage(adopting: base, count: regions.count) { base.deallocate() }
      )
    }
    let regions = [MemoryRegion(start: 0, end: page), MemoryRegion(start: page, end: 3 * page, node: 1)]
    #expect(try adopt(regions) == MemoryMap(regions))
    #expect(try adopt([]).isEmpty)
    #expect(throws: MapError.overlap(regions[1].range, regions[0].range)) { try adopt(regions.reversed()) }
    for wrong in [(0, 0), (1, page), (0, 4097)] as [(UInt64, UInt64)] {
      let region = MemoryRegion(start: wrong.0, end: wrong.1)
      #expect(throws: MapError.notWholePages(region)) { try adopt([region]) }
    }
  }

  /// Regions are checked by the hundred: expect the first one at fault to be named wherever it lies, and bounds up to
  /// 2^64 to be compared as they are.
  @Test func manyAdoptedRegions() throws {
    func adopt(_ regions: [MemoryRegion]) throws(MapError) -> MemoryMap {
      let base = UnsafeMutablePointer<MemoryRegion>.allocate(capacity: regions.count)
      base.initialize(from: regions, count: regions.count)
      let storage = RegionStorage(adopting: base, count: regions.count) { base.deallocate() }
      return try MemoryMap(adopting: storage)
    }
    for count in [1, 255, 256, 257, 600] {
      var regions = (0..<UInt64(count)).map { MemoryRegion(start: 2 * $0 * page, end: (2 * $0 + 1) * page) }
      regions[count - 1] = MemoryRegion(start: regions[count - 1].start, end: .max - 4095)
      #expect(try adopt(regions).elementsEqual(regions))
      for index in Set([0, 254, 255, 256, 257, count - 1]) where index < count {
        var wrong = regions
        let start = regions[index].start
        wrong[index] = MemoryRegion(start: start, end: start)
        #expect(throws: MapError.notWholePages(wrong[index])) { try adopt(wrong) }
        if index + 1 < count {
          wrong[index] = MemoryRegion(start: start, end: regions[index + 1].start + page)
          #expect(throws: MapError.overlap(wrong[index].range, regions[index + 1].range)) { try adopt(wrong) }
        }
        if 0 < index {
          wrong[index] = MemoryRegion(start: 0, end: .max - 4095)
          #expect(throws: MapError.overlap(regions[index - 1].range, wrong[index].range)) { try adopt(wrong) }
        }
      }
    }
  }

  @Test func convertibleRegions() throws {
    func normalized(_ ranges: [AddressRange]) throws(MapError) -> [AddressRange] {
      var ranges = ranges
      let count = try ranges.withUnsafeMutableBufferPointer { (buffer) throws(MapError) in
        try normalizeConvertibleRegions(in: buffer)
      }
      return Array(ranges.prefix(count))
    }
    // Odd bounds stay; empty ones go.
    let (low, high) = (AddressRange(unchecked: 3, 9), AddressRange(unchecked: 9, 4097))
    #expect(try normalized([high, AddressRange(unchecked: 5, 5), low]) == [low, high])
    #expect(throws: MapError.overlap(low, AddressRange(unchecked: 8, 10))) {
      try normalized([AddressRange(unchecked: 8, 10), low])
    }
  }
}
