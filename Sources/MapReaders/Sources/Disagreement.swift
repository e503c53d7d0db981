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
        notes.append(disagreement(one, other))
      }
    }
    return notes
  }

  private func disagreement(
    _ one: (source: MapSource, pages: [AddressRange]),
    _ other: (source: MapSource, pages: [AddressRange])
  ) -> String {
    let onlyOne = subtract(other.pages, from: one.pages)
    let onlyOther = subtract(one.pages, from: other.pages)
    let places = onlyOne.count + onlyOther.count
    let parts = [(one.source, onlyOne), (other.source, onlyOther)].filter { !$0.1.isEmpty }
      .map { "memory by the \($0.0) alone: \(summary($0.1))" }
    let count = places == 1 ? "1 place" : "\(places) places"
    let rules = rules(one.source, onlyOne, other.source) + rules(other.source, onlyOther, one.source)
    return "The \(one.source) and the \(other.source) disagree in \(count): \(parts.joined(separator: "; "))."
      + rules.map { " \($0)" }.joined()
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
