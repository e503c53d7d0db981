import TDXMemory

/// The TDMRs that Linux opens, and the least memory without which they are few enough.
///
/// A region opens a TDMR where its end, rounded up to a GiB, is behind the last TDMR's. What of it lies behind that TDMR
/// must go if it is to open none; what lies before may stay.
struct OpenedTDMRs {
  private let map: MemoryMap
  private let most: Int

  init(_ map: MemoryMap, most: UInt64) {
    self.map = map
    self.most = Int(clamping: min(most, UInt64(map.count)))
  }

  /// The steps that the search may take: a tenth of a second.
  private static var mostSteps: Int { 1 << 26 }

  /// - Returns: by address; nil where the machine is too large for the search, or no TDMR is allowed.
  /// - Complexity: O(regions^2 x TDMRs), exact.
  func leastToWithhold() -> [AddressRange]? {
    let count = map.count
    let (square, overflows) = count.multipliedReportingOverflow(by: count)
    guard most > 0, !overflows, square <= Self.mostSteps / most else { return nil }
    // By the number of TDMRs, then by the region that opens the last one: the bytes withheld before it, and the region
    // that opens the TDMR before. The bytes behind the last one decide at the end.
    var before = [[(bytes: UInt64, from: Int)]](
      repeating: Array(repeating: (.max, -1), count: count),
      count: most
    )
    var best: (bytes: UInt64, tdmrs: Int, last: Int)?
    for last in -1..<count {
      let end = last < 0 ? lowMemoryEnd : endOfTDMR(last)
      var withheld: UInt64 = 0
      for next in last + 1..<count {
        if endOfTDMR(next) > end, map[next].end > lowMemoryEnd {
          for tdmrs in 0..<most {
            let bytes =
              last < 0 ? (tdmrs == 0 ? 0 : .max) : (tdmrs == 0 ? .max : before[tdmrs - 1][last].bytes)
            guard bytes < .max, bytes + withheld < before[tdmrs][next].bytes else { continue }
            before[tdmrs][next] = (bytes + withheld, last)
          }
        }
        withheld += behind(end, of: next).size
      }
      guard last >= 0 else { continue }
      for tdmrs in 0..<most where before[tdmrs][last].bytes < .max {
        let bytes = before[tdmrs][last].bytes + withheld
        if best.map({ bytes < $0.bytes }) ?? true { best = (bytes, tdmrs, last) }
      }
    }
    guard let best else { return nil }
    return ranges(before, tdmrs: best.tdmrs, last: best.last)
  }

  private func ranges(_ before: [[(bytes: UInt64, from: Int)]], tdmrs: Int, last: Int) -> [AddressRange] {
    var ranges: [AddressRange] = []
    var (tdmrs, last, next) = (tdmrs, last, map.count)
    while next > 0 {
      let end = last < 0 ? lowMemoryEnd : endOfTDMR(last)
      for index in (last + 1..<next).reversed() {
        let part = behind(end, of: index)
        if !part.isEmpty { ranges.append(part) }
      }
      guard last >= 0 else { break }
      (next, last, tdmrs) = (last, before[tdmrs][last].from, tdmrs - 1)
    }
    return ranges.reversed()
  }

  /// The memory of a region behind an address.
  private func behind(_ address: UInt64, of index: Int) -> AddressRange {
    let region = map[index]
    return AddressRange(unchecked: min(max(region.start, address), region.end), region.end)
  }

  /// Where a TDMR ends that a region opens. No address is near 2^64: `MemoryMap` and the plan saw to it.
  private func endOfTDMR(_ index: Int) -> UInt64 { map[index].end.roundedUp(to: tdmrAlignment) ?? .max }
}
