import CTDXMemory
import ReusableMemory
import TDXMemory

/// The memory of a machine as a caller hands it over. It is planned where it lies; only what has to be rounded to whole
/// pages, or left out because it is empty, is copied.

extension Session {
  /// The regions, as `MemoryMap` guarantees them; good until the next call, and as long as the caller's are.
  @inline(__always)
  mutating func regions(_ memory: tdxmemory_memory) throws(Problem) -> UnsafeBufferPointer<MemoryRegion> {
    let given = try list(memory.regions, memory.region_count, "regions")
    guard arePlain(given) else { return try roundedRegions(given) }
    // The layout is the same where the node is below 2^32, which has been checked: the flags are 0.
    return UnsafeBufferPointer(
      start: UnsafeRawPointer(given.baseAddress)?.assumingMemoryBound(to: MemoryRegion.self),
      count: given.count
    )
  }

  /// The CMRs, ascending, disjoint and not empty; nil where they are not known.
  @inline(never)
  mutating func convertible(_ memory: tdxmemory_memory) throws(Problem) -> UnsafeBufferPointer<AddressRange>?
  {
    guard let base = memory.cmrs else {
      guard memory.cmr_count == 0 else { throw .unknownWithCount(count: memory.cmr_count) }
      return nil
    }
    let given = try list(base, memory.cmr_count, "cmrs")
    guard arePlain(given) else { return try withoutEmpty(given) }
    return UnsafeBufferPointer(
      start: UnsafeRawPointer(given.baseAddress)?.assumingMemoryBound(to: AddressRange.self),
      count: given.count
    )
  }

  /// Names the first region at fault, or rounds them.
  @inline(never)
  private mutating func roundedRegions(
    _ given: UnsafeBufferPointer<tdxmemory_region>
  ) throws(Problem) -> UnsafeBufferPointer<MemoryRegion> {
    var order = Ascent("regions")
    regions.removeAll()
    for (index, region) in given.enumerated() {
      try order.take(region.start, region.end, index)
      guard let node = UInt32(exactly: region.node) else { throw .node(index: index, value: region.node) }
      // As `normalizeRegions`: a page counts only if all of it is memory.
      let end = region.end.roundedDown(to: pageSize)
      guard let start = region.start.roundedUp(to: pageSize), start < end else { continue }
      regions.append(MemoryRegion(start: start, end: end, node: node))
    }
    return UnsafeBufferPointer(regions.elements)
  }

  @inline(never)
  private mutating func withoutEmpty(
    _ given: UnsafeBufferPointer<tdxmemory_range>
  ) throws(Problem) -> UnsafeBufferPointer<AddressRange> {
    var order = Ascent("cmrs")
    convertible.removeAll()
    for (index, range) in given.enumerated() {
      try order.take(range.start, range.end, index)
      if range.start < range.end { convertible.append(AddressRange(unchecked: range.start, range.end)) }
    }
    return UnsafeBufferPointer(convertible.elements)
  }
}

/// Whether regions are what `MemoryMap` guarantees, and below 2^63. Without a branch for each: where all bounds are
/// below 2^63, a difference of two has bit 63 set where it is below 0.
@inline(__always)
private func arePlain(_ regions: UnsafeBufferPointer<tdxmemory_region>) -> Bool {
  var (previous, bounds, gaps, sizes, nodes): (UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, .max, 0)
  for region in regions {
    bounds |= region.start | region.end
    gaps |= region.start &- previous
    // Below 0, each of them: none is empty.
    sizes &= region.start &- region.end
    nodes |= region.node
    previous = region.end
  }
  return bounds.isMultiple(ofPowerOfTwo: pageSize) && (bounds | gaps | ~sizes) >> 63 == 0 && nodes >> 32 == 0
}

/// Whether CMRs ascend from 0 on, are disjoint and not empty, and are below 2^63.
@inline(__always)
private func arePlain(_ ranges: UnsafeBufferPointer<tdxmemory_range>) -> Bool {
  var (previous, bounds, gaps, sizes): (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, .max)
  for range in ranges {
    bounds |= range.start | range.end
    gaps |= range.start &- previous
    sizes &= range.start &- range.end
    previous = range.end
  }
  return (bounds | gaps | ~sizes) >> 63 == 0
}

/// Holds ranges against each other in the order in which they come. Empty ones overlap nothing.
private struct Ascent {
  private let name: StaticString
  private var start: UInt64 = 0
  private var last: AddressRange?

  init(_ name: StaticString) { self.name = name }

  mutating func take(_ start: UInt64, _ end: UInt64, _ index: Int) throws(Problem) {
    guard let range = AddressRange(from: start, to: end) else {
      throw .endsBeforeStart(name, index: index, start: start, end: end)
    }
    guard start >= self.start else { throw .notAscending(name, index: index) }
    self.start = start
    guard !range.isEmpty else { return }
    if let last, last.overlaps(range) { throw .overlap(name, index: index, last, range) }
    last = range
  }
}
