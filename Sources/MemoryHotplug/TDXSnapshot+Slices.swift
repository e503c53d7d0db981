import CPrefetch
import TDXMemory

extension TDXSnapshot {
  /// Equal slices of the address space, about as many as there are entries, and the first entry of each.
  ///
  /// The first entry of a slice is that of its group plus a byte, so that where entries lie evenly the slices take a
  /// quarter of the memory that whole numbers take: questions wait for memory. A group has as many slices, up to 64, as
  /// a byte can count for; with one slice in a group all bytes are 0.
  struct Slices: Sendable {
    /// For each group of slices the first entry that ends after the group starts.
    private let groups: SearchTable<UInt32>
    /// For each slice the number of entries from there to the first one that ends after the slice starts; one more than
    /// the last slice, so that each has a next one.
    private let offsets: SearchTable<UInt8>
    private let groupShift: UInt64
    private let base: UInt64
    private let shift: UInt64
    /// The largest step of the search within a slice: a power of two, or 0 where there is nothing to search.
    let firstStep: Int

    init(_ bounds: [Bounds]) {
      let (base, end) = (bounds.first?.start ?? 0, bounds.last?.end ?? 0)
      var shift: UInt64 = 0
      while (end - base) >> shift > UInt64(bounds.count) { shift += 1 }
      let last = Int((end - base) >> shift)
      var entries = [UInt32](repeating: UInt32(bounds.count), count: last + 2)
      var next = 0
      for (index, bounds) in bounds.enumerated() {
        // This entry is the first for all slices that start before it ends, and after the one before ended.
        let through = Int((bounds.end - 1 - base) >> shift)
        while next <= through {
          entries[next] = UInt32(index)
          next += 1
        }
      }
      let fullest = zip(entries, entries.dropFirst()).reduce(0) { max($0, $1.1 - $1.0) }
      firstStep = fullest == 0 ? 0 : 1 << (31 - fullest.leadingZeroBitCount)
      let groupShift = Self.groupShift(entries)
      groups = SearchTable(stride(from: 0, to: entries.count, by: 1 << groupShift).map { entries[$0] })
      let mask = (1 << groupShift) - 1
      offsets = SearchTable(entries.indices.map { UInt8(entries[$0] - entries[$0 & ~mask]) })
      self.groupShift = UInt64(groupShift)
      self.base = base
      self.shift = shift
    }

    /// The largest groups, up to 64 slices, in which a byte can tell every slice's first entry from the group's.
    private static func groupShift(_ entries: [UInt32]) -> Int {
      var shift = 6
      while shift > 0 {
        let mask = (1 << shift) - 1
        if entries.indices.allSatisfy({ entries[$0] &- entries[$0 & ~mask] <= UInt8.max }) { break }
        shift -= 1
      }
      return shift
    }

    /// The table for searches, good while the slices live.
    var table: Table {
      Table(
        groups: groups.base,
        offsets: offsets.base,
        groupShift: groupShift,
        last: UInt64(offsets.count - 1),  // Never empty: it has one more than the last slice.
        base: base,
        shift: shift,
        firstStep: firstStep
      )
    }
  }

  /// The slices as a search uses them.
  struct Table {
    let groups: UnsafePointer<UInt32>
    let offsets: UnsafePointer<UInt8>
    let groupShift: UInt64
    let last: UInt64
    let base: UInt64
    let shift: UInt64
    let firstStep: Int

    /// The first entry of the slice that an address is in.
    @inline(__always)
    func first(_ address: UInt64) -> Int {
      let slice = min((max(address, base) &- base) &>> shift, last)
      let group = groups[Int(truncatingIfNeeded: slice &>> groupShift)]
      return Int(truncatingIfNeeded: group &+ UInt32(offsets[Int(truncatingIfNeeded: slice)]))
    }

