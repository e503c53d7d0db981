/// Covers memory with TDMRs: the search for the fewest PAMT bytes, then TDMRs, then reserved areas. docs/optimal.md
/// says why it is exact.
struct CoverSearch: ~Copyable {
  var cuts = CutList()
  var costs = Scratch<CoverCost>()
  var nextCosts = Scratch<CoverCost>()
  /// Where the last TDMR of the best cover up to a cut starts, as the index of a cut; for the search with a limit one
  /// row per TDMR.
  var previous = Scratch<Int32>()
  var windows = Scratch<Int32>()
  var gaps = Scratch<KeyedIndex>()
  var spareGaps = Scratch<KeyedIndex>()
  /// The cover: its TDMRs.
  var chosen = Scratch<AddressRange>()
  var count = 0
  var cost = CoverCost.zero
  /// Whether no cover costs less.
  var isExact = true
  /// Whether the cover was sought among those that cover gaps, too.
  var mayCoverGaps = false

  /// The steps of this search and of those before it, since this was set to 0.
  var steps = 0

  /// The steps that all searches for a plan may take together, whoever plans: some hundredths of a second. What is not
  /// searched then is covered greedily, and not proved.
  static var mostSteps: Int { 1 << 22 }

  /// The steps that those for the next plan may take.
  var mostSteps = CoverSearch.mostSteps

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

  /// Takes over a cover that was found elsewhere, and is exact.
  mutating func take(_ found: CoverCost) {
    (count, cost, isExact, mayCoverGaps) = (found.tdmrs, found, true, false)
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
        let period = period(start.gibs(to: end), limits)
        cuts.list(stretches, first..<index + 1, period: period, gibs: limits.gibs, limits.extra)
        if let obstacle = cover(limits) { return obstacle }
      }
      first = index + 1
    }
    return nil
  }

  func period(_ gibs: Int, _ limits: Limits) -> Int? {
    limits.gibs >= gibs ? limits.cost.period : nil
  }

  /// Covers the listed cuts, with as many TDMRs as it takes.
  mutating func cover(_ limits: Limits) -> Obstacle? {
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
    // No cover has fewer TDMRs, and the bound of those with more is as high or higher.
    if limits.cost.gapsNeverPay, !(least < cost) { return nil }
    let steps = findWindows(limits)
    guard self.steps + steps <= mostSteps, !cuts.isThinned else {
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
  mutating func coverGreedily(_ limits: Limits) -> Obstacle? {
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
  mutating func findWindows(_ limits: Limits) -> Int {
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

  // MARK: - The cover

  @inline(__always)
  func tdmrCost(_ start: Cut, _ end: Cut, _ cost: PAMTCost) -> CoverCost {
    CoverCost(pamtBytes: cost.bytes(start.gibs(to: end)), tdmrs: 1, areas: start.areas(to: end))
  }

  mutating func add(_ start: Cut, _ end: Cut, _ pamtCost: PAMTCost) {
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
  mutating func append(_ pamtCost: PAMTCost, row: Int?) {
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
}
