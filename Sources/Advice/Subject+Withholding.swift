import TDXMemory

/// The search for what to withhold.
extension Subject {
  /// What the rest of the memory must satisfy.
  struct Demand {
    var placements: [Placement]
    /// The areas to keep free in each TDMR that has too many, for PAMTs that land there in no model.
    var slack: Int
  }

  /// Finds the least memory, in bytes, without which Linux succeeds under every placement model; where none helps
  /// them all, and the one that is asked about fails today, under that one.
  ///
  /// What the module would refuse goes first, then what opens too many TDMRs. Of the islands between holes the
  /// smallest go, which is exact; a TDMR is cut in two, or left out, where that withholds less. What is found is planned
  /// again: where the module refuses that, too (for the CMRs themselves, or for key ids), it is no remedy.
  ///
  /// - Complexity: some dozens of plans on a real machine; `search` is bounded.
  func leastToWithhold(slack: Int, succeedsToday: Bool) throws(WithholdingFailure) -> Withholding {
    let refused = try outsideCMRs()
    let first = try (refused + tdmrsTooMany(without(refused))).sorted { $0.start < $1.start }
    let best: [AddressRange]
    do throws(WithholdingFailure) {
      best = try search(first, Demand(placements: Placement.allCases, slack: slack))
    } catch {
      if succeedsToday { throw error }
      best = try search(first, Demand(placements: [options.placement], slack: slack))
    }
    let found = try withholding(best, without(best))
    if found.placements.isEmpty,
      let refusal = found.results.lazy.compactMap(\.verdict).first(where: { !$0.isAccepted })
    {
      throw WithholdingFailure(.refused(refusal))
    }
    return found
  }

  /// So often may PAMTs move to where there is too much already.
  private static var mostRounds: Int { 32 }

  /// The memory that the module would refuse.
  private func outsideCMRs() throws(WithholdingFailure) -> [AddressRange] {
    guard let convertible, !convertible.isEmpty else { return [] }
    let memory = map.withRegions { $0.removing(convertible) }
    return memory.compactMap { AddressRange(from: max($0.start, lowMemoryEnd), to: $0.end) }.filter {
      !$0.isEmpty
    }
  }

  /// The least without which Linux opens few enough TDMRs; empty where they are.
  private func tdmrsTooMany(_ rest: MemoryMap) throws(WithholdingFailure) -> [AddressRange] {
    let isExhausted = plan(rest, asLinux(options.placement)) { plan, _ in plan.failure == .tdmrsExhausted }
    guard isExhausted else { return [] }
    let allowed = options.limits.maxTDMRs
    guard let ranges = OpenedTDMRs(rest, most: allowed).leastToWithhold(&budget) else {
      throw WithholdingFailure(.tdmrsExhausted(allowed: allowed, least: nil))
    }
    let bytes = ranges.reduce(0) { $0 + $1.size }
    let memory = rest.reduce(0) { $0 + $1.size }
    guard bytes <= memory / Self.mostShareForTDMRs else {
      throw WithholdingFailure(.tdmrsExhausted(allowed: allowed, least: bytes))
    }
    return ranges
  }

  /// One part in so many of the memory is the most that a TDMR, or an excess of them, may be worth.
  static var mostShareForTDMRs: UInt64 { 16 }

  func without(_ ranges: [AddressRange]) throws(WithholdingFailure) -> MemoryMap {
    guard let rest = try? MemoryMap(map.withRegions { $0.removing(ranges) }),
      rest.contains(where: { $0.end > lowMemoryEnd })
    else { throw WithholdingFailure(.nothingLeft) }
    return rest
  }

  // MARK: - Islands

