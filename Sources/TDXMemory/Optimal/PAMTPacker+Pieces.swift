/// PAMTs that do not fit beside holes in one piece for each node: packed piece by piece.
extension PAMTPacker {
  /// Packs the PAMTs beside holes: those of a node where its memory has room for them; of the others the nodes whole
  /// where possible, then TDMRs, then levels, each into the next place that holds it. What fits nowhere is left.
  mutating func packPieces(
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
    binSizes.fill(binCount) { [bins = bins.base] in bins[$0].free.size }
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
    binSizes.set(low, to: bins[low].free.size)
  }

  /// Where to look next, and what is known to fit nowhere.
  private struct PlaceCursor {
    var bin = 0
    /// The smallest size that no bin holds: bins only shrink.
    var fitsNowhere = UInt64.max
  }

  /// Takes so many bytes out of the next bin that has them, in O(log bins).
  private func take(_ bytes: UInt64, _ cursor: inout PlaceCursor) -> UInt64? {
    guard bytes > 0 else { return anchor }
    guard bytes < cursor.fitsNowhere else { return nil }
    guard
      let index = binSizes.first(from: cursor.bin, atLeast: bytes) ?? binSizes.first(from: 0, atLeast: bytes)
    else {
      cursor.fitsNowhere = bytes
      return nil
    }
    cursor.bin = index
    let (free, fillsFromEnd) = (bins[index].free, bins[index].fillsFromEnd)
    binSizes.set(index, to: free.size - bytes)
    bins.base[index].free =
      fillsFromEnd
      ? AddressRange(unchecked: free.start, free.end - bytes)
      : AddressRange(unchecked: free.start + bytes, free.end)
    return fillsFromEnd ? free.end - bytes : free.start
  }
}
