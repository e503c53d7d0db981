/// A place where one TDMR may end and the next may start: a GiB border, or a gap of GiBs without memory.
///
/// From the cut i to a later cut j reaches the TDMR [start of i, end of j). It has `end.areas - start.areas` reserved
/// areas, PAMTs apart: counts of holes up to either border, where a hole across the border counts for both sides.
/// Neither count falls from cut to cut.
struct Cut: BitwiseCopyable {
  /// Where the TDMR before the cut ends, in GiB.
  var end: Int
  /// Where the one behind it starts.
  var start: Int
  var endAreas: Int
  var startAreas: Int

  /// The areas of the TDMR from this cut to a later one.
  func areas(to other: Cut) -> Int { other.endAreas - startAreas }
  /// The TDMR from this cut to a later one.
  func tdmr(to other: Cut) -> AddressRange {
    AddressRange(unchecked: UInt64(start) << 30, other.endAddress)
  }

  var endAddress: UInt64 { UInt64(end) << 30 }

  /// The GiBs of it.
  func gibs(to other: Cut) -> Int { other.end - start }
}

/// A reserved area that a PAMT in the midst of a stretch takes, for cutting with room for it.
struct ExtraArea: BitwiseCopyable {
  var stretch: Int
  /// Whether it lies behind the GiB borders inside the stretch, or before them.
  var isAtEnd: Bool
}

extension MemoryStretches {
  /// The cut before a stretch: nothing ends there.
  func cut(before index: Int, _ extra: ExtraArea?) -> Cut {
    let start = self[index].firstGiB
    let holeEnd = index > 0 ? self[index - 1].holeEnd : leadingHoleEnd
    let areas = self[index].holesBefore + extras(before: index, extra)
    let isCut = holeEnd > UInt64(start) << 30
    return Cut(end: start, start: start, endAreas: areas, startAreas: areas - (isCut ? 1 : 0))
  }

  /// The cut behind a stretch: nothing starts there.
  func cut(after index: Int, _ extra: ExtraArea?) -> Cut {
    let end = self[index].endGiB
    let areas = self[index].holesBefore + extras(before: index + 1, extra)
    let isCut = self[index].holeStart < UInt64(end) << 30
    return Cut(end: end, start: end, endAreas: areas + (isCut ? 1 : 0), startAreas: areas)
  }

  /// The cut between a stretch and the next one; nil where they share a GiB.
  func cut(between index: Int, _ extra: ExtraArea?) -> Cut? {
    guard self[index + 1].firstGiB >= self[index].endGiB else { return nil }
    let (end, start) = (cut(after: index, extra), cut(before: index + 1, extra))
    return Cut(end: end.end, start: start.start, endAreas: end.endAreas, startAreas: start.startAreas)
  }

  /// The areas at the GiB borders inside a stretch.
  func areas(inside index: Int, _ extra: ExtraArea?) -> Int {
    var areas = self[index].holesBefore + extras(before: index, extra)
    if let extra, extra.stretch == index, !extra.isAtEnd { areas += 1 }
    return areas
  }

  private func extras(before index: Int, _ extra: ExtraArea?) -> Int {
    if let extra, extra.stretch < index { return 1 }
    return 0
  }
}

/// The cuts of some stretches, by address: what the search for a cover walks over.
struct CutList: ~Copyable {
  private var cuts = Scratch<Cut>()
  private var capacity = 0
  private(set) var count = 0
  /// Whether cuts were left out that a cheaper cover might need.
  private(set) var isThinned = false

  /// The most cuts beyond two a stretch: what is searched, and how many TDMRs there may be, is bounded by the regions and
  /// this, not by the addresses.
  private static let most = 1 << 15

  subscript(index: Int) -> Cut { cuts[index] }

  /// Lists the cuts from before one stretch to behind another.
  ///
  /// The borders inside a stretch are alike but for their distance from others, and that matters only for the
  /// rounding of PAMT sizes: so the last `period` of them stand for all, unless TDMRs are limited in size.
  ///
  /// Where that would be too many, fewer stand for all, and `isThinned` says so: the last two, or, where TDMRs are limited
  /// in size, some at equal distances.
  ///
  /// - Parameters:
  ///   - period: after so many GiB the rounding repeats; nil where TDMRs are limited in size.
  ///   - gibs: the most GiB in a TDMR.
  mutating func list(
    _ stretches: borrowing MemoryStretches,
    _ range: Range<Int>,
    period: Int?,
    gibs: Int,
    _ extra: ExtraArea?
  ) {
    count = 0
    let needed = room(stretches, range, inside: period ?? .max)
    isThinned = needed > Self.most + 2 * range.count
    let step = isThinned && period == nil ? Self.step(among: needed, gibs) : 1
    let inside = isThinned && period != nil ? 2 : period ?? .max
    cuts.reserve(isThinned ? room(stretches, range, inside: inside, step: step) : needed)
    append(stretches.cut(before: range.lowerBound, extra))
    for index in range {
      let stretch = stretches[index]
      let areas = stretches.areas(inside: index, extra)
      let first = max(stretch.firstGiB + step, stretch.endGiB - min(inside, 1 << 40))
      var border = first
      while border < stretch.endGiB {
        append(Cut(end: border, start: border, endAreas: areas, startAreas: areas))
        border += step
      }
      guard index + 1 < range.upperBound else { break }
      if let cut = stretches.cut(between: index, extra) { append(cut) }
    }
    append(stretches.cut(after: range.upperBound - 1, extra))
  }

  /// How far cuts inside a stretch are apart where not all can be listed: a whole part of the largest TDMR, so that TDMRs
  /// in a row can be that large. More than a TDMR may have where even so they would be too many: there is no cover then.
  private static func step(among cuts: Int, _ gibs: Int) -> Int {
    let least = cuts / most + 1
    return least > gibs ? least : gibs / (gibs / least)
  }

  private func room(
    _ stretches: borrowing MemoryStretches,
    _ range: Range<Int>,
    inside: Int,
    step: Int = 1
  ) -> Int {
    var room = 2
    for index in range {
      room += 1 + min(inside, (stretches[index].endGiB - stretches[index].firstGiB) / step)
    }
    return room
  }

  private mutating func append(_ cut: Cut) {
    cuts[count] = cut
    count += 1
  }
}
