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

  /// The steps that a search may take: some tenths of a second.
  private static var mostSteps: Int { 1 << 24 }

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
  /// - Complexity: O(cells^2 x TDMRs).
  func least() -> [AddressRange]? {
    let tdmrs = Int(clamping: min(limits.maxTDMRs, UInt64(cells.count)))
    let (square, overflows) = cells.count.multipliedReportingOverflow(by: cells.count)
    guard tdmrs > 0, !overflows, square <= Self.mostSteps / tdmrs else { return nil }
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
          givenUp += memory(in: island.range, from: cells[start].stretch)
        }
        (end, count) = (start, count - 1)
      } else {
        givenUp += memory(in: cells[end - 1].range, from: cells[end - 1].stretch)
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

  /// - Parameter stretch: one before which there is no memory in the range.
  private func memory(in range: AddressRange, from stretch: Int) -> [AddressRange] {
    var ranges: [AddressRange] = []
    var index = stretch
    while index < stretches.count, stretches[index].start < range.end {
      let stretch = AddressRange(unchecked: stretches[index].start, stretches[index].end)
      if let common = stretch.intersection(range) { ranges.append(common) }
      index += 1
    }
    return ranges
  }

  // MARK: - TDMRs

  /// What a TDMR from a cell on gives up, for each cell that it may end with.
  private func tdmrCosts(from start: Int) -> [UInt64] {
    var costs: [UInt64] = []
    /// The memory between neighbouring holes, the smallest first.
    var islands: [UInt64] = []
    var walk = HoleWalk(from: cells[start].range.start, stretch: cells[start].stretch)
    for end in start..<cells.count {
      while let island = walk.next(before: cells[end].range.end, stretches) {
        let place = islands.firstIndex { $0 > island.bytes } ?? islands.count
        islands.insert(island.bytes, at: place)
      }
      let excess = max(0, walk.holes - Int(clamping: limits.maxReserved))
      // One hole remains whatever is given up.
      guard excess <= islands.count else { return costs }
      costs.append(islands.prefix(excess).reduce(0) { $0 + $1 })
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
