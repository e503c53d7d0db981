/// The search where gaps may have to be covered: to save TDMRs, or bytes.
extension CoverSearch {
  /// Covers all memory where gaps may have to be covered: to save TDMRs, or bytes.
  mutating func coverAll(_ stretches: borrowing MemoryStretches, _ limits: Limits) -> Obstacle? {
    (count, cost, isExact) = (0, .zero, true)
    let gibs = stretches[stretches.count - 1].endGiB - stretches[0].firstGiB
    let period = period(gibs, limits)
    cuts.list(stretches, 0..<stretches.count, period: period, gibs: limits.gibs, limits.extra)
    self.steps += cuts.count
    if !limits.cost.gapsNeverPay {
      if let obstacle = cover(limits) { return obstacle }
      if count <= limits.tdmrs { return nil }
      (count, cost, isExact) = (0, .zero, true)
    }
    if let obstacle = coverGreedily(limits) { return obstacle }
    guard count <= limits.tdmrs else { return .tdmrs(atBest: count, allowed: limits.tdmrs) }
    let steps = findWindows(limits)
    let (all, overflows) = steps.multipliedReportingOverflow(by: limits.tdmrs)
    guard !overflows, all <= mostSteps - self.steps, !cuts.isThinned else {
      leaveOutLargestGaps(limits)
      isExact = !cuts.isThinned && !(leastCost(limits) < cost)
      return nil
    }
    self.steps += all
    (count, cost) = (0, .zero)
    let rows = shortestPath(limits, tdmrs: min(limits.tdmrs, cuts.count - 1))
    append(limits.cost, row: rows - 1)
    return nil
  }

  /// The best cover with at most so many TDMRs: row k has the best cover up to each cut with k + 1 TDMRs.
  ///
  /// - Returns: how many TDMRs it has.
  private mutating func shortestPath(_ limits: Limits, tdmrs: Int) -> Int {
    let none = CoverCost(pamtBytes: .max, tdmrs: .max, areas: .max)
    costs.reserve(cuts.count)
    nextCosts.reserve(cuts.count)
    previous.reserve(cuts.count * tdmrs)
    for cut in 0..<cuts.count { costs[cut] = none }
    costs[0] = .zero
    var (best, rows) = (none, 0)
    for row in 0..<tdmrs {
      nextCosts[0] = none
      for to in 1..<cuts.count {
        let target = cuts[to]
        var least = none
        var from = Int(windows[to])
        while from < to {
          if costs[from].tdmrs != .max {
            let cost = costs[from] + tdmrCost(cuts[from], target, limits.cost)
            if cost < least {
              least = cost
              previous[row * cuts.count + to] = Int32(truncatingIfNeeded: from)
            }
          }
          from += 1
        }
        nextCosts[to] = least
      }
      if nextCosts[cuts.count - 1] < best { (best, rows) = (nextCosts[cuts.count - 1], row + 1) }
      swap(&costs, &nextCosts)
    }
    return rows
  }

  // MARK: - Beyond the search

  /// Spends the TDMRs that the greedy cover has left over on the largest gaps that it covers: a cover for inputs
  /// that are too large for the search. Exact where no hole stands in the way and rounding does not matter.
  private mutating func leaveOutLargestGaps(_ limits: Limits) {
    guard limits.cost.gapsNeverPay, !cuts.isThinned else { return }
    gaps.reserve(cuts.count)
    spareGaps.reserve(cuts.count)
    var gapCount = 0
    var tdmr = 0
    for cut in 1..<cuts.count - 1 {
      while chosen[tdmr].end < cuts[cut].endAddress { tdmr += 1 }
      guard cuts[cut].start > cuts[cut].end, cuts[cut].endAddress < chosen[tdmr].end else { continue }
      gaps[gapCount] = KeyedIndex(key: ~UInt64(cuts[cut].start - cuts[cut].end), index: cut)
      gapCount += 1
    }
    let largest = radixSorted(
      UnsafeMutableBufferPointer(start: gaps.base, count: gapCount),
      spare: UnsafeMutableBufferPointer(start: spareGaps.base, count: gapCount)
    ).prefix(limits.tdmrs - count)
    // A flag for each cut at which a TDMR ends: those of the greedy cover, and the largest gaps.
    for cut in 0..<cuts.count { windows[cut] = 0 }
    tdmr = 0
    for cut in 1..<cuts.count where tdmr < count && chosen[tdmr].end == cuts[cut].endAddress {
      windows[cut] = 1
      tdmr += 1
    }
    for gap in largest { windows[gap.index] = 1 }
    (count, cost) = (0, .zero)
    var from = 0
    for cut in 1..<cuts.count where windows[cut] == 1 {
      add(cuts[from], cuts[cut], limits.cost)
      from = cut
    }
  }

  /// A cost that no cover with at most so many TDMRs falls below.
  private mutating func leastCost(_ limits: Limits) -> CoverCost {
    gaps.reserve(cuts.count)
    spareGaps.reserve(cuts.count)
    for cut in 0..<cuts.count {
      gaps[cut] = KeyedIndex(key: ~UInt64(cuts[cut].start - cuts[cut].end), index: cut)
    }
    let largest = radixSorted(
      UnsafeMutableBufferPointer(start: gaps.base, count: cuts.count),
      spare: UnsafeMutableBufferPointer(start: spareGaps.base, count: cuts.count)
    ).prefix(max(0, limits.tdmrs - 1))
    let leftOut = largest.reduce(0) { $0 + Int(~$1.key) }
    let gibs = cuts[0].gibs(to: cuts[cuts.count - 1]) - leftOut
    let tdmrs = min(limits.tdmrs, count)
    return CoverCost(pamtBytes: limits.cost.least(gibs, tdmrs: tdmrs), tdmrs: tdmrs, areas: 0)
  }
}
