/// What remains of a part of a stretch beside a hole: a PAMT there costs no reserved area.
struct PAMTBin: BitwiseCopyable {
  var free: AddressRange
  /// Whether the hole is behind it, not before.
  var fillsFromEnd: Bool
}

/// A part of a stretch that has no hole beside it: a PAMT there costs its TDMR a reserved area.
struct PAMTPlace: BitwiseCopyable {
  var range: AddressRange
  /// As an index of the TDMRs.
  var tdmr: Int
}

/// The PAMTs of the TDMRs of one node.
struct NodePAMTs: BitwiseCopyable {
  var node: UInt32
  /// Its TDMRs, as positions among all by node: the first, and the one behind the last.
  var first: Int
  var end: Int
  var bytes: UInt64
  /// The largest place on its node that costs no area.
  var bin: PAMTBin
}

/// Places PAMTs where they cost the fewest reserved areas: next to holes, all of a node in one piece where that is
/// possible, on the node of their TDMRs.
///
/// In the worst case this is bin packing. Where one part of a stretch next to a hole holds all PAMTs of a node, as on
/// every real machine, the first step is all there is, and it costs no area.
struct PAMTPacker: ~Copyable {
  private var byNode = Scratch<KeyedIndex>()
  private var spare = Scratch<KeyedIndex>()
  private var groups = Scratch<NodePAMTs>()
  private var groupCount = 0
  private var bins = Scratch<PAMTBin>()
  private var binCount = 0
  /// The parts that are still to be placed: 3 x TDMR + level.
  private var left = Scratch<Int>()
  private var leftCount = 0
  /// The first of them.
  private var leftFirst = 0
  private var places = Scratch<PAMTPlace>()
  private var bySize = Scratch<KeyedIndex>()
  private var spareBySize = Scratch<KeyedIndex>()
  /// Reserved areas beyond those of holes.
  private(set) var extraAreas = 0
  /// Where levels of no bytes lie.
  private var anchor: UInt64 = 0

  /// The steps that the search for places may take.
  private static var mostSteps: Int { 1 << 24 }

  /// Places every PAMT.
  ///
  /// - Parameters:
  ///   - tdmrs: ascending; their levels are set.
  ///   - areas: the most reserved areas in a TDMR.
  /// - Returns: nil, or why not.
  mutating func place(
    _ tdmrs: UnsafeMutableBufferPointer<CoveredTDMR>,
    _ stretches: borrowing MemoryStretches,
    _ map: UnsafeBufferPointer<MemoryRegion>,
    areas: Int
  ) -> Obstacle? {
    extraAreas = 0
    anchor = stretches[0].start
    group(tdmrs)
    findBins(tdmrs, stretches, map)
    var isPlaced = true
    for group in 0..<groupCount where groups[group].bin.free.size < groups[group].bytes { isPlaced = false }
    if isPlaced {
      for group in 0..<groupCount { place(groups[group], tdmrs) }
      return nil
    }
    packPieces(tdmrs, stretches)
    return leftCount == 0 ? nil : placeLeft(tdmrs, stretches, areas: areas)
  }

  // MARK: - A node in one piece

  /// Lists the TDMRs of each node.
  private mutating func group(_ tdmrs: UnsafeMutableBufferPointer<CoveredTDMR>) {
    byNode.reserve(tdmrs.count)
    spare.reserve(tdmrs.count)
    groups.reserve(tdmrs.count)
    for (index, tdmr) in tdmrs.enumerated() {
      byNode[index] = KeyedIndex(key: UInt64(tdmr.node), index: index)
    }
    let sorted = radixSorted(
      UnsafeMutableBufferPointer(start: byNode.base, count: tdmrs.count),
      spare: UnsafeMutableBufferPointer(start: spare.base, count: tdmrs.count)
    )
    if sorted.baseAddress == spare.base { swap(&byNode, &spare) }
    groupCount = 0
    for position in 0..<tdmrs.count {
      let tdmr = tdmrs[byNode[position].index]
      if groupCount == 0 || groups[groupCount - 1].node != tdmr.node {
        let nowhere = PAMTBin(free: AddressRange(unchecked: anchor, anchor), fillsFromEnd: false)
        groups[groupCount] = NodePAMTs(
          node: tdmr.node,
          first: position,
          end: position,
          bytes: 0,
          bin: nowhere
        )
        groupCount += 1
      }
      let group = groups.base + (groupCount - 1)
      group.pointee.end = position + 1
      group.pointee.bytes = group.pointee.bytes.addingSaturated(tdmr.sizes.total)
    }
  }

