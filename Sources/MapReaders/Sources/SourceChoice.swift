import TDXMemory
import TerminalText

extension Findings {
  /// Makes the machine: the best source gives the map, the others are held against it.
  func machine() throws(InputError) -> Machine {
    var notes = self.notes
    for deadEnd in deadEnds where hasMemory { notes.append("\(deadEnd).") }
    let (map, source) = try chooseMap(&notes)
    let possibleBorders = possibleBorders(in: map, from: source)
    let notSystemRAM = notSystemRAM(in: map, from: source)
    notes += rangeNotes(source, possibleBorders: possibleBorders, notSystemRAM: notSystemRAM, map)
    notes += disagreements(chosen: packed == nil ? nil : map)
    notes += blockWarnings(chosen: source)
    if source != .convertible, let convertible {
      notes += convertibleNotes(map: map, convertible: convertible.ranges)
    }
    if let first = map.first, first.start >= 4 << 30 {
      notes.append("There is no memory below 4 GiB: the input looks like a fragment of a machine's map.")
    }
    return Machine(
      map: map,
      source: source,
      convertible: convertible?.ranges,
      keyIDBits: keyIDBits,
      observed: observed ?? Observations(),
      loggedKernel: kernelRelease,
      installedModule: installedModule,
      blockSize: blockSize,
      movableStarts: movableStarts,
      notSystemRAM: notSystemRAM,
      possibleBorders: possibleBorders,
      notes: notes.map { fitForTerminal($0) },
      // What TDX itself has logged weighs more than what the processor says it can.
      obstacle: keyIDBits == nil && observed == nil ? hostSupport?.obstacle : nil
    )
  }

  private func chooseMap(_ notes: inout [String]) throws(InputError) -> (MemoryMap, MapSource) {
    if let packed { return (packed.map, .tdxmap) }
    let source: MapSource
    let memory: Memory
    if let best = MapSource.allCases.first(where: { self.memory[$0] != nil }), let found = self.memory[best] {
      (source, memory) = (best, found)
    } else if let convertible, !convertible.ranges.isEmpty {
      var list = RangeList()
      for range in convertible.ranges { list.append(ListedRange(range: range)) }
      (source, memory) = (.convertible, Memory(list: list, file: convertible.file, keepsBorders: true))
      notes.append("There are no memory ranges, so the CMRs serve as the memory.")
    } else {
      throw deadEnds.first ?? InputError(kind: .badData, file: "input", message: Self.nothingFound)
    }

    var affinity = self.affinity
    // What dom0 says of nodes is of its own memory; the SRAT is the hypervisor's.
    if source == .xen { affinity = NodeAffinity(srat: affinity.srat) }
    let blockNodes = blockSize.map { affinity.blockNodes(size: $0) } ?? []
    let ordered = memoryAtBoot(try ordered(memory, source: source), of: source, blockNodes, &notes)
    var assignment = NodeAssignment(affinity, memory: ordered, blockNodes: blockNodes)
    var regions = assignment.regions(of: ordered)
    if let (one, other) = assignment.overlap, ordered.contains(where: { $0.node == nil }) {
      notes.append(
        "The SRAT's entries \(one.range) of node \(one.node ?? 0) and \(other.range) of node \(other.node ?? 0) overlap. "
          + "The kernel refuses such a SRAT as a whole: all memory is taken as node 0."
      )
    } else if assignment.rejectsSRAT {
      notes.append(
        "\(ByteCount(assignment.unknownBytes)) of memory are in no entry of the SRAT. The kernel uses no SRAT that leaves "
          + "out more than 1 MiB: all memory is taken as node 0."
      )
    } else if assignment.unknownBytes > 0 {
      let cause = affinity.isEmpty ? "Nothing says" : "No line says"
      notes.append(
        "\(cause) which node \(ByteCount(assignment.unknownBytes)) of memory belong to; they are taken as node 0."
      )
    }
    let usesSRAT = !affinity.srat.isEmpty && !assignment.rejectsSRAT
    if !memory.keepsBorders { mergeTouching(&regions) }
    do {
      let map = try MemoryMap(regions)
      guard !map.isEmpty else {
        throw InputError(
          kind: .badData,
          file: memory.file,
          line: ordered.first.flatMap { $0.line > 0 ? $0.line : nil },
          message: "the \(source) holds no whole page of memory"
        )
      }
      return (map, source == .e820 && usesSRAT ? .e820WithSRAT : source)
    } catch let error as InputError {
      throw error
    } catch {
      throw InputError(kind: .badData, file: memory.file, message: "\(error)")
    }
  }

  /// Sorted by address and free of overlaps.
  private func ordered(_ memory: Memory, source: MapSource) throws(InputError) -> [ListedRange] {
    var entries = memory.list.entries
    if !zip(entries, entries.dropFirst()).allSatisfy({ $0.range.start <= $1.range.start }) {
      entries.sort { ($0.range.start, $0.range.end) < ($1.range.start, $1.range.end) }
    }
    var previous: ListedRange?
    for entry in entries where !entry.range.isEmpty {
      if let previous, previous.range.overlaps(entry.range) {
        let other = previous.line > 0 ? "\(previous.range) of line \(previous.line)" : "\(previous.range)"
        throw InputError(
          kind: .badData,
          file: memory.file,
          line: entry.line > 0 ? entry.line : nil,
          message: "\(source): the ranges \(other) and \(entry.range) overlap"
        )
      }
      previous = entry
    }
    return entries
  }

  /// memblock merges ranges that touch, of one node and with the same flags, as they are added; only then are
  /// pages rounded.
  private func mergeTouching(_ regions: inout [MemoryRegion]) {
    let count = regions.withUnsafeMutableBufferPointer { regions in
      var count = 0
      for region in regions where region.size > 0 {
        if count > 0, case let last = regions[count - 1], last.end == region.start, last.node == region.node,
          last.flags == region.flags
        {
          regions[count - 1] = MemoryRegion(
            start: last.start,
            end: region.end,
            node: region.node,
            flags: region.flags
          )
        } else {
          regions[count] = region
          count += 1
        }
      }
      return count
    }
    regions.removeLast(regions.count - count)
  }

  /// What a log without any map is told.
  static let nothingFound = """
    no memory map and no CMRs in it. `sudo dmesg > boot.log`, soon after boot, or `journalctl -k -b > boot.log` makes a \
    log that has them; `tdxbench collect` prints how to gather all that helps, `tdxbench plan --help` what is read
    """
}
