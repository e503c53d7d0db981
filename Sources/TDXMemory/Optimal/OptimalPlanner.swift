/// Plans with the fewest PAMT bytes, then the fewest TDMRs, then the fewest reserved areas that the TDX module accepts:
/// the policy `optimal`. docs/optimal.md states the problem, why the search is exact, and what it costs.
///
/// What every plan keeps to: each GiB with memory from the first MiB on lies in a TDMR, all of that memory that holds
/// no PAMT is available, and PAMTs lie in it. A planner keeps its workspace from plan to plan: it allocates only for
/// what is larger than everything before. Not to be shared between threads.
public final class OptimalPlanner {
  private var workspace = OptimalWorkspace()

  public init() {}

  /// Plans one machine.
  ///
  /// - Parameters:
  ///   - map: the memory, as `MemoryMap` guarantees it.
  ///   - convertible: the CMRs, ascending and disjoint (`normalizeConvertibleRegions`); empty where they are not
  ///     known: then everything that is not memory is reserved.
  ///   - options: `policy` and `placement` do not matter.
  /// - Returns: views of this planner, good until the next plan. `proved` is set where there is a plan; `obstacle`
  ///   where there is none, unless the input is invalid.
  /// - Complexity: O(regions + CMRs) where no run of GiBs has more holes than a TDMR has areas, and the TDMRs
  ///   suffice; else with the GiB borders that a TDMR may end at, as docs/optimal.md says, and never more than some
  ///   tenths of a second beyond that.
  public func plan(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    convertible: UnsafeBufferPointer<AddressRange>,
    options: PlanOptions
  ) -> Plan {
    workspace.plan(map, convertible, options)
  }
}

/// What an optimal planner works in, and the steps of a plan.
struct OptimalWorkspace: ~Copyable {
  private var stretches = MemoryStretches()
  private var cover = CoverSearch()
  private var packer = PAMTPacker()
  private var tdmrs = Scratch<CoveredTDMR>()
  private var entries = OptimalEntries()
  private var largest = Scratch<Int>()

  /// One way to look for a plan.
  private struct Attempt {
    /// Whether room is made for a PAMT in the midst of a stretch, and in which.
    var extra: ExtraArea?
    /// The most GiB in a TDMR.
    var gibs: Int
  }

  mutating func plan(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    _ convertible: UnsafeBufferPointer<AddressRange>,
    _ options: PlanOptions
  ) -> Plan {
    entries.clear()
    do throws(PlanFailure) {
      try stretches.read(map, convertible)
    } catch {
      return entries.plan(failure: error, pamtBytes: 0, proved: nil, obstacle: nil)
    }
    do throws(Obstacle) {
      let bound = try cover(map, options)
      entries.write(covered, stretches)
      let cost = CoverCost(pamtBytes: cover.cost.pamtBytes, tdmrs: cover.count, areas: entries.areas)
      let proved = bound.map { !($0 < cost) } ?? false
      return entries.plan(failure: nil, pamtBytes: cost.pamtBytes, proved: proved, obstacle: nil)
    } catch {
      return entries.plan(failure: error.failure, pamtBytes: 0, proved: nil, obstacle: error)
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
    let first = Attempt(extra: nil, gibs: pamt.mostGiBs(levelsUpTo: stretches.largest))
    // Nothing costs less than this cover: PAMTs can only add to it.
    if let obstacle = choose(first, options, pamt) { throw obstacle }
    var bound = cover.cost
    let (isBound, mayCoverGaps) = (cover.isExact, cover.mayCoverGaps)
    let obstacle = placePAMTs(map, options, pamt)
    if obstacle != nil || packer.extraAreas > 0 {
      // One area more is the least where no cover that costs as little has a hole, and where the PAMTs do not fit
      // beside holes, whatever the TDMRs.
      if bound.areas == 0 || memoryBesideHoles(mayCoverGaps) < bound.pamtBytes { bound.areas += 1 }
      if obstacle != nil || packer.extraAreas > 1 || bound < costOfAttempt {
        let best = obstacle == nil ? costOfAttempt : nil
        guard let found = searchFurther(map, options, pamt, from: first, best) else {
          throw obstacle ?? .noMemory
        }
        // The best of all attempts once more, for its TDMRs.
        _ = choose(found, options, pamt)
        _ = placePAMTs(map, options, pamt)
      }
    }
    return isBound ? bound : nil
  }

  /// What the TDMRs cost, with the areas of PAMTs.
  private var costOfAttempt: CoverCost {
    var cost = CoverCost(pamtBytes: cover.cost.pamtBytes, tdmrs: cover.count, areas: packer.extraAreas)
    for tdmr in covered { cost.areas += tdmr.holes }
    return cost
  }

  private mutating func choose(_ attempt: Attempt, _ options: PlanOptions, _ pamt: PAMTCost) -> Obstacle? {
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
  private mutating func placePAMTs(
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

  // MARK: - Where PAMTs do not fit beside holes

  /// The largest stretches that are tried for PAMTs.
  private static var candidates: Int { 8 }

  /// The steps of the search for covers after which no other stretch is tried.
  private static var mostSteps: Int { 1 << 24 }

  /// The memory of stretches that have a hole beside them in a cover: PAMTs that do not fit there take an area of
  /// their own.
  ///
  /// - Parameter mayCoverGaps: whether a cover may hold GiBs without memory, and the holes in them.
  private func memoryBesideHoles(_ mayCoverGaps: Bool) -> UInt64 {
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
  /// - Parameter cost: what the first attempt costs; nil where it has no plan.
  private mutating func searchFurther(
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
    cover.steps = 0
    repeat {
      for candidate in 0..<2 * min(Self.candidates, stretches.count) where cover.steps < Self.mostSteps {
        let (stretch, isAtEnd) = (largest[candidate / 2], candidate % 2 == 1)
        if isAtEnd, stretches[stretch].endGiB - stretches[stretch].firstGiB < 2 { continue }
        attempt.extra = ExtraArea(stretch: stretch, isAtEnd: isAtEnd)
        consider(attempt, &best, map, options, pamt)
        cover.steps += stretches.count + cover.count
      }
      attempt.extra = nil
      if best == nil { consider(attempt, &best, map, options, pamt) }
      attempt.gibs /= 2
    } while best == nil && attempt.gibs > 0
    return best?.attempt
  }

  private mutating func consider(
    _ attempt: Attempt,
    _ best: inout (attempt: Attempt, cost: CoverCost)?,
    _ map: UnsafeBufferPointer<MemoryRegion>,
    _ options: PlanOptions,
    _ pamt: PAMTCost
  ) {
    guard choose(attempt, options, pamt) == nil, placePAMTs(map, options, pamt) == nil else { return }
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
