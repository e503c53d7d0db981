/// What lies in a row by address, with holes between: regions, or CMRs.
protocol OrderedRange: BitwiseCopyable {
  var start: UInt64 { get }
  var end: UInt64 { get }
  /// Whether several may lie between two TDMRs.
  static var mayLieBetweenTDMRs: Bool { get }
}

extension MemoryRegion: OrderedRange {
  @inline(__always) static var mayLieBetweenTDMRs: Bool { false }
}

extension AddressRange: OrderedRange {
  @inline(__always) static var mayLieBetweenTDMRs: Bool { true }
}

extension PlanWorkspace {
  /// Writes the reserved areas of a small plan (`tdmrs_populate_rsvd_areas_all`): the holes between stretches and the
  /// PAMTs, merged as they come by address.
  ///
  /// One compare, in most cases, tells that a stretch holds no PAMT and ends in the TDMR.
  ///
  /// - Parameters:
  ///   - first: the first stretch.
  ///   - last: one past the last.
  ///   - start: where the memory of the first stretch starts.
  /// - Precondition: all memory lies in the stretches, which are on page borders.
  /// - Returns: the entry of a TDMR with too many areas, where there is one: it is not thrown, since a plan that fails
  ///   here has done all its work, and a throw asks the runtime.
  @inline(never)
  mutating func writeAreas<Stretch: OrderedRange>(
    in table: EntryTable,
    between first: UnsafePointer<Stretch>,
    _ last: UnsafePointer<Stretch>,
    from start: UInt64
  ) -> UnsafeMutablePointer<UInt64>? {
    var stretch = first
    var start = start
    var chunk = chunks.base
    // Where the next PAMT starts, or what is left of it.
    var pamt = chunk.pointee.start
    var words = table.words(0)
    var stale = table.stale.unsafelyUnwrapped
    let staleEnd = stale + tdmrCount
    repeat {
      let (base, end) = (words[0], words[0] &+ words[1])
      if Stretch.mayLieBetweenTDMRs {
        while stretch.pointee.end <= base {
          stretch += 1
          start = stretch.pointee.start
        }
      }
      var areas = AreaWriter(words, base)
      var covered = base
      start = max(start, base)
      var limit = min(pamt, end)
      stretches: while true {
        var stretchEnd = stretch.pointee.end
        // Most stretches end in the TDMR and hold no PAMT.
        while stretchEnd <= limit {
          areas.addHole(from: covered, to: start)
          covered = stretchEnd
          stretch += 1
          if stretch == last {
            start = .max
            break stretches
          }
          start = stretch.pointee.start
          stretchEnd = stretch.pointee.end
        }
        if limit == end { break }
        areas.addHole(from: covered, to: start)
        covered = min(stretchEnd, end)
        repeat {
          let pamtEnd = chunk.pointee.end
          areas.add(from: pamt, to: min(pamtEnd, end))
          if pamtEnd > end {
            // It goes on in the next TDMR.
            pamt = end
            break
          }
          chunk += 1
          pamt = chunk.pointee.start
        } while pamt < covered
        limit = min(pamt, end)
        if stretchEnd > end {
          start = end
          break
        }
        stretch += 1
        if stretch == last {
          start = .max
          break
        }
        start = stretch.pointee.start
      }
      areas.addHole(from: covered, to: min(start, end))
      guard table.close(words, areas.end, stale) else { return words }
      words += EntryTable.wordsInABlock
      stale += 1
    } while stale != staleEnd
    return nil
  }
}

/// The areas of one TDMR while they are written.
private struct AreaWriter {
  private(set) var end: UnsafeMutablePointer<ReservedArea>
  private let base: UInt64

  @inline(__always)
  init(_ entry: UnsafeMutablePointer<UInt64>, _ base: UInt64) {
    end = EntryTable.areas(of: entry)
    self.base = base
  }

  /// Adds a hole, if it is one.
  @inline(__always)
  mutating func addHole(from start: UInt64, to end: UInt64) {
    if start != end { add(from: start, to: end) }
  }

  @inline(__always)
  mutating func add(from start: UInt64, to end: UInt64) {
    self.end.pointee = ReservedArea(offset: start &- base, size: end &- start)
    self.end += 1
  }
}
