/// What is tried where PAMTs do not all fit beside holes.
extension OptimalWorkspace {
  /// The largest stretches that are tried for PAMTs.
  private static var candidates: Int { 8 }

  /// To place the PAMT of a TDMR and take it back takes as long as so many steps of a search.
  private static var stepsPerTDMR: Int { 16 }

  /// The memory of stretches that have a hole beside them in a cover: PAMTs that do not fit there take an area of
  /// their own.
  ///
  /// - Parameter mayCoverGaps: whether a cover may hold GiBs without memory, and the holes in them.
  func memoryBesideHoles(_ mayCoverGaps: Bool) -> UInt64 {
    var bytes: UInt64 = 0
    for index in 0..<stretches.count {
      let stretch = stretches[index]
      let run = AddressRange(unchecked: UInt64(stretch.firstGiB) << 30, UInt64(stretch.endGiB) << 30)
      let part = StretchPart(stretches, index, in: run)
      let isBesideGap =
        mayCoverGaps
        && (index > 0 && stretches[index - 1].hasHole || index + 1 < stretches.count && stretch.hasHole)
      if part.isBesideHole || isBesideGap { bytes &+= stretch.size }
    }
    return bytes
  }

  /// Looks for a better plan where PAMTs do not all fit beside holes: with room for them in one of the largest
  /// stretches, and, where there is no plan else, with smaller TDMRs, whose PAMTs are in smaller pieces.
  ///
  /// No other stretch is tried, and no smaller TDMRs, once all searches have taken the steps that they may.
  ///
  /// - Parameter cost: what the first attempt costs; nil where it has no plan.
  mutating func searchFurther(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    _ options: PlanOptions,
    _ pamt: PAMTCost,
    from first: Attempt,
    _ cost: CoverCost?
  ) -> Attempt? {
    var best = cost.map { (attempt: first, cost: $0) }
    var attempt = first
    attempt.gibs = min(first.gibs, stretches[stretches.count - 1].endGiB - stretches[0].firstGiB)
    findLargestStretches()
    repeat {
      for candidate in 0..<2 * min(Self.candidates, stretches.count) where cover.steps < cover.mostSteps {
        let (stretch, isAtEnd) = (largest[candidate / 2], candidate % 2 == 1)
        if isAtEnd, stretches[stretch].endGiB - stretches[stretch].firstGiB < 2 { continue }
        attempt.extra = ExtraArea(stretch: stretch, isAtEnd: isAtEnd)
        consider(attempt, &best, map, options, pamt)
      }
      attempt.extra = nil
      if best == nil { consider(attempt, &best, map, options, pamt) }
      attempt.gibs /= 2
    } while best == nil && attempt.gibs > 0 && cover.steps < cover.mostSteps
    return best?.attempt
  }

  private mutating func consider(
    _ attempt: Attempt,
    _ best: inout (attempt: Attempt, cost: CoverCost)?,
    _ map: UnsafeBufferPointer<MemoryRegion>,
    _ options: PlanOptions,
    _ pamt: PAMTCost
  ) {
    var attempt = attempt
    attempt.stepsBefore = cover.steps
    defer { cover.steps += stretches.count }
    guard choose(attempt, options, pamt) == nil else { return }
    let obstacle = placePAMTs(map, options, pamt)
    cover.steps += Self.stepsPerTDMR * cover.count + packer.misses
    guard obstacle == nil else { return }
    let cost = costOfAttempt
    if let best, !(cost < best.cost) { return }
    best = (attempt, cost)
  }

  /// Lists the largest stretches, the largest first.
  private mutating func findLargestStretches() {
    largest.reserve(Self.candidates + 1)
    var count = 0
    for index in 0..<stretches.count {
      var place = count
      while place > 0, stretches[largest[place - 1]].size < stretches[index].size {
        largest[place] = largest[place - 1]
        place -= 1
      }
      guard place < Self.candidates else { continue }
      largest[place] = index
      count = min(count + 1, Self.candidates)
    }
  }
}
