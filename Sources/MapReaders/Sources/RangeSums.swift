import TDXMemory

/// The three largest ranges, how many there are and how large they are together.
func summary(_ ranges: [AddressRange]) -> String {
  let largest = ranges.sorted { ($1.size, $0.start) < ($0.size, $1.start) }.prefix(3)
  let first = largest.sorted { $0.start < $1.start }.map(\.description).joined(separator: ", ")
  let size = ByteCount(totalBytes(ranges))
  return ranges.count > 3
    ? "\(first) and \(ranges.count - 3) more ranges (\(size) in all)" : "\(first) (\(size))"
}

func totalBytes(_ ranges: [AddressRange]) -> UInt64 {
  ranges.reduce(0) { $0.addingSaturated($1.size) }
}

/// Where any of the ranges starts or ends: ascending, each once. Cost: O(n log n), one array.
func sortedBorders(of ranges: some Sequence<AddressRange>) -> [UInt64] {
  var borders: [UInt64] = []
  borders.reserveCapacity(2 * ranges.underestimatedCount)
  for range in ranges {
    borders.append(range.start)
    borders.append(range.end)
  }
  borders.sort()
  var count = 0
  for border in borders where count == 0 || borders[count - 1] != border {
    borders[count] = border
    count += 1
  }
  borders.removeLast(borders.count - count)
  return borders
}

/// The union of the ranges, in whole pages at or above 1 MiB: ascending, disjoint, not touching.
func wholePages(_ ranges: [AddressRange]) -> [AddressRange] {
  wholePages(ascending: ranges.sorted { $0.start < $1.start })
}

/// The same of ranges whose starts ascend.
func wholePages(ascending ranges: some Sequence<AddressRange>) -> [AddressRange] {
  union(ascending: ranges).compactMap { range in
    guard let start = max(range.start, lowMemoryEnd).roundedUp(to: pageSize) else { return nil }
    let end = range.end.roundedDown(to: pageSize)
    return start < end ? AddressRange(unchecked: start, end) : nil
  }
}

/// The union of ranges whose starts ascend: ascending, disjoint, not touching.
func union(ascending ranges: some Sequence<AddressRange>) -> [AddressRange] {
  var union: [AddressRange] = []
  for range in ranges where !range.isEmpty {
    if let last = union.last, range.start <= last.end {
      union[union.count - 1] = AddressRange(unchecked: last.start, max(last.end, range.end))
    } else {
      union.append(range)
    }
  }
  return union
}

/// The parts of `ranges` that no range of `others` covers. Both ascend and are disjoint.
func subtract(_ others: [AddressRange], from ranges: [AddressRange]) -> [AddressRange] {
  var rest: [AddressRange] = []
  var next = 0
  for range in ranges {
    var start = range.start
    while next < others.count && others[next].end <= start { next += 1 }
    var index = next
    while index < others.count && others[index].start < range.end && start < range.end {
      if others[index].start > start { rest.append(AddressRange(unchecked: start, others[index].start)) }
      start = max(start, others[index].end)
      index += 1
    }
    if start < range.end { rest.append(AddressRange(unchecked: start, range.end)) }
  }
  return rest
}
