/// PAMTs that do not fit beside holes at all: placed where they take reserved areas of their own.
extension PAMTPacker {
  /// Places what is left where it costs a reserved area: in the largest part of a stretch in a TDMR that has one left,
  /// then in the next largest, and so on.
  mutating func placeLeft(
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
      places.base[keyed.index].isTaken = true
    }
    return leftFirst < leftCount ? obstacle(largestFirst, tdmrs) : nil
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
    self.misses += misses
    return base > range.start
  }

  /// Whether more areas would help, or what is left has no room at all.
  private mutating func obstacle(
    _ largestFirst: UnsafeMutableBufferPointer<KeyedIndex>,
    _ tdmrs: UnsafeMutableBufferPointer<CoveredTDMR>
  ) -> Obstacle {
    var bytes: UInt64 = 0
    for position in leftFirst..<leftCount {
      let (index, level) = left[position].quotientAndRemainder(dividingBy: 3)
      bytes = bytes.addingSaturated(tdmrs[index].size(PAMTLevel(rawValue: level)!))
    }
    let tdmr = tdmrs[left[leftFirst] / 3].range
    for keyed in largestFirst where leftFirst < leftCount && !places[keyed.index].isTaken {
      _ = fill(places[keyed.index].range, tdmrs)
    }
    return leftFirst < leftCount ? .room(bytes: bytes) : .areaForPAMT(bytes: bytes, in: tdmr)
  }
}
