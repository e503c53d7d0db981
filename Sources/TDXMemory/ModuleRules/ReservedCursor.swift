/// Looks up ranges that ascend and are disjoint in the reserved areas of a table: where the last one ended, the
/// next one is looked for.
///
/// - Precondition: the shapes of the first `count` TDMRs have been checked.
struct ReservedCursor {
  private let tdmrs: TDMRInfoTable
  private let count: Int
  private var index = 0
  private var tdmr: TDMRInfo
  /// Areas before this one end before every range to come.
  private var slot = 0

  /// - Parameter count: at least 1; TDMRs after so many do not count.
  init(_ tdmrs: TDMRInfoTable, count: Int) {
    self.tdmrs = tdmrs
    self.count = count
    tdmr = tdmrs[0]
  }

  /// Whether a range has a byte in a TDMR that is not reserved there. O(log areas), and O(1) for an area that
  /// the range is over.
  mutating func meetsAvailableMemory(_ range: AddressRange) -> Bool {
    var position = range.start
    while index < count {
      let (base, end) = (tdmr.base, tdmr.base &+ tdmr.size)
      guard base < range.end else { return false }
      if position < end {
        position = max(position, base)
        let wanted = min(range.end, end)
        position = reservedEnd(from: position, to: wanted)
        if position < wanted { return true }
        // The next range may begin in this TDMR.
        if range.end <= end { return false }
      }
      index += 1
      slot = 0
      if index < count { tdmr = tdmrs[index] }
    }
    return false
  }

  /// Where memory from `start` on is no longer reserved; `limit` or more where all of it is.
  private mutating func reservedEnd(from start: UInt64, to limit: UInt64) -> UInt64 {
    slot = firstArea(endingAfter: start &- tdmr.base)
    var position = start
    while position < limit, slot < tdmr.reservedSlots {
      let (offset, size) = tdmr.reserved(slot)
      guard size > 0, tdmr.base &+ offset <= position else { break }
      position = tdmr.base &+ offset &+ size
      // An area that reaches beyond the range may hold the next one, too.
      if position <= limit { slot += 1 }
    }
    return position
  }

  /// The first area, from the current one on, that ends after an offset, or a null entry.
  private func firstArea(endingAfter offset: UInt64) -> Int {
    var (low, high) = (slot, tdmr.reservedSlots)
    if low == high || isNullOrEnds(low, after: offset) { return low }
    low += 1
    while low < high {
      let middle = (low + high) / 2
      if isNullOrEnds(middle, after: offset) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private func isNullOrEnds(_ slot: Int, after offset: UInt64) -> Bool {
    let area = tdmr.reserved(slot)
    return area.size == 0 || area.offset &+ area.size > offset
  }
}
