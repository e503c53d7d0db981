/// Usable memory without a gap, and the hole behind it.
///
/// Regions that touch are one stretch, whatever their nodes: reserved areas and PAMTs know no regions.
struct MemoryStretch: BitwiseCopyable {
  var start: UInt64
  var end: UInt64
  /// The bytes behind the stretch, before the next one, that must be reserved: from the first to the last. What lies
  /// between them may be reserved with them. `holeStart` is `.max` and `holeEnd` 0 where there are none.
  var holeStart = UInt64.max
  var holeEnd: UInt64 = 0
  /// The holes between the first stretch and this one.
  var holesBefore: Int
  /// Its first region, as an index of the map.
  var region: Int
  /// Where the node of its first region ends, and where the node of its last one starts.
  var nodeEnd: UInt64
  var nodeStart: UInt64

  /// A stretch of one region.
  init(_ range: AddressRange, region: Int, holesBefore: Int) {
    (start, end, nodeEnd, nodeStart) = (range.start, range.end, range.end, range.start)
    self.region = region
    self.holesBefore = holesBefore
  }

  var hasHole: Bool { holeEnd > 0 }
  var size: UInt64 { end &- start }
  /// The first GiB that it has a byte in, and the one behind the last.
  var firstGiB: Int { Int(start >> 30) }
  var endGiB: Int { Int((end &- 1) >> 30) + 1 }
}

/// The memory of a machine as an optimal plan sees it: stretches by address.
struct MemoryStretches: ~Copyable {
  private var stretches = Scratch<MemoryStretch>()
  private(set) var count = 0
  /// The end of the last byte before the first stretch that must be reserved; 0 where there is none.
  private(set) var leadingHoleEnd: UInt64 = 0
  /// The largest stretch: no level of a PAMT may be larger.
  private(set) var largest: UInt64 = 0

  subscript(index: Int) -> MemoryStretch { stretches[index] }
  var base: UnsafePointer<MemoryStretch> { UnsafePointer(stretches.base) }

  /// Reads a machine.
  ///
  /// - Parameters:
  ///   - map: the memory, as `MemoryMap` guarantees it.
  ///   - convertible: the CMRs, ascending and disjoint; empty where they are not known: then all that is not memory
  ///     must be reserved. CMRs that touch are one, as for the module.
  /// - Throws: `notConvertible` where memory is outside CMRs; `reservedAreaNotAligned` for CMRs that are not on page
  ///   borders, which the module refuses; `notAddressable`.
  /// - Complexity: O(regions + CMRs).
  mutating func read(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    _ convertible: UnsafeBufferPointer<AddressRange>
  ) throws(PlanFailure) {
    stretches.reserve(map.count)
    (count, largest, leadingHoleEnd) = (0, 0, 0)
    for cmr in convertible where !(cmr.start | cmr.end).isMultiple(ofPowerOfTwo: pageSize) {
      throw .reservedAreaNotAligned(tdmr: cmr, area: cmr)
    }
    var runs = ConvertibleRunCursor(convertible)
    var node: UInt32 = 0
    for (index, region) in map.enumerated() where region.end > lowMemoryEnd {
      let range = AddressRange(unchecked: max(region.start, lowMemoryEnd), region.end)
      if count > 0, stretches[count - 1].end == range.start {
        guard runs.advance(to: range) else { throw .notConvertible(range) }
        extendLast(to: range.end, isOtherNode: region.node != node)
      } else {
        // What is convertible next to the last stretch, and next to this one.
        let holeStart = runs.isKnown || count == 0 ? runs.run.end : stretches[count - 1].end
        guard runs.advance(to: range) else { throw .notConvertible(range) }
        let holeEnd = runs.isKnown ? runs.run.start : range.start
        if count == 0 {
          leadingHoleEnd = holeEnd
        } else {
          endLast(AddressRange(from: holeStart, to: holeEnd))
        }
        append(range, region: index)
      }
      node = region.node
    }
    guard count > 0 else { return }
    let last = stretches.base + (count - 1)
    guard last.pointee.end.roundedUp(to: tdmrAlignment) != nil else {
      throw .notAddressable(AddressRange(unchecked: last.pointee.start, last.pointee.end))
    }
    endLast(AddressRange(unchecked: runs.isKnown ? runs.run.end : last.pointee.end, .max))
  }

  private mutating func append(_ range: AddressRange, region: Int) {
    var holes = 0
    if count > 0 { holes = stretches[count - 1].holesBefore + (stretches[count - 1].hasHole ? 1 : 0) }
    stretches[count] = MemoryStretch(range, region: region, holesBefore: holes)
    count += 1
  }

  private func extendLast(to end: UInt64, isOtherNode: Bool) {
    let last = stretches.base + (count - 1)
    if isOtherNode {
      last.pointee.nodeStart = last.pointee.end
    } else if last.pointee.nodeEnd == last.pointee.end {
      last.pointee.nodeEnd = end
    }
    last.pointee.end = end
  }

  /// - Parameter hole: nil or empty where all up to the next stretch is convertible.
  private mutating func endLast(_ hole: AddressRange?) {
    let last = stretches.base + (count - 1)
    largest = max(largest, last.pointee.size)
    guard let hole, !hole.isEmpty else { return }
    (last.pointee.holeStart, last.pointee.holeEnd) = (hole.start, hole.end)
  }
}

/// Walks the CMRs by address; those that touch are one run.
private struct ConvertibleRunCursor {
  private let convertible: UnsafeBufferPointer<AddressRange>
  private var next = 0
  private(set) var run = AddressRange(unchecked: 0, 0)

  init(_ convertible: UnsafeBufferPointer<AddressRange>) { self.convertible = convertible }

  var isKnown: Bool { !convertible.isEmpty }

  /// Goes on to the run that ends at or after the end of the range.
  ///
  /// - Returns: whether the run holds the range. Always where the CMRs are not known.
  mutating func advance(to range: AddressRange) -> Bool {
    while run.end < range.end, next < convertible.count {
      let cmr = convertible[next]
      run = AddressRange(unchecked: cmr.start == run.end && next > 0 ? run.start : cmr.start, cmr.end)
      next += 1
    }
    // The CMRs that touch the run's end belong to it.
    while next < convertible.count, convertible[next].start == run.end {
      run = AddressRange(unchecked: run.start, convertible[next].end)
      next += 1
    }
    return !isKnown || run.contains(range)
  }
}
