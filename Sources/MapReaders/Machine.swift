import TDXMemory
import TDXMessages

/// What a machine says about its memory.
public struct Machine: Sendable {
  /// The memory, as the best source present has it.
  public var map: MemoryMap
  /// Where `map` comes from.
  public var source: MapSource
  /// The convertible memory regions (CMRs): ascending, disjoint, half-open. Nil where the input has none.
  public var convertible: [AddressRange]?
  /// The physical address bits that select a key: log2 of the end of the private KeyID range.
  ///
  /// - Invariant: at most `maxAddressBits`.
  public var keyIDBits: Int?
  /// What TDX itself reported on that machine.
  public var observed: Observations
  /// Which Linux the input says that the machine runs.
  public var loggedKernel: KernelRelease?
  /// The kernel and the module that the user asks about, in place of those that the input tells of.
  public var namedKernel: KernelRelease?
  public var namedModule: ModuleVersion?
  /// What /sys/devices/faux/tdx_host says of the module.
  public var installedModule: InstalledModule?
  /// The size of a memory block in bytes (`block_size_bytes`).
  public var blockSize: UInt64?
  /// Where ZONE_MOVABLE starts on nodes that have it from boot on (`kernelcore=`, `movablecore=`, `movable_node`).
  public var movableStarts: [UInt32: UInt64]
  /// Memory of `map` that /proc/iomem does not call System RAM: ascending, disjoint. A block with any of it does not go
  /// offline.
  public var notSystemRAM: [AddressRange]
  /// Where regions of one node touch that may be one region when TDX takes its snapshot, because only the SRAT's
  /// hotplug flag tells them apart: ascending.
  public var possibleBorders: [UInt64]
  /// What the reader of a plan should know about the input, in full sentences.
  public var notes: [String]
  /// What keeps the machine from being a TDX host whatever its memory, and what would be needed: full sentences. Nil
  /// where nothing is known to.
  public var obstacle: String?

  /// All that an answer should say beside itself: what matters most first.
  public var remarks: [String] { (obstacle.map { [$0] } ?? []) + notes }

  public init(
    map: MemoryMap,
    source: MapSource,
    convertible: [AddressRange]? = nil,
    keyIDBits: Int? = nil,
    observed: Observations = Observations(),
    loggedKernel: KernelRelease? = nil,
    installedModule: InstalledModule? = nil,
    blockSize: UInt64? = nil,
    movableStarts: [UInt32: UInt64] = [:],
    notSystemRAM: [AddressRange] = [],
    possibleBorders: [UInt64] = [],
    notes: [String] = [],
    obstacle: String? = nil
  ) {
    self.map = map
    self.source = source
    self.convertible = convertible
    self.keyIDBits = keyIDBits
    self.observed = observed
    self.loggedKernel = loggedKernel
    self.installedModule = installedModule
    self.blockSize = blockSize
    self.movableStarts = movableStarts
    self.notSystemRAM = notSystemRAM
    self.possibleBorders = possibleBorders
    self.notes = notes
    self.obstacle = obstacle
  }
}

extension Machine {
  /// Why TDX does not run on the machine, as a sentence for those who ask about something else; none where it does, or
  /// where the memory is to blame, which they look at themselves.
  public var tdxNotes: [String] {
    guard observed.failsWhateverTheMemory, let failure = observed.failure else { return [] }
    let version = observed.tdx.moduleVersion
    let remedy = failure.remedy(module: version).map { "; to mend it, \($0)" } ?? ""
    return ["By its log, \(failure.verdict(memoryFits: nil, module: version))\(remedy)."]
  }
}
