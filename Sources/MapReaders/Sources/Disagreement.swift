import TDXMemory

/// Holds the sources against each other.
///
/// Compared is what Linux would hand to TDX: whole pages at or above 1 MiB.
extension Findings {
  /// A note per pair of sources that differ. Sources that know memory blocks only are no witness for holes.
  func disagreements(chosen: MemoryMap?) -> [String] {
    // Beside the hypervisor's map all others are of dom0, and differ by nature.
    if memory[.xen] != nil { return [] }
    let sources = MapSource.allCases.filter {
      $0 != .lsmem && $0 != .memoryBlocks && memory[$0] != nil
    }
    guard sources.count + (chosen == nil ? 0 : 1) > 1 else { return [] }
    var witnesses: [(source: MapSource, pages: [AddressRange])] = []
    if let chosen { witnesses.append((.tdxmap, wholePages(ascending: chosen.lazy.map(\.range)))) }
    for source in sources {
      witnesses.append((source, wholePages(memory[source]?.list.entries.map(\.range) ?? [])))
    }
    var notes: [String] = []
    for (index, one) in witnesses.enumerated() {
      for other in witnesses[(index + 1)...] where one.pages != other.pages {
        notes.append(Self.disagreement(one, other))
      }
    }
    return notes
  }

  private static func disagreement(
    _ one: (source: MapSource, pages: [AddressRange]),
    _ other: (source: MapSource, pages: [AddressRange])
  ) -> String {
    let onlyOne = subtract(other.pages, from: one.pages)
    let onlyOther = subtract(one.pages, from: other.pages)
    let places = onlyOne.count + onlyOther.count
    let parts = [(one.source, onlyOne), (other.source, onlyOther)].filter { !$0.1.isEmpty }
      .map { "memory by the \($0.0) alone: \(summary($0.1))" }
    let count = places == 1 ? "1 place" : "\(places) places"
    return "The \(one.source) and the \(other.source) disagree in \(count): \(parts.joined(separator: "; "))."
  }

  /// What holding the map against the CMRs shows. Linux does not look at them; the TDX module does.
  func convertibleNotes(map: MemoryMap, convertible: [AddressRange]) -> [String] {
    var notes: [String] = []
    let memory = wholePages(ascending: map.lazy.map(\.range))
    let outside = subtract(convertible, from: memory)
    if !outside.isEmpty {
      notes.append("Memory lies outside every CMR, which the TDX module refuses: \(summary(outside)).")
    }
    let unlisted = subtract(memory, from: convertible)
    let unlistedBytes = totalBytes(unlisted)
    if unlistedBytes >= 1 << 30 || unlistedBytes > totalBytes(convertible) / 4 {
      notes.append(
        "The memory list looks incomplete: no memory is listed in \(summary(unlisted)) that CMRs cover."
      )
    }
    return notes
  }

  /// Memory blocks are all-or-nothing, so the holes inside them do not show.
  func blockWarnings(chosen source: MapSource) -> [String] {
    guard source == .lsmem || source == .memoryBlocks else { return [] }
    return [
      "\(source) lists whole memory blocks, not memory: holes inside them are invisible, so the real map has more regions."
    ]
  }
}

/// The three largest ranges, how many there are and how large they are together.
private func summary(_ ranges: [AddressRange]) -> String {
  let largest = ranges.sorted { ($1.size, $0.start) < ($0.size, $1.start) }.prefix(3)
  let first = largest.sorted { $0.start < $1.start }.map(\.description).joined(separator: ", ")
  let size = ByteCount(totalBytes(ranges))
  return ranges.count > 3
    ? "\(first) and \(ranges.count - 3) more ranges (\(size) in all)" : "\(first) (\(size))"
}

private func totalBytes(_ ranges: [AddressRange]) -> UInt64 {
  ranges.reduce(0) { $0.addingSaturated($1.size) }
}

/// The union of the ranges, in whole pages at or above 1 MiB: ascending, disjoint, not touching.
private func wholePages(_ ranges: [AddressRange]) -> [AddressRange] {
  wholePages(ascending: ranges.sorted { $0.start < $1.start })
}

/// The same of ranges whose starts ascend.
private func wholePages(ascending ranges: some Sequence<AddressRange>) -> [AddressRange] {
  var union: [AddressRange] = []
  for range in ranges where !range.isEmpty {
    if let last = union.last, range.start <= last.end {
      union[union.count - 1] = AddressRange(unchecked: last.start, max(last.end, range.end))
    } else {
      union.append(range)
    }
  }
  return union.compactMap { range in
    guard let start = max(range.start, lowMemoryEnd).roundedUp(to: pageSize) else { return nil }
    let end = range.end.roundedDown(to: pageSize)
    return start < end ? AddressRange(unchecked: start, end) : nil
  }
}

/// The parts of `ranges` that no range of `others` covers. Both ascend and are disjoint.
private func subtract(_ others: [AddressRange], from ranges: [AddressRange]) -> [AddressRange] {
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
