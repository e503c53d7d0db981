/// Walks over the holes of a TDMR.
struct HoleWalk {
  private let base: UInt64
  private var stretch: Int
  /// The memory since the last hole, and where it starts and ends.
  private var bytes: UInt64 = 0
  private var start: UInt64?
  private var isBefore = true
  /// The holes so far.
  private(set) var holes = 0

  init(from base: UInt64, stretch: Int) {
    self.base = base
    self.stretch = stretch
  }

  /// Goes on to the next hole that starts before `end` and has one before it.
  ///
  /// - Returns: the memory between the two; nil where there is no such hole.
  mutating func next(
    before end: UInt64,
    _ stretches: borrowing MemoryStretches
  ) -> (bytes: UInt64, range: AddressRange)? {
    if isBefore {
      isBefore = false
      let holeEnd = stretch > 0 ? stretches[stretch - 1].holeEnd : stretches.leadingHoleEnd
      if stretches[stretch].start >= base, holeEnd > base { holes = 1 }
    }
    while stretch < stretches.count, stretches[stretch].start < end {
      let current = stretches[stretch]
      // A hole that starts behind `end` belongs to a longer TDMR: come back for it.
      guard current.end <= end, current.holeStart < end else {
        guard current.end <= end, !current.hasHole else { return nil }
        collect(current)
        stretch += 1
        continue
      }
      collect(current)
      stretch += 1
      holes += 1
      defer { (bytes, start) = (0, nil) }
      if holes > 1, let start { return (bytes, AddressRange(unchecked: start, current.end)) }
    }
    return nil
  }

  private mutating func collect(_ stretch: MemoryStretch) {
    start = start ?? max(stretch.start, base)
    bytes += stretch.end - max(stretch.start, base)
  }
}
