import TDXMemory

/// What one input said, or several inputs together, source by source.
struct Findings {
  /// The ranges of one source and the file they were read from.
  struct Memory {
    var list: RangeList
    var file: String
    /// Ranges as memblock keeps them: a border between two that touch is a border. Where false, ranges that
    /// touch are one in memblock.
    var keepsBorders: Bool
  }

  struct Convertible {
    var ranges: [AddressRange]
    var file: String
  }

  var memory: [MapSource: Memory] = [:]
  var packed: (map: MemoryMap, file: String)?
  var affinity = NodeAffinity()
  var convertible: Convertible?
  var keyIDBits: Int?
  var observed: Observations?
  var blockSize: UInt64?
  var notes: [String] = []
  /// Why a source that is there gives no memory: errors if there is no other source, notes otherwise.
  var deadEnds: [InputError] = []

  var hasMemory: Bool { !memory.isEmpty || packed != nil || convertible.map { !$0.ranges.isEmpty } ?? false }

  /// Whether nothing in the input is known to this program.
  var isEmpty: Bool {
    !hasMemory && affinity.isEmpty && convertible == nil && keyIDBits == nil && observed == nil
      && blockSize == nil && deadEnds.isEmpty
  }

  mutating func add(_ list: RangeList, from source: MapSource, file: String, keepsBorders: Bool = false) {
    guard !list.isEmpty else { return }
    memory[source] = Memory(list: list, file: file, keepsBorders: keepsBorders)
  }

  /// Adds what a further input says about the same machine. Where both speak of the same thing the later one
  /// counts, and a note says so if they differ.
  mutating func merge(_ later: Findings) {
    notes += later.notes
    deadEnds += later.deadEnds
    for (source, memory) in later.memory.sorted(by: { $0.value.file < $1.value.file }) {
      if let earlier = self.memory[source], !earlier.list.saysTheSame(as: memory.list) {
        noteConflict("the \(source)", earlier.file, memory.file)
      }
      self.memory[source] = memory
    }
    if let packed = later.packed {
      if let earlier = self.packed, earlier.map != packed.map {
        noteConflict("the packed map", earlier.file, packed.file)
      }
      self.packed = packed
    }
    if let convertible = later.convertible {
      if let earlier = self.convertible, earlier.ranges != convertible.ranges {
        noteConflict("the CMRs", earlier.file, convertible.file)
      }
      self.convertible = convertible
    }
    affinity.merge(later.affinity)
    keyIDBits = later.keyIDBits ?? keyIDBits
    observed = later.observed ?? observed
    blockSize = later.blockSize ?? blockSize
  }

  private mutating func noteConflict(_ what: String, _ earlier: String, _ later: String) {
    notes.append("\(earlier) and \(later) differ in \(what); the later one, \(later), counts.")
  }
}

extension NodeAffinity {
  mutating func merge(_ later: NodeAffinity) {
    if !later.srat.isEmpty { srat = later.srat }
    if !later.joins.isEmpty { joins = later.joins }
    if !later.zones.isEmpty { zones = later.zones }
    isSingleNode = isSingleNode || later.isSingleNode
  }
}

extension Boot {
  /// What this boot said, each source by itself.
  func findings(file: String) throws(InputError) -> Findings {
    var findings = Findings()
    findings.add(memblock.list, from: .memblock, file: file, keepsBorders: true)
    findings.add(earlyNodes.list, from: .earlyNodeRanges, file: file, keepsBorders: true)
    findings.add(dump.list, from: .memblockDump, file: file, keepsBorders: true)
    findings.add(ioMemory.list, from: .ioMemory, file: file)
    findings.add(efi.list, from: .efi, file: file)
    try addE820(to: &findings, file: file)
    try addConvertible(to: &findings, file: file)
    findings.affinity = affinity
    findings.affinity.zones = zones.list
    findings.keyIDBits = tdx.keyIDBits
    if tdx.observed != Observations() { findings.observed = tdx.observed }
    addNotes(to: &findings, file: file)
    return findings
  }

  private func addE820(to findings: inout Findings, file: String) throws(InputError) {
    guard let line = e820.firstLine else { return }
    guard let usable = e820.usable() else {
      throw InputError(
        kind: .badData,
        file: file,
        line: line,
        message: "the e820 table and the edits after it are too long to be a machine's"
      )
    }
    findings.add(usable, from: .e820, file: file)
    if usable.isEmpty {
      findings.deadEnds.append(
        InputError(
          kind: .badData,
          file: file,
          line: line,
          message: "the last e820 table, which begins here, lists no usable memory"
        )
      )
    } else if let first = e820.firstAddress, first >= lowMemoryEnd {
      findings.notes.append(
        "\(file):\(line): the e820 table begins at \(hex(first)); its first lines seem to be missing."
      )
    }
  }

  private func addConvertible(to findings: inout Findings, file: String) throws(InputError) {
    guard let list = tdx.convertible else { return }
    var ranges = list.entries.map(\.range)
    do {
      let count = try ranges.withUnsafeMutableBufferPointer { (buffer) throws(MapError) in
        try normalizeConvertibleRegions(in: buffer)
      }
      ranges.removeLast(ranges.count - count)
    } catch {
      throw InputError(
        kind: .badData,
        file: file,
        line: list.entries.last?.line,
        message: "the CMR list that ends here is wrong: \(error)"
      )
    }
    findings.convertible = Findings.Convertible(ranges: ranges, file: file)
  }

  private func addNotes(to findings: inout Findings, file: String) {
    if ioMemory.isHidden {
      findings.deadEnds.append(
        InputError(
          kind: .badData,
          file: file,
          message: "every address of /proc/iomem is 0: it must be read as root (CAP_SYS_ADMIN)"
        )
      )
    }
    if let line = earlyNodes.lineWithoutHeading {
      findings.notes.append(
        "\(file):\(line): the heading `Early memory node ranges` is missing, so ranges may be missing too."
      )
    }
    if let line = memblock.lineAfterGap {
      findings.notes.append("\(file):\(line): the indices of the memblock list have a gap before this line.")
    }
    if !memblock.unknownFlags.isEmpty {
      let names = memblock.unknownFlags.joined(separator: ", ")
      findings.notes.append("\(file): memblock flags that are not known are left out: \(names).")
    }
    if let announced = dump.announced, announced != dump.printed {
      findings.notes.append(
        "\(file): the last memblock dump announces \(announced) ranges and prints \(dump.printed)."
      )
    }
    if tdx.convertibleChanged {
      findings.notes.append("\(file) lists CMRs several times and differently; the last list counts.")
    }
  }
}
