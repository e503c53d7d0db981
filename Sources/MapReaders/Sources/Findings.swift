import TDXMemory
import TDXMessages

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
  /// Which machine a kernel says that it is, and the file that has it.
  var board: (name: BoardName, file: String)?
  /// Which Linux the machine runs.
  var kernelRelease: KernelRelease?
  /// What /sys says of the module.
  var installedModule: InstalledModule?
  var blockSize: UInt64?
  var hostSupport: HostSupport?
  /// What e820 calls usable after everything that was printed later than memblock was made; nil where nothing was.
  var ramInTheEnd: RangeList?
  /// Where ZONE_MOVABLE starts on nodes that have it from boot on.
  var movableStarts: [UInt32: UInt64] = [:]
  /// mem= or memmap= changed what firmware gave.
  var isMapOfUser = false
  /// A kernel above Xen said it: its memory is Xen's choice.
  var isOfDom0 = false
  var notes: [String] = []
  /// What an input without a map does say, for an error where no input has one.
  var hints: [String] = []
  /// Why a source that is there gives no memory: errors if there is no other source, notes otherwise.
  var deadEnds: [InputError] = []

  var hasMemory: Bool { !memory.isEmpty || packed != nil || convertible.map { !$0.ranges.isEmpty } ?? false }

  /// Whether nothing in the input is known to this program.
  var isEmpty: Bool {
    !hasMemory && affinity.isEmpty && convertible == nil && keyIDBits == nil && observed == nil
      && installedModule == nil && blockSize == nil && movableStarts.isEmpty && deadEnds.isEmpty
  }

  mutating func add(_ list: RangeList, from source: MapSource, file: String, keepsBorders: Bool = false) {
    guard !list.isEmpty else { return }
    memory[source] = Memory(list: list, file: file, keepsBorders: keepsBorders)
  }

  /// Adds what a further input says about the same machine. Where both speak of the same thing the later one
  /// counts, and a note says so if they differ.
  mutating func merge(_ later: Findings) {
    notes += later.notes
    hostSupport = later.hostSupport ?? hostSupport
    hints += later.hints
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
    kernelRelease = later.kernelRelease ?? kernelRelease
    board = later.board ?? board
    installedModule = later.installedModule ?? installedModule
    blockSize = later.blockSize ?? blockSize
    ramInTheEnd = later.ramInTheEnd ?? ramInTheEnd
    if !later.movableStarts.isEmpty { movableStarts = later.movableStarts }
    isMapOfUser = isMapOfUser || later.isMapOfUser
  }

  private mutating func noteConflict(_ what: String, _ earlier: String, _ later: String) {
    notes.append("\(earlier) and \(later) differ in \(what); the later one, \(later), counts.")
  }
}
