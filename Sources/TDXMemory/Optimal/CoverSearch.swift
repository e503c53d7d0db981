/// Covers memory with TDMRs: the search for the fewest PAMT bytes, then TDMRs, then reserved areas. docs/optimal.md
/// says why it is exact.
struct CoverSearch: ~Copyable {
  private var cuts = CutList()
  private var costs = Scratch<CoverCost>()
  private var nextCosts = Scratch<CoverCost>()
  /// Where the last TDMR of the best cover up to a cut starts, as the index of a cut; for the search with a limit one
  /// row per TDMR.
  private var previous = Scratch<Int32>()
  private var windows = Scratch<Int32>()
  private var gaps = Scratch<KeyedIndex>()
  private var spareGaps = Scratch<KeyedIndex>()
  /// The cover: its TDMRs.
  private var chosen = Scratch<AddressRange>()
  private(set) var count = 0
  private(set) var cost = CoverCost.zero
  /// Whether no cover costs less.
  private(set) var isExact = true
  /// Whether the cover was sought among those that cover gaps, too.
  private(set) var mayCoverGaps = false

  /// The steps of this search and of those before it, since the count was set to 0.
  var steps = 0

  /// The steps that one search may take: some tenths of a second.
  static var mostSteps: Int { 1 << 26 }

  /// A TDMR of the cover.
  subscript(index: Int) -> AddressRange { chosen[index] }

  /// What limits a cover.
  struct Limits {
    var tdmrs: Int
    var areas: Int
    /// The most GiB in a TDMR.
    var gibs: Int
    var cost: PAMTCost
    var extra: ExtraArea?
  }

  /// Finds the best cover.
  ///
  /// - Precondition: there is memory.
  /// - Returns: nil where there is a cover, else why there is none.
  mutating func search(_ stretches: borrowing MemoryStretches, _ limits: Limits) -> Obstacle? {
    (count, cost, isExact) = (0, .zero, true)
    mayCoverGaps = false
    if limits.cost.gapsNeverPay {
      if let obstacle = coverRuns(stretches, limits) { return obstacle }
      if count <= limits.tdmrs { return nil }
    }
    mayCoverGaps = true
    return coverAll(stretches, limits)
  }

  // MARK: - Run by run

  /// Covers each run of GiBs with memory by itself: the best cover where gaps never pay, unless it has too many TDMRs.
  private mutating func coverRuns(_ stretches: borrowing MemoryStretches, _ limits: Limits) -> Obstacle? {
    var first = 0
    for index in 0..<stretches.count {
      let isLast = index + 1 == stretches.count
      guard isLast || stretches[index + 1].firstGiB > stretches[index].endGiB else { continue }
      let (start, end) = (
        stretches.cut(before: first, limits.extra), stretches.cut(after: index, limits.extra)
      )
      if start.areas(to: end) <= limits.areas, start.gibs(to: end) <= limits.gibs {
        // One TDMR: to split it costs at least as many bytes and areas, and a TDMR more.
        add(start, end, limits.cost)
      } else {
        cuts.list(stretches, first..<index + 1, period: period(start.gibs(to: end), limits), limits.extra)
        if let obstacle = cover(limits) { return obstacle }
      }
      first = index + 1
    }
    return nil
  }

  private func period(_ gibs: Int, _ limits: Limits) -> Int? {
    limits.gibs >= gibs ? limits.cost.period : nil
  }

  /// Covers the listed cuts, with as many TDMRs as it takes.
  private mutating func cover(_ limits: Limits) -> Obstacle? {
    let before = count
    let costBefore = cost
    if let obstacle = coverGreedily(limits) { return obstacle }
    steps += cuts.count
    let tdmrs = count - before
    let gibs = cuts[0].gibs(to: cuts[cuts.count - 1])
    let least = CoverCost(
      pamtBytes: costBefore.pamtBytes.addingSaturated(limits.cost.least(gibs, tdmrs: tdmrs)),
      tdmrs: count,
      areas: costBefore.areas + cuts[0].areas(to: cuts[cuts.count - 1])
    )
    // More TDMRs have no lower bound on bytes, and fewer do not exist.
    if limits.cost.gapsNeverPay, !(least < cost) { return nil }
    let steps = findWindows(limits)
    guard steps <= Self.mostSteps, !cuts.isThinned else {
      isExact = false
      return nil
    }
    self.steps += steps
    (count, cost) = (before, costBefore)
    shortestPath(limits)
    append(limits.cost, row: nil)
    return nil
  }