  /// Finds the largest place beside a hole on each node.
  private func findBins(
    _ tdmrs: UnsafeMutableBufferPointer<CoveredTDMR>,
    _ stretches: borrowing MemoryStretches,
    _ map: UnsafeBufferPointer<MemoryRegion>
  ) {
    var group = 0
    for tdmr in tdmrs {
      var index = tdmr.stretch
      while index < stretches.count, stretches[index].start < tdmr.range.end {
        let stretch = stretches[index]
        let part = StretchPart(stretches, index, in: tdmr.range)
        index += 1
        if part.hasHoleBefore {
          let end = min(part.range.end, stretch.nodeEnd)
          offer(AddressRange(unchecked: part.range.start, end), false, map[stretch.region].node, &group)
        }
        if part.hasHoleAfter {
          let start = max(part.range.start, stretch.nodeStart)
          let last = (index < stretches.count ? stretches[index].region : map.count) - 1
          offer(AddressRange(unchecked: start, part.range.end), true, map[last].node, &group)
        }
      }
    }
  }

  private func offer(_ free: AddressRange, _ fillsFromEnd: Bool, _ node: UInt32, _ hint: inout Int) {
    if groups[hint].node != node {
      var (low, high) = (0, groupCount)
      while low < high {
        let middle = (low + high) / 2
        if groups[middle].node < node { low = middle + 1 } else { high = middle }
      }
      guard low < groupCount, groups[low].node == node else { return }
      hint = low
    }
    guard free.size > groups[hint].bin.free.size else { return }
    groups.base[hint].bin = PAMTBin(free: free, fillsFromEnd: fillsFromEnd)
  }

  private func place(_ group: NodePAMTs, _ tdmrs: UnsafeMutableBufferPointer<CoveredTDMR>) {
    var base = group.bin.fillsFromEnd ? group.bin.free.end - group.bytes : group.bin.free.start
    for position in group.first..<group.end {
      let index = byNode[position].index
      tdmrs[index].place(at: base)
      base += tdmrs[index].sizes.total
    }
  }

  // MARK: - Piece by piece

  /// Packs the PAMTs beside holes: those of a node where its memory has room for them; of the others the nodes whole
  /// where possible, then TDMRs, then levels, each into the next place that holds it. What fits nowhere is left.
  private mutating func packPieces(
    _ tdmrs: UnsafeMutableBufferPointer<CoveredTDMR>,
    _ stretches: borrowing MemoryStretches
  ) {
    listBins(tdmrs, stretches)
    left.reserve(3 * tdmrs.count)
    (leftCount, leftFirst) = (0, 0)
    for group in 0..<groupCount where groups[group].bin.free.size >= groups[group].bytes {
      place(groups[group], tdmrs)
      shrinkBin(of: groups[group])
    }
    var cursor = PlaceCursor()
    for group in 0..<groupCount where groups[group].bin.free.size < groups[group].bytes {
      let group = groups[group]
      if var base = take(group.bytes, &cursor) {
        for position in group.first..<group.end {
          let index = byNode[position].index
          tdmrs[index].place(at: base)
          base += tdmrs[index].sizes.total
        }
        continue
      }
      for position in group.first..<group.end {
        let index = byNode[position].index
        if let base = take(tdmrs[index].sizes.total, &cursor) {
          tdmrs[index].place(at: base)
          continue
        }
        for level in PAMTLevel.allCases {
          if let base = take(tdmrs[index].size(level), &cursor) {
            tdmrs[index].place(level, at: base)
          } else {
            left[leftCount] = 3 * index + level.rawValue
            leftCount += 1
          }
        }
      }
    }
  }

  private mutating func listBins(
    _ tdmrs: UnsafeMutableBufferPointer<CoveredTDMR>,
    _ stretches: borrowing MemoryStretches
  ) {
    // A border cuts at most one stretch in two.
    bins.reserve(stretches.count + tdmrs.count)
    binCount = 0
    for tdmr in tdmrs {
      var index = tdmr.stretch
      while index < stretches.count, stretches[index].start < tdmr.range.end {
        let part = StretchPart(stretches, index, in: tdmr.range)
        index += 1
        guard part.isBesideHole else { continue }
        bins[binCount] = PAMTBin(free: part.range, fillsFromEnd: !part.hasHoleBefore)
        binCount += 1
      }
    }
  }

  /// Takes the place of a node's PAMTs out of the bin that it lies in.
  private func shrinkBin(of group: NodePAMTs) {
    guard group.bytes > 0 else { return }
    var (low, high) = (0, binCount)
    while low < high {
      let middle = (low + high) / 2
      if bins[middle].free.end < group.bin.free.end { low = middle + 1 } else { high = middle }
    }
    let free = bins[low].free
    bins.base[low].free =
      group.bin.fillsFromEnd
      ? AddressRange(unchecked: free.start, free.end - group.bytes)
      : AddressRange(unchecked: free.start + group.bytes, free.end)
  }

  /// Where to look next, and what is known to fit nowhere.
  private struct PlaceCursor {
    var bin = 0
    var steps = 0
    /// The smallest size that no bin holds: bins only shrink.
    var fitsNowhere = UInt64.max
  }

