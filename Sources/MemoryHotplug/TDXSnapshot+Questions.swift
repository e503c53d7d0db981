import CPrefetch
import TDXMemory

extension TDXSnapshot {
  /// Questions that are answered together.
  private static let batch = 128
  /// How many questions ahead a slice is asked for. 12 to 96 differ by less than they vary; a loop of its own for
  /// all of a batch takes 1.3 of the time.
  private static let ahead = 24

  /// Answers many questions. They are taken in batches, so that many of them wait for memory at the same time: first
  /// those that the first entry of their slice answers, in one pass, then the others.
  ///
  /// - Parameter answers: room for as many as there are ranges; each is a `SnapshotAnswer`'s raw value.
  public func answer(
    _ ranges: UnsafeBufferPointer<AddressRange>,
    into answers: UnsafeMutableBufferPointer<UInt8>
  ) {
    precondition(answers.count >= ranges.count, "too little room for the answers")
    guard let questions = ranges.baseAddress, let answers = answers.baseAddress else { return }
    withUnsafeTemporaryAllocation(of: Undecided.self, capacity: Self.batch) { undecided in
      let undecided = undecided.baseAddress!
      var first = 0
      while first < ranges.count {
        let count = min(Self.batch, ranges.count - first)
        let left = answerBySlices(
          questions + first,
          count,
          of: ranges.count - first,
          into: answers + first,
          undecided
        )
        answerBySearch(
          questions + first,
          UnsafeBufferPointer(start: undecided, count: left),
          into: answers + first
        )
        first += count
      }
      withExtendedLifetime(self) {}
    }
  }

  /// A question of the batch that the slice's first entry does not answer, and that entry.
  private struct Undecided: BitwiseCopyable {
    var question: UInt32
    var first: UInt32
  }

  /// Answers the questions for which the first entry of their slice is enough: it does not end before the range starts,
  /// and the range lies within 16 TiB of the slice.
  ///
  /// - Parameter available: how many questions there are from the first on, this batch and later ones.
  /// - Returns: how many are undecided; what is in their answers means nothing.
  @inline(__always)
  private func answerBySlices(
    _ questions: UnsafePointer<AddressRange>,
    _ count: Int,
    of available: Int,
    into answers: UnsafeMutablePointer<UInt8>,
    _ undecided: UnsafeMutablePointer<Undecided>
  ) -> Int {
    let slices = slices
    let table = slices.table.base
    let mask: UInt64 = 1 &<< slices.shift &- 1
    var left = 0
    for index in 0..<count {
      let later = questions[min(index &+ Self.ahead, available &- 1)]
      prefetch_line(table + slices.number(of: later.start))
      let range = questions[index]
      let slice = table[slices.number(of: range.start)]
      // Page frames from the slice's start on. The last one of an empty range there is beyond all.
      let offset = range.start & mask
      let first = offset &>> 12
      let last = (range.end &- range.start &+ offset &- 1) &>> 12
      answers[index] = Self.answer(
        startsInside: UInt64(slice.start) <= first,
        touches: UInt64(slice.start) <= last,
        isInEntry: last < UInt64(slice.end),
        isInRun: last < UInt64(slice.runEnd)
      )
      undecided[left] = Undecided(question: UInt32(truncatingIfNeeded: index), first: slice.first)
      let endsBefore: UInt8 = UInt64(slice.end) <= first ? 1 : 0
      let goesFar: UInt8 = last >= Slice.farthest ? 1 : 0
      left &+= Int(endsBefore | goesFar)
    }
    return left
  }

  /// Answers questions by the entry that a search finds.
  @inline(__always)
  private func answerBySearch(
    _ questions: UnsafePointer<AddressRange>,
    _ undecided: UnsafeBufferPointer<Undecided>,
    into answers: UnsafeMutablePointer<UInt8>
  ) {
    let slices = slices
    let (bounds, runEnds) = (bounds.base, runEnds.base)
    // Both, although few are asked for the second: 0.6 of the time with 2^20 entries of random sizes.
    for question in undecided {
      prefetch_line(bounds + Int(question.first) + slices.reach / 4)
      prefetch_line(runEnds + Int(question.first))
    }
    for question in undecided {
      let range = questions[Int(question.question)]
      let place = slices.search(range.start, from: Int(question.first), bounds)
      let entry = bounds[place]
      answers[Int(question.question)] = Self.answer(
        startsInside: entry.start <= min(range.start, .max - 1),
        touches: entry.start < range.end,
        isInEntry: range.end <= entry.end,
        isInRun: range.end <= runEnds[place]
      )
    }
  }

  /// The answer, from what is known of the first entry that ends after the range starts.
  @inline(__always)
  private static func answer(startsInside: Bool, touches: Bool, isInEntry: Bool, isInRun: Bool) -> UInt8 {
    // 0 outside, 1 partly; one more in one run of entries, and one more in one entry.
    let (inside, touches): (UInt8, UInt8) = (startsInside ? 1 : 0, touches ? 1 : 0)
    return (inside | touches) &+ (inside & (isInEntry ? 1 : 0)) &+ (inside & (isInRun ? 1 : 0))
  }
}