    /// The first entry that ends after an address, from the first one of its slice on.
    @inline(__always)
    func search(_ address: UInt64, from first: Int, _ bounds: UnsafePointer<Bounds>) -> Int {
      var index = first
      var step = firstStep
      while step > 0 {
        index = advanced(index, by: step, endingAfter: address, bounds)
        step >>= 1
      }
      return index
    }

    /// One step of the search: on by `step` entries where the last of those ends before the address.
    @inline(__always)
    func advanced(
      _ index: Int,
      by step: Int,
      endingAfter address: UInt64,
      _ bounds: UnsafePointer<Bounds>
    ) -> Int {
      // What stands behind the last entry ends at 2^64 - 1, where no page starts.
      bounds[index &+ step &- 1].end <= min(address, .max - 1) ? index &+ step : index
    }
  }
}

// MARK: - Many questions

extension TDXSnapshot {
  /// Questions that are answered together.
  private static let batch = 128

  /// Answers many questions. They are taken in batches, each in rounds, so that many of them wait for memory at the same
  /// time: first the slices of all, then their entries, then the answers.
  ///
  /// - Parameter answers: room for as many as there are ranges; each is a `SnapshotAnswer`'s raw value.
  public func answer(
    _ ranges: UnsafeBufferPointer<AddressRange>,
    into answers: UnsafeMutableBufferPointer<UInt8>
  ) {
    precondition(answers.count >= ranges.count, "too little room for the answers")
    guard let questions = ranges.baseAddress, let answers = answers.baseAddress else { return }
    withUnsafeTemporaryAllocation(of: Int.self, capacity: Self.batch) { found in
      let table = slices.table
      var first = 0
      while first < ranges.count {
        let count = min(Self.batch, ranges.count - first)
        answerBatch(questions + first, count: count, into: answers + first, table, found.baseAddress!)
        first += count
      }
      withExtendedLifetime(self) {}
    }
  }

  @inline(__always)
  private func answerBatch(
    _ questions: UnsafePointer<AddressRange>,
    count: Int,
    into answers: UnsafeMutablePointer<UInt8>,
    _ table: Table,
    _ found: UnsafeMutablePointer<Int>
  ) {
    let bounds = bounds.base
    // Step by step for all of them rather than question by question: a short loop waits for many at a time.
    for index in 0..<count {
      found[index] = table.first(questions[index].start)
      // Where the search begins: 0.79 of the time of 2^16 questions to 2^20 entries.
      prefetch_line(bounds + found[index] + table.firstStep / 2)
    }
    var step = table.firstStep
    while step > 0 {
      for index in 0..<count {
        found[index] = table.advanced(found[index], by: step, endingAfter: questions[index].start, bounds)
      }
      step >>= 1
    }
    var overBorders = 0
    for index in 0..<count {
      let range = questions[index]
      let place = found[index]
      let (entry, next) = (bounds[place], bounds[place &+ 1])
      let startsInside: UInt8 = entry.start <= min(range.start, .max - 1) ? 1 : 0
      let touches: UInt8 = entry.start < range.end ? 1 : 0
      let isInside: UInt8 = range.end <= entry.end ? 1 : 0
      let goesOn: UInt8 = next.start == entry.end ? 1 : 0
      // 0 outside, 1 partly, 3 entry; 2, union, is for those that start inside and go on into a next entry.
      answers[index] = (startsInside | touches) &+ 2 &* (startsInside & isInside)
      // These keep their places for a third round: few, or the questions are about borders.
      found[overBorders] = place &<< 8 | index
      overBorders &+= Int(startsInside & goesOn & (isInside ^ 1))
    }
    let runEnds = runEnds.base
    for place in found[..<overBorders] where questions[place & 255].end <= runEnds[place >> 8] {
      answers[place & 255] = SnapshotAnswer.union.rawValue
    }
  }
}

extension UnsafeMutablePointer {
  /// The first elements.
  fileprivate subscript(range: PartialRangeUpTo<Int>) -> UnsafeMutableBufferPointer<Pointee> {
    UnsafeMutableBufferPointer(start: self, count: range.upperBound)
  }
}
