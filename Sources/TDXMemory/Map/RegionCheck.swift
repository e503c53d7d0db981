/// Checks that regions are what `MemoryMap` says of its own.
///
/// They are taken by blocks, and within a block without a branch, start and end at once: 240 MB of regions take as long
/// as a sum over their bytes.
///
/// - Throws: `MapError` for the first region at fault.
/// - Complexity: O(n).
func checkRegions(_ regions: UnsafeBufferPointer<MemoryRegion>) throws(MapError) {
  var previous: AddressRange?
  var next = 0
  while next < regions.count {
    // 6 KiB: where something is wrong, they are looked at again in the nearest cache.
    let end = min(next + 256, regions.count)
    let block = UnsafeBufferPointer(rebasing: regions[next..<end])
    if !isAscending(block, after: previous?.end ?? 0) { try checkOneByOne(block, after: previous) }
    previous = block.last?.range
    next = end
  }
}

/// Whether the regions consist of whole pages below 2^63 and ascend from an address on.
///
/// Where all bounds are below 2^63, a difference of two has bit 63 set where it is below 0.
private func isAscending(_ regions: UnsafeBufferPointer<MemoryRegion>, after address: UInt64) -> Bool {
  typealias Pair = SIMD2<UInt64>
  let bytes = UnsafeRawBufferPointer(regions)
  var previous = Pair(0, address)
  var bounds = previous
  var differences = Pair(0, 0)
  for index in regions.indices {
    let offset = index &* MemoryLayout<MemoryRegion>.stride
    let pair = bytes.loadUnaligned(fromByteOffset: offset, as: Pair.self)
    bounds |= pair
    // The start may be the end before it, the end has to be at least one more than the start.
    differences |= pair &- Pair(previous[1], pair[0]) &- Pair(0, 1)
    previous = pair
  }
  let allBounds = bounds[0] | bounds[1]
  let topBits = (allBounds | differences[0] | differences[1]) >> 63
  return allBounds.isMultiple(ofPowerOfTwo: pageSize) && topBits == 0
}

/// Names the first region at fault; a block with bounds of 2^63 or more may be free of faults.
private func checkOneByOne(
  _ regions: UnsafeBufferPointer<MemoryRegion>,
  after previous: AddressRange?
) throws(MapError) {
  var previous = previous
  for region in regions {
    guard region.start < region.end, (region.start | region.end).isMultiple(ofPowerOfTwo: pageSize) else {
      throw .notWholePages(region)
    }
    if let previous, region.start < previous.end { throw .overlap(previous, region.range) }
    previous = region.range
  }
}
