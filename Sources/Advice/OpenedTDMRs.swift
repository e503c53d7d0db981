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

  /// So many comparisons take as long as a step of the budget.
  private static var comparisonsPerStep: Int { 16 }

  /// The best way to have the last TDMR opened by a region, for each number of TDMRs.
  private struct Table {
    /// The bytes withheld before that region, by region and then by TDMRs; what is withheld behind it is not in them.
    var bytes: [UInt64]
    /// The region that opens the TDMR before; -1 for the first.
    var from: [Int32]
  }

  /// - Returns: by address; nil where the machine is too large for what is left of the budget, or no TDMR is allowed.
  /// - Complexity: O(regions^2 x TDMRs), exact.
  func leastToWithhold(_ budget: inout SearchBudget) -> [AddressRange]? {
    let count = map.count
    let (square, overflows) = count.multipliedReportingOverflow(by: count)
    guard most > 0, !overflows, square <= Int(Int32.max) else { return nil }
    let steps = square * most / Self.comparisonsPerStep
    guard budget.allows(steps) else { return nil }
    budget.take(steps)
    var table = Table(
      bytes: Array(repeating: .max, count: count * most),
      from: Array(repeating: -1, count: count * most)
    )
    var best: (bytes: UInt64, tdmrs: Int, last: Int)?
    for last in -1..<count {
      let end = last < 0 ? lowMemoryEnd : endOfTDMR(last)
      var withheld: UInt64 = 0
      for next in last + 1..<count {
        if endOfTDMR(next) > end, map[next].end > lowMemoryEnd {
          open(next, behind: last, withheld, &table)
        }
        withheld += behind(end, of: next).size
      }
      guard last >= 0 else { continue }
      for tdmrs in 0..<most where table.bytes[last * most + tdmrs] < .max {
        let bytes = table.bytes[last * most + tdmrs] + withheld
        if best.map({ bytes < $0.bytes }) ?? true { best = (bytes, tdmrs, last) }
      }
    }
    guard let best else { return nil }
    return ranges(table, tdmrs: best.tdmrs, last: best.last)
  }

  /// Lets a region open the next TDMR after that of an earlier one, wherever that withholds less than was known.
  private func open(_ next: Int, behind last: Int, _ withheld: UInt64, _ table: inout Table) {
    guard last >= 0 else {
      if withheld < table.bytes[next * most] { table.bytes[next * most] = withheld }
      return
    }
    let (rowBefore, row) = (last * most, next * most)
    table.bytes.withUnsafeMutableBufferPointer { bytes in
      table.from.withUnsafeMutableBufferPointer { from in
        for tdmrs in 1..<max(1, most) {
          // Memory that is withheld in different places adds up to less than 2^64 bytes.
          let before = bytes[rowBefore + tdmrs - 1]
          let all = before == .max ? .max : before &+ withheld
          if all < bytes[row + tdmrs] {
            bytes[row + tdmrs] = all
            from[row + tdmrs] = Int32(truncatingIfNeeded: last)
          }
        }
      }
    }
  }

  private func ranges(_ table: Table, tdmrs: Int, last: Int) -> [AddressRange] {
    var ranges: [AddressRange] = []
    var (tdmrs, last, next) = (tdmrs, last, map.count)
    while next > 0 {
      let end = last < 0 ? lowMemoryEnd : endOfTDMR(last)
      for index in (last + 1..<next).reversed() {
        let part = behind(end, of: index)
        if !part.isEmpty { ranges.append(part) }
      }
      guard last >= 0 else { break }
      (next, last, tdmrs) = (last, Int(table.from[last * most + tdmrs]), tdmrs - 1)
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
