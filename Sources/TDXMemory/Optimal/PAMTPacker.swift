/// Places PAMTs where they cost the fewest reserved areas: next to holes, all of a node in one piece where that is
/// possible, on the node of their TDMRs.
///
/// In the worst case this is bin packing. Where one part of a stretch next to a hole holds all PAMTs of a node, as on
/// every real machine, the first step is all there is, and it costs no area.
struct PAMTPacker: ~Copyable {
  var byNode = Scratch<KeyedIndex>()
  private var spare = Scratch<KeyedIndex>()
  var groups = Scratch<NodePAMTs>()
  var groupCount = 0
  var bins = Scratch<PAMTBin>()
  var binCount = 0
  /// The sizes of the bins.
  var binSizes = MaxTree()
  /// The parts that are still to be placed: 3 x TDMR + level.
  var left = Scratch<Int>()
  var leftCount = 0
  /// The first of them.
  var leftFirst = 0
  var places = Scratch<PAMTPlace>()
  var bySize = Scratch<KeyedIndex>()
  var spareBySize = Scratch<KeyedIndex>()
  /// Reserved areas beyond those of holes.
  var extraAreas = 0
  /// Where levels of no bytes lie.
  var anchor: UInt64 = 0
  /// The parts that were tried, and did not fit, in places that take an area.
  var misses = 0

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
    (extraAreas, misses) = (0, 0)
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

  func place(_ group: NodePAMTs, _ tdmrs: UnsafeMutableBufferPointer<CoveredTDMR>) {
    var base = group.bin.fillsFromEnd ? group.bin.free.end - group.bytes : group.bin.free.start
    for position in group.first..<group.end {
      let index = byNode[position].index
      tdmrs[index].place(at: base)
      base += tdmrs[index].sizes.total
    }
  }
}