  /// Adds the islands that are too many to what is withheld already.
  ///
  /// A TDMR that has d areas too many under some placement gives up its d smallest islands between two holes: each
  /// joins two areas, and nothing smaller joins any. Then all is planned again, for PAMTs may have moved.
  func withIslands(_ withheld: [AddressRange], _ demand: Demand) throws(WithholdingFailure) -> [AddressRange]
  {
    var ranges = withheld
    var last: AddressRange?
    for _ in 0..<Self.mostRounds {
      let rest = try without(ranges)
      var more: [AddressRange] = []
      for excess in try excess(rest, demand) {
        let islands = islands(in: excess.tdmr, of: rest)
        guard islands.count >= excess.areas else { throw WithholdingFailure(.areasTakenByPAMTs(excess.tdmr)) }
        more += islands.prefix(excess.areas)
        last = excess.tdmr
      }
      guard !more.isEmpty else { return ranges }
      ranges = (ranges + more).sorted { $0.start < $1.start }
    }
    throw WithholdingFailure(.areasTakenByPAMTs(last!))
  }

  /// The TDMRs that have too many areas under some placement, and how many too many, by address.
  func excess(_ map: MemoryMap, _ demand: Demand) throws(WithholdingFailure) -> [ReservedCount] {
    let allowed = max(0, Int(clamping: options.limits.maxReserved) - demand.slack)
    // Where PAMTs lie changes no TDMR: those of all placements are the same.
    var most: [ReservedCount] = []
    for placement in demand.placements {
      let counts = try areas(map, placement)
      if most.isEmpty { most = counts }
      for index in counts.indices { most[index].areas = max(most[index].areas, counts[index].areas) }
    }
    return most.filter { $0.areas > allowed }.map {
      ReservedCount(tdmr: $0.tdmr, areas: $0.areas - allowed)
    }
  }

  /// The areas in each TDMR, PAMTs among them, however many the module takes.
  private func areas(_ map: MemoryMap, _ placement: Placement) throws(WithholdingFailure) -> [ReservedCount] {
    let (tdmrs, failure) = tdmrs(map, placement)
    switch failure {
    case nil: return tdmrs
    case .tdmrsExhausted:
      throw WithholdingFailure(.tdmrsExhausted(allowed: options.limits.maxTDMRs, least: nil))
    case .noMemoryForPAMT(let tdmr, _) where !tdmr.isEmpty: throw WithholdingFailure(.noMemoryForPAMT(tdmr))
    case .some(let other): throw WithholdingFailure(.other(other))
    }
  }

  /// The memory between two neighbouring holes of a TDMR, the smallest first; touching regions are one.
  func islands(in tdmr: AddressRange, of map: MemoryMap) -> [AddressRange] {
    var islands: [AddressRange] = []
    for index in map.firstIndex(endingAfter: max(tdmr.start, lowMemoryEnd))..<map.endIndex {
      let region = map[index]
      guard region.start < tdmr.end else { break }
      let start = max(region.start, lowMemoryEnd)
      if let last = islands.last, last.end == start {
        islands[islands.count - 1] = AddressRange(unchecked: last.start, region.end)
      } else {
        islands.append(AddressRange(unchecked: start, region.end))
      }
    }
    return islands.filter { $0.start > tdmr.start && $0.end < tdmr.end }
      .sorted { ($0.size, $0.start) < ($1.size, $1.start) }
  }

  private func withholding(_ ranges: [AddressRange], _ rest: MemoryMap) -> Withholding {
    let results = Placement.allCases.map { result(rest, asLinux($0)) }
    let fullest = results.max { $0.mostReserved < $1.mostReserved }
    let next = fullest?.fullest.map { islands(in: $0, of: rest) } ?? []
    return Withholding(
      ranges: ranges,
      results: results,
      tightest: fullest?.fullest,
      areasToSpare: Int(clamping: options.limits.maxReserved) - (fullest?.mostReserved ?? 0),
      next: Array(next.prefix(3))
    )
  }
}

extension MemoryMap {
  /// The first region that ends after an address; `endIndex` where none does.
  func firstIndex(endingAfter address: UInt64) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if self[middle].end <= address { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