  /// Takes so many bytes out of the next bin that has them.
  private func take(_ bytes: UInt64, _ cursor: inout PlaceCursor) -> UInt64? {
    guard bytes > 0 else { return anchor }
    guard bytes < cursor.fitsNowhere, cursor.steps < Self.mostSteps else { return nil }
    for offset in 0..<binCount {
      let index = cursor.bin + offset < binCount ? cursor.bin + offset : cursor.bin + offset - binCount
      let bin = bins.base + index
      cursor.steps += 1
      guard bin.pointee.free.size >= bytes else { continue }
      cursor.bin = index
      let free = bin.pointee.free
      if bin.pointee.fillsFromEnd {
        bin.pointee.free = AddressRange(unchecked: free.start, free.end - bytes)
        return free.end - bytes
      }
      bin.pointee.free = AddressRange(unchecked: free.start + bytes, free.end)
      return free.start
    }
    cursor.fitsNowhere = bytes
    return nil
  }

  // MARK: - With areas of their own

  /// Places what is left where it costs a reserved area: in the largest part of a stretch in a TDMR that has one left,
  /// then in the next largest, and so on.
  private mutating func placeLeft(
    _ tdmrs: UnsafeMutableBufferPointer<CoveredTDMR>,
    _ stretches: borrowing MemoryStretches,
    areas: Int
  ) -> Obstacle? {
    let largestFirst = listPlaces(tdmrs, stretches)
    for keyed in largestFirst where leftFirst < leftCount {
      let (range, tdmr) = (places[keyed.index].range, places[keyed.index].tdmr)
      guard tdmrs[tdmr].holes + tdmrs[tdmr].extraAreas < areas, fill(range, tdmrs) else { continue }
      tdmrs[tdmr].extraAreas += 1
      extraAreas += 1
    }
    return leftFirst < leftCount ? obstacle(tdmrs, areas) : nil
  }

  /// Lists the parts of stretches that have no hole beside them.
  ///
  /// - Returns: them by size, the largest first; among equals the lowest first.
  private mutating func listPlaces(
    _ tdmrs: UnsafeMutableBufferPointer<CoveredTDMR>,
    _ stretches: borrowing MemoryStretches
  ) -> UnsafeMutableBufferPointer<KeyedIndex> {
    let most = stretches.count + tdmrs.count
    places.reserve(most)
    bySize.reserve(most)
    spareBySize.reserve(most)
    var count = 0
    for (tdmr, covered) in tdmrs.enumerated() {
      var index = covered.stretch
      while index < stretches.count, stretches[index].start < covered.range.end {
        let part = StretchPart(stretches, index, in: covered.range)
        index += 1
        guard !part.isBesideHole else { continue }
        places[count] = PAMTPlace(range: part.range, tdmr: tdmr)
        bySize[count] = KeyedIndex(key: ~part.range.size, index: count)
        count += 1
      }
    }
    return radixSorted(
      UnsafeMutableBufferPointer(start: bySize.base, count: count),
      spare: UnsafeMutableBufferPointer(start: spareBySize.base, count: count)
    )
  }

  /// After so many parts that do not fit, others are not tried.
  private static var mostMisses: Int { 64 }

  /// Places as much of what is left as a range holds, from its start.
  ///
  /// - Returns: whether that is anything.
  private mutating func fill(
    _ range: AddressRange,
    _ tdmrs: UnsafeMutableBufferPointer<CoveredTDMR>
  ) -> Bool {
    var base = range.start
    var position = leftFirst
    var misses = 0
    while position < leftCount, misses < Self.mostMisses, base < range.end {
      let part = left[position]
      let (index, number) = part.quotientAndRemainder(dividingBy: 3)
      let level = PAMTLevel(rawValue: number)!
      let size = tdmrs[index].size(level)
      if size <= range.end - base {
        tdmrs[index].place(level, at: base)
        base += size
        // What did not fit moves up behind it.
        var kept = position
        while kept > position - misses {
          left[kept] = left[kept - 1]
          kept -= 1
        }
        leftFirst += 1
      } else {
        misses += 1
      }
      position += 1
    }
    return base > range.start
  }

  private func obstacle(_ tdmrs: UnsafeMutableBufferPointer<CoveredTDMR>, _ areas: Int) -> Obstacle {
    var bytes: UInt64 = 0
    for position in leftFirst..<leftCount {
      let (index, level) = left[position].quotientAndRemainder(dividingBy: 3)
      bytes = bytes.addingSaturated(tdmrs[index].size(PAMTLevel(rawValue: level)!))
    }
    let full = tdmrs.allSatisfy { $0.holes + $0.extraAreas >= areas }
    let tdmr = tdmrs[left[leftFirst] / 3].range
    return full ? .areaForPAMT(bytes: bytes, in: tdmr) : .room(bytes: bytes)
  }
}