  /// The fewest TDMRs: each reaches as far as it can.
  private mutating func coverGreedily(_ limits: Limits) -> Obstacle? {
    var from = 0
    while from < cuts.count - 1 {
      var to = from
      while to + 1 < cuts.count, cuts[from].areas(to: cuts[to + 1]) <= limits.areas,
        cuts[from].gibs(to: cuts[to + 1]) <= limits.gibs
      {
        to += 1
      }
      guard to > from else { return obstacle(at: from, limits) }
      add(cuts[from], cuts[to], limits.cost)
      from = to
    }
    return nil
  }

  /// Why not even the shortest TDMR is possible behind a cut.
  private func obstacle(at cut: Int, _ limits: Limits) -> Obstacle {
    let (start, end) = (cuts[cut], cuts[cut + 1])
    let range = start.tdmr(to: end)
    return start.areas(to: end) > limits.areas
      ? .areas(range, atBest: start.areas(to: end), allowed: limits.areas)
      : .size(range, bytes: limits.cost.bytes(start.gibs(to: end)))
  }

  /// The first cut that a TDMR ending at each cut may start from; the steps of a search in all.
  private mutating func findWindows(_ limits: Limits) -> Int {
    windows.reserve(cuts.count)
    var (first, steps) = (0, 0)
    for to in 1..<cuts.count {
      while cuts[first].areas(to: cuts[to]) > limits.areas || cuts[first].gibs(to: cuts[to]) > limits.gibs {
        first += 1
      }
      windows[to] = Int32(truncatingIfNeeded: first)
      steps = steps &+ (to - first)
    }
    return steps
  }

  /// Dijkstra's on a line: the best cover up to each cut.
  private mutating func shortestPath(_ limits: Limits) {
    costs.reserve(cuts.count)
    previous.reserve(cuts.count)
    costs[0] = .zero
    for to in 1..<cuts.count {
      let target = cuts[to]
      var best = CoverCost(pamtBytes: .max, tdmrs: .max, areas: .max)
      var from = Int(windows[to])
      while from < to {
        let cost = costs[from] + tdmrCost(cuts[from], target, limits.cost)
        if cost < best {
          best = cost
          previous[to] = Int32(truncatingIfNeeded: from)
        }
        from += 1
      }
      costs[to] = best
    }
  }

  // MARK: - Over gaps

  /// Covers all memory where gaps may have to be covered: to save TDMRs, or bytes.
  private mutating func coverAll(_ stretches: borrowing MemoryStretches, _ limits: Limits) -> Obstacle? {
    (count, cost, isExact) = (0, .zero, true)
    let gibs = stretches[stretches.count - 1].endGiB - stretches[0].firstGiB
    cuts.list(stretches, 0..<stretches.count, period: period(gibs, limits), limits.extra)
    if !limits.cost.gapsNeverPay {
      if let obstacle = cover(limits) { return obstacle }
      if count <= limits.tdmrs { return nil }
      (count, cost, isExact) = (0, .zero, true)
    }
    if let obstacle = coverGreedily(limits) { return obstacle }
    guard count <= limits.tdmrs else { return .tdmrs(atBest: count, allowed: limits.tdmrs) }
    let steps = findWindows(limits)
    let (all, overflows) = steps.multipliedReportingOverflow(by: limits.tdmrs)
    guard !overflows, all <= Self.mostSteps, !cuts.isThinned else {
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

  // MARK: - The cover

  @inline(__always)
  private func tdmrCost(_ start: Cut, _ end: Cut, _ cost: PAMTCost) -> CoverCost {
    CoverCost(pamtBytes: cost.bytes(start.gibs(to: end)), tdmrs: 1, areas: start.areas(to: end))
  }

  private mutating func add(_ start: Cut, _ end: Cut, _ pamtCost: PAMTCost) {
    append(start.tdmr(to: end))
    cost = cost + tdmrCost(start, end, pamtCost)
  }

  private mutating func append(_ tdmr: AddressRange) {
    if count == chosen.capacity {
      var larger = Scratch<AddressRange>()
      larger.reserve(2 * count + 16)
      for index in 0..<count { larger[index] = chosen[index] }
      swap(&chosen, &larger)
    }
    chosen[count] = tdmr
    count += 1
  }

  /// Appends the TDMRs of the path in `previous` that ends at the last cut.
  ///
  /// - Parameter row: the row of the last TDMR; nil where there is one row for all.
  private mutating func append(_ pamtCost: PAMTCost, row: Int?) {
    let first = count
    var cut = cuts.count - 1
    while cut > 0 {
      let ofRow = row.map { ($0 - (count - first)) * cuts.count } ?? 0
      let from = Int(previous[ofRow + cut])
      add(cuts[from], cuts[cut], pamtCost)
      cut = from
    }
    var (low, high) = (first, count - 1)
    while low < high {
      (chosen[low], chosen[high]) = (chosen[high], chosen[low])
      (low, high) = (low + 1, high - 1)
    }
  }

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
