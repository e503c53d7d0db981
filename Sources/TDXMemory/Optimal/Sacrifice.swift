/// The least memory to give up so that a machine without a plan has one: which memory between two holes, so that they
/// become one, and which GiBs, so that no TDMR need cover them.
///
/// A search over the cells between GiB borders: up to cell c with k TDMRs, either the last cell is given up, or a TDMR
/// ends there and gives up the smallest stretches between its holes. docs/optimal.md says why that is the least.
struct Sacrifice: ~Copyable {
  /// What lies between two places where a TDMR may end: a GiB, or GiBs wholly inside a stretch.
  private struct Cell {
    var range: AddressRange
    /// The memory in it.
    var bytes: UInt64
    /// The first stretch with memory in it.
    var stretch: Int
  }

  private let limits: ModuleLimits
  private var stretches = MemoryStretches()
  private var cells: [Cell] = []

  /// The steps that a search may take: some hundredths of a second.
  private static var mostSteps: Int { 1 << 23 }

  /// The islands that the TDMRs of all cells may be counted over: some hundredths of a second.
  private static var mostIslands: Int { 1 << 22 }

  init(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    _ convertible: UnsafeBufferPointer<AddressRange>,
    _ limits: ModuleLimits
  ) throws(PlanFailure) {
    self.limits = limits
    try stretches.read(map, convertible)
    listCells()
  }

  /// Finds the least.
  ///
  /// - Returns: the memory to give up, by address; nil where the machine is too large for the search, or nothing
  ///   would be left.
  /// - Complexity: O(cells^2 x TDMRs + cells x stretches x log(areas)).
  func least() -> [AddressRange]? {
    let tdmrs = Int(clamping: min(limits.maxTDMRs, UInt64(cells.count)))
    let (square, overflows) = cells.count.multipliedReportingOverflow(by: cells.count)
    guard tdmrs > 0, !overflows, square <= Self.mostSteps / tdmrs else { return nil }
    guard stretches.count <= Self.mostIslands / cells.count else { return nil }
    let costs = (0..<cells.count).map { tdmrCosts(from: $0) }
    // By the number of TDMRs, then by cell: the bytes given up, and where the last TDMR starts; nil: given up.
    var best = [[(bytes: UInt64, from: Int?)]]()
    for count in 0...tdmrs {
      var row: [(bytes: UInt64, from: Int?)] = [(count == 0 ? 0 : .max, nil)]
      for end in 1...cells.count {
        var least = (bytes: row[end - 1].bytes.addingSaturated(cells[end - 1].bytes), from: Int?.none)
        if count > 0 {
          for start in 0..<end where costs[start].count > end - start - 1 {
            let bytes = best[count - 1][start].bytes.addingSaturated(costs[start][end - start - 1])
            if bytes < least.bytes { least = (bytes, start) }
          }
        }
        row.append(least)
      }
      best.append(row)
    }
    var count = (0...tdmrs).min { best[$0][cells.count].bytes < best[$1][cells.count].bytes }!
    guard count > 0 else { return nil }
    var givenUp: [AddressRange] = []
    var end = cells.count
    while end > 0 {
      if let start = best[count][end].from {
        for island in islands(from: start, to: end).prefix(excess(from: start, to: end)) {
          givenUp += memory(in: island.range)
        }
        (end, count) = (start, count - 1)
      } else {
        givenUp += memory(in: cells[end - 1].range)
        end -= 1
      }
    }
    return givenUp.sorted { $0.start < $1.start }
  }

  // MARK: - Cells

  private mutating func listCells() {
    for index in 0..<stretches.count {
      let stretch = stretches[index]
      var start = stretch.start
      // Its first GiB, those wholly inside, its last.
      let (first, end) = (UInt64(stretch.firstGiB) << 30, UInt64(stretch.endGiB) << 30)
      for border in [first + tdmrAlignment, end - tdmrAlignment, end] where min(border, stretch.end) > start {
        add(AddressRange(unchecked: start, min(border, stretch.end)), index)
        start = min(border, stretch.end)
      }
    }
  }

  private mutating func add(_ memory: AddressRange, _ stretch: Int) {
    let base = memory.start.roundedDown(to: tdmrAlignment)
    let range = AddressRange(unchecked: base, UInt64((memory.end - 1) >> 30 + 1) << 30)
    if let last = cells.last, last.range.end > base {
      cells[cells.count - 1].bytes += memory.size
    } else {
      cells.append(Cell(range: range, bytes: memory.size, stretch: stretch))
    }
  }

  private func memory(in range: AddressRange) -> [AddressRange] {
    var ranges: [AddressRange] = []
    var index = firstStretch(endingAfter: range.start)
    while index < stretches.count, stretches[index].start < range.end {
      let stretch = AddressRange(unchecked: stretches[index].start, stretches[index].end)
      if let common = stretch.intersection(range) { ranges.append(common) }
      index += 1
    }
    return ranges
  }

  private func firstStretch(endingAfter address: UInt64) -> Int {
    var (low, high) = (0, stretches.count)
    while low < high {
      let middle = (low + high) / 2
      if stretches[middle].end <= address { low = middle + 1 } else { high = middle }
    }
    return low
  }

  // MARK: - TDMRs

  /// What a TDMR from a cell on gives up, for each cell that it may end with.
  ///
  /// A TDMR with too many holes keeps one island fewer than it has areas, the largest, and gives up all others.
  private func tdmrCosts(from start: Int) -> [UInt64] {
    var costs: [UInt64] = []
    let allowed = Int(clamping: limits.maxReserved)
    var kept = LargestSizes(most: max(0, allowed - 1))
    /// The memory between neighbouring holes.
    var islands: UInt64 = 0
    var walk = HoleWalk(from: cells[start].range.start, stretch: cells[start].stretch)
    for end in start..<cells.count {
      while let island = walk.next(before: cells[end].range.end, stretches) {
        islands += island.bytes
        kept.show(island.bytes)
      }
      // One hole remains whatever is given up.
      guard walk.holes == 0 || allowed > 0 else { return costs }
      costs.append(walk.holes > allowed ? islands - kept.sum : 0)
    }
    return costs
  }

  private func islands(from start: Int, to end: Int) -> [(bytes: UInt64, range: AddressRange)] {
    var islands: [(bytes: UInt64, range: AddressRange)] = []
    var walk = HoleWalk(from: cells[start].range.start, stretch: cells[start].stretch)
    while let island = walk.next(before: cells[end - 1].range.end, stretches) { islands.append(island) }
    // Stable, as the insertion above is.
    return islands.enumerated().sorted { ($0.element.bytes, $0.offset) < ($1.element.bytes, $1.offset) }
      .map(\.element)
  }

  private func excess(from start: Int, to end: Int) -> Int {
    var walk = HoleWalk(from: cells[start].range.start, stretch: cells[start].stretch)
    while walk.next(before: cells[end - 1].range.end, stretches) != nil {}
    return max(0, walk.holes - Int(clamping: limits.maxReserved))
  }
}
