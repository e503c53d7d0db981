/// How untrusted ranges become a list that a map or a CMR table may hold. Sorting happens only where the input
/// does not ascend, so a list that ascends is normalized without allocation.

/// Brings regions into the order and shape of `MemoryMap`, in place.
///
/// - Returns: how many regions remain, at the front of the buffer.
/// - Throws: `MapError.overlap` where two ranges share a byte, as given, before rounding.
public func normalizeRegions(
  in regions: UnsafeMutableBufferPointer<MemoryRegion>
) throws(MapError) -> Int {
  try sortAndCheck(regions, range: \.range)
  var kept = 0
  for region in regions {
    // The start is rounded up and the end down: a page counts only if all of it is memory.
    guard let start = region.start.roundedUp(to: pageSize) else { continue }
    let end = region.end.roundedDown(to: pageSize)
    guard start < end else { continue }
    regions[kept] = MemoryRegion(start: start, end: end, node: region.node, flags: region.flags)
    kept += 1
  }
  return kept
}

/// Brings convertible memory regions into ascending order, in place, and drops the empty ones. Their bounds stay
/// as they are: a CMR that is not on page borders is the module's to refuse.
///
/// - Returns: how many remain, at the front of the buffer.
/// - Throws: `MapError.overlap` where two ranges share a byte.
public func normalizeConvertibleRegions(
  in regions: UnsafeMutableBufferPointer<AddressRange>
) throws(MapError) -> Int {
  try sortAndCheck(regions, range: \.self)
  var kept = 0
  for region in regions where !region.isEmpty {
    regions[kept] = region
    kept += 1
  }
  return kept
}

private func sortAndCheck<Element>(
  _ elements: UnsafeMutableBufferPointer<Element>,
  range: (Element) -> AddressRange
) throws(MapError) {
  var elements = elements
  let ascends = elements.indices.dropFirst().allSatisfy {
    range(elements[$0 - 1]).start <= range(elements[$0]).start
  }
  if !ascends {
    elements.sort { (range($0).start, range($0).end) < (range($1).start, range($1).end) }
  }
  // Empty ranges overlap nothing, so each range is held against the last one that has bytes.
  var last: AddressRange?
  for element in elements where !range(element).isEmpty {
    if let last, last.overlaps(range(element)) { throw .overlap(last, range(element)) }
    last = range(element)
  }
}
