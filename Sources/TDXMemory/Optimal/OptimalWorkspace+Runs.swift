/// The plan of machines whose every run of GiBs with memory is one TDMR, and whose every node has a place beside a hole
/// for all of its PAMTs: every real machine. One walk over the stretches finds all of that: a plan of server-2s takes 3,537
/// instructions so, where the search for a cover, the bins, and PAMTs that were written level by level came to 5,087 for
/// the same plan.
extension OptimalWorkspace {
  /// The most stretches, and so TDMRs and nodes: nodes are sought one by one.
  private static var mostStretches: Int { 64 }

  /// Chooses TDMRs and places their PAMTs, if the machine is such a one.
  ///
  /// - Returns: whether it is; the cover and its TDMRs are set then.
  /// - Complexity: O(stretches x nodes).
  mutating func coverAndPlaceInRuns(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    _ options: PlanOptions,
    _ pamt: PAMTCost
  ) -> Bool {
    guard stretches.count <= Self.mostStretches, pamt.gapsNeverPay,
      // The sizes of PAMTs have 64 bits up to there.
      stretches[stretches.count - 1].end >> 59 == 0
    else { return false }
    nodes.reset(stretches: stretches.count)
    tdmrs.reserve(stretches.count)
    let mostGiBs = pamt.mostGiBs(levelsUpTo: stretches.largest)
    let mostAreas = Int(clamping: options.limits.maxReserved)
    let scale = PAMTScale(options)
    var cost = CoverCost.zero
    var first = 0
    while first < stretches.count {
      let run = run(from: first, map)
      guard run.gibs <= mostGiBs, run.holes <= mostAreas else { return false }
      let tdmr = CoveredTDMR(
        range: run.range,
        stretch: first,
        node: map[stretches[first].region].node,
        holes: run.holes,
        sizes: scale.sizes(of: run.range.size)
      )
      nodes.add(tdmr.sizes.total, to: tdmr.node)
      tdmrs[cost.tdmrs] = tdmr
      cost = cost + CoverCost(pamtBytes: tdmr.sizes.total, tdmrs: 1, areas: run.holes)
      first = run.next
    }
    guard cost.tdmrs <= Int(clamping: options.limits.maxTDMRs), nodes.begin() else { return false }
    for index in 0..<cost.tdmrs {
      tdmrs.base[index].place(at: nodes.take(tdmrs[index].sizes.total, for: tdmrs[index].node))
    }
    cover.take(cost)
    return true
  }

  /// A run of GiBs with memory.
  private struct Run {
    var range: AddressRange
    var holes: Int
    /// The first stretch behind it.
    var next: Int

    var gibs: Int { Int(range.size >> 30) }
  }

  /// Walks over a run, and offers each place beside a hole to the node that it lies on.
  private mutating func run(from first: Int, _ map: UnsafeBufferPointer<MemoryRegion>) -> Run {
    let start = UInt64(stretches[first].firstGiB) << 30
    var isBehindHole = (first > 0 ? stretches[first - 1].holeEnd : stretches.leadingHoleEnd) > start
    var holes = isBehindHole ? 1 : 0
    var index = first
    while true {
      let stretch = stretches.base + index
      index += 1
      if isBehindHole {
        let end = min(stretch.pointee.end, stretch.pointee.nodeEnd)
        nodes.offer(
          PAMTBin(free: AddressRange(unchecked: stretch.pointee.start, end), fillsFromEnd: false),
          on: map[stretch.pointee.region].node
        )
      }
      let endGiB = stretch.pointee.endGiB
      let isLast = index == stretches.count || stretches[index].firstGiB > endGiB
      let end = UInt64(endGiB) << 30
      // A hole between two stretches of the run may start behind the last GiB of the first one.
      isBehindHole = isLast ? stretch.pointee.holeStart < end : stretch.pointee.hasHole
      if isBehindHole {
        holes += 1
        let last = (index < stretches.count ? stretches[index].region : map.count) - 1
        let start = max(stretch.pointee.start, stretch.pointee.nodeStart)
        nodes.offer(
          PAMTBin(free: AddressRange(unchecked: start, stretch.pointee.end), fillsFromEnd: true),
          on: map[last].node
        )
      }
      if isLast { return Run(range: AddressRange(unchecked: start, end), holes: holes, next: index) }
    }
  }
}
