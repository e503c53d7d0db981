/// What an optimal planner works in, and the steps of a plan.
struct OptimalWorkspace: ~Copyable {
  var stretches = MemoryStretches()
  var cover = CoverSearch()
  var packer = PAMTPacker()
  var tdmrs = Scratch<CoveredTDMR>()
  var nodes = NodePlaces()
  /// Whether the short way is tried first; for tests.
  private let triesRuns: Bool
  private var entries = OptimalEntries()
  var largest = Scratch<Int>()

  init(triesRuns: Bool) { self.triesRuns = triesRuns }

  /// One way to look for a plan.
  struct Attempt {
    /// Whether room is made for a PAMT in the midst of a stretch, and in which.
    var extra: ExtraArea?
    /// The most GiB in a TDMR.
    var gibs: Int
    /// The steps that were taken before it: what it may still search hangs on them.
    var stepsBefore = 0
  }

  mutating func plan(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    _ convertible: UnsafeBufferPointer<AddressRange>,
    _ options: PlanOptions
  ) -> Plan {
    entries.clear()
    cover.steps = 0
    do throws(PlanFailure) {
      try stretches.read(map, convertible)
    } catch {
      return entries.plan(.failed(error))
    }
    do throws(Obstacle) {
      let bound = try cover(map, options)
      entries.write(covered, stretches)
      let cost = CoverCost(pamtBytes: cover.cost.pamtBytes, tdmrs: cover.count, areas: entries.areas)
      let proved = bound.map { !($0 < cost) } ?? false
      return entries.plan(.planned, pamtBytes: cost.pamtBytes, proved: proved)
    } catch {
      return entries.plan(.impossible(error))
    }
  }

  private var covered: UnsafeMutableBufferPointer<CoveredTDMR> {
    UnsafeMutableBufferPointer(start: tdmrs.base, count: cover.count)
  }

  /// Chooses TDMRs and places their PAMTs.
  ///
  /// - Returns: a cost that no plan falls below; nil where none is known.
  private mutating func cover(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    _ options: PlanOptions
  ) throws(Obstacle) -> CoverCost? {
    guard stretches.count > 0 else { throw .noMemory }
    let pamt = PAMTCost(options)
    if triesRuns, coverAndPlaceInRuns(map, options, pamt) { return cover.cost }
    let first = Attempt(extra: nil, gibs: pamt.mostGiBs(levelsUpTo: stretches.largest))
    // Nothing costs less than this cover: PAMTs can only add to it.
    if let obstacle = choose(first, options, pamt) {
      throw obstacleOfCover(obstacle, first, options, pamt)
    }
    var bound = cover.cost
    let (isBound, mayCoverGaps) = (cover.isExact, cover.mayCoverGaps)
    let obstacle = placePAMTs(map, options, pamt)
    if obstacle != nil || packer.extraAreas > 0 {
      // One area more is the least where no cover that costs as little has a hole, and where the PAMTs do not fit
      // beside holes, whatever the TDMRs.
      if bound.areas == 0 || memoryBesideHoles(mayCoverGaps) < bound.pamtBytes { bound.areas += 1 }
      if obstacle != nil || packer.extraAreas > 1 || bound < costOfAttempt {
        let best = obstacle == nil ? costOfAttempt : nil
        // Whatever the TDMRs, where all memory is too little.
        if let obstacle, leastBytes(pamt) > memory { throw obstacle }
        guard let found = searchFurther(map, options, pamt, from: first, best) else {
          throw obstacle ?? .noMemory
        }
        // The best of all attempts once more, for its TDMRs.
        let steps = cover.steps
        cover.steps = found.stepsBefore
        _ = choose(found, options, pamt)
        _ = placePAMTs(map, options, pamt)
        cover.steps = steps
      }
    }
    return isBound ? bound : nil
  }

  /// What no cover costs less than, in bytes of PAMT.
  private func leastBytes(_ pamt: PAMTCost) -> UInt64 {
    var (gibs, end) = (0, 0)
    for index in 0..<stretches.count {
      gibs += stretches[index].endGiB - max(end, stretches[index].firstGiB)
      end = stretches[index].endGiB
    }
    return pamt.least(gibs, tdmrs: 1)
  }

  private var memory: UInt64 {
    var bytes: UInt64 = 0
    for index in 0..<stretches.count { bytes &+= stretches[index].size }
    return bytes
  }

  /// Why there is no cover: as for Linux, areas or TDMRs are short only where they are short whatever room PAMTs have.
  ///
  /// - Parameter obstacle: what stands in the way of TDMRs whose PAMT levels each have room.
  private mutating func obstacleOfCover(
    _ obstacle: Obstacle,
    _ first: Attempt,
    _ options: PlanOptions,
    _ pamt: PAMTCost
  ) -> Obstacle {
    if case .areas = obstacle { return obstacle }
    let gibs = stretches[stretches.count - 1].endGiB - stretches[0].firstGiB
    guard first.gibs < gibs else { return obstacle }
    if let other = choose(Attempt(extra: nil, gibs: gibs), options, pamt) { return other }
    if case .size = obstacle { return obstacle }
    var largest = cover[0]
    for index in 1..<cover.count where cover[index].size > largest.size { largest = cover[index] }
    return .size(largest, bytes: pamt.bytes(Int(largest.size >> 30)))
  }

  /// What the TDMRs cost, with the areas of PAMTs.
  var costOfAttempt: CoverCost {
    var cost = CoverCost(pamtBytes: cover.cost.pamtBytes, tdmrs: cover.count, areas: packer.extraAreas)
    for tdmr in covered { cost.areas += tdmr.holes }
    return cost
  }

  mutating func choose(_ attempt: Attempt, _ options: PlanOptions, _ pamt: PAMTCost) -> Obstacle? {
    cover.search(
      stretches,
      CoverSearch.Limits(
        tdmrs: Int(clamping: options.limits.maxTDMRs),
        areas: Int(clamping: options.limits.maxReserved),
        gibs: attempt.gibs,
        cost: pamt,
        extra: attempt.extra
      )
    )
  }

  /// Turns the cover into TDMRs, and places their PAMTs.
  mutating func placePAMTs(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    _ options: PlanOptions,
    _ pamt: PAMTCost
  ) -> Obstacle? {
    tdmrs.reserve(cover.count)
    var (stretch, region) = (0, 0)
    for index in 0..<cover.count {
      let range = cover[index]
      while stretches[stretch].end <= range.start { stretch += 1 }
      region = max(region, stretches[stretch].region)
      while map[region].end <= range.start { region += 1 }
      var last = stretch
      while last + 1 < stretches.count, stretches[last + 1].start < range.end { last += 1 }
      tdmrs[index] = CoveredTDMR(
        range: range,
        stretch: stretch,
        node: map[region].node,
        holes: holes(in: range, stretch...last),
        sizes: PAMTSizes(
          tdmrSize: range.size,
          entryBytes: options.limits.pamtEntryBytes,
          dynamic: options.dynamicPAMT
        )
      )
      stretch = last
    }
    return packer.place(covered, stretches, map, areas: Int(clamping: options.limits.maxReserved))
  }

  private func holes(in tdmr: AddressRange, _ range: ClosedRange<Int>) -> Int {
    let (first, last) = (range.lowerBound, range.upperBound)
    return stretches[last].holesBefore - stretches[first].holesBefore
      + (StretchPart(stretches, first, in: tdmr).hasHoleBefore ? 1 : 0)
      + (StretchPart(stretches, last, in: tdmr).hasHoleAfter ? 1 : 0)
  }
}
