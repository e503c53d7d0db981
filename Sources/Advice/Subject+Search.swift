import TDXMemory

/// The search over what is withheld beside islands.
extension Subject {
  /// Withholds islands, and makes moves first where that withholds less: the best one of each round, as long as one
  /// gains. Where islands do not suffice, the move after which the fewest areas are too many. What turns out not to be
  /// needed is given back.
  ///
  /// - Parameter withheld: what must go, whatever the demand.
  func search(_ withheld: [AddressRange], _ demand: Demand) throws(WithholdingFailure) -> [AddressRange] {
    var base = withheld
    var (best, failure) = attempt(base, demand)
    if let best, best.count > Self.mostRanges { return best }
    for _ in 0..<Self.mostMoves {
      guard budget.allows() else { break }
      var gain: [AddressRange]?
      var fewest = best == nil ? remaining(base, demand) : 0
      for move in moves(base, demand) {
        guard budget.allows() else { break }
        let candidate = (base + move).sorted { $0.start < $1.start }
        if let ranges = attempt(candidate, demand).ranges {
          if let best, size(best) <= size(ranges) { continue }
          (best, gain) = (ranges, candidate)
        } else if best == nil {
          let areas = remaining(candidate, demand)
          if areas < fewest { (fewest, gain) = (areas, candidate) }
        }
      }
      guard let gain else { break }
      base = gain
    }
    guard let best else { throw failure! }
    return givingBack(best, keeping: withheld, demand)
  }

  private static var mostMoves: Int { 8 }

  /// More ranges than a command line has room for: what no one can use is not improved.
  private static var mostRanges: Int { 128 }

  private func attempt(
    _ withheld: [AddressRange],
    _ demand: Demand
  ) -> (ranges: [AddressRange]?, failure: WithholdingFailure?) {
    do throws(WithholdingFailure) { return (try withIslands(withheld, demand), nil) } catch {
      return (nil, error)
    }
  }

  private func size(_ ranges: [AddressRange]) -> UInt64 { ranges.reduce(0) { $0 + $1.size } }

  /// The areas that are too many even if all islands went.
  private func remaining(_ withheld: [AddressRange], _ demand: Demand) -> Int {
    guard let rest = try? without(withheld), let excess = try? excess(rest, demand) else { return .max }
    return excess.reduce(0) { $0 + max(0, $1.areas - islands(in: $1.tdmr, of: rest).count) }
  }

  /// The ranges without those that are not needed, the largest tried first: PAMTs that moved may have made room.
  private func givingBack(
    _ ranges: [AddressRange],
    keeping kept: [AddressRange],
    _ demand: Demand
  ) -> [AddressRange] {
    var needed = ranges
    for range in ranges.sorted(by: { $0.size > $1.size }) where !kept.contains(range) {
      guard budget.allows() else { break }
      let fewer = needed.filter { $0 != range }
      if let rest = try? without(fewer), let excess = try? excess(rest, demand), excess.isEmpty {
        needed = fewer
      }
    }
    return needed
  }
}
