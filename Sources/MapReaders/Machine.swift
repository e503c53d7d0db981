import TDXMemory

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
  /// The size of a memory block in bytes (`block_size_bytes`).
  public var blockSize: UInt64?
  /// What the reader of a plan should know about the input, in full sentences.
  public var notes: [String]

  public init(
    map: MemoryMap,
    source: MapSource,
    convertible: [AddressRange]? = nil,
    keyIDBits: Int? = nil,
    observed: Observations = Observations(),
    blockSize: UInt64? = nil,
    notes: [String] = []
  ) {
    self.map = map
    self.source = source
    self.convertible = convertible
    self.keyIDBits = keyIDBits
    self.observed = observed
    self.blockSize = blockSize
    self.notes = notes
  }
}

/// The sources of a memory map, best first.
public enum MapSource: Hashable, Sendable, CaseIterable {
  /// A map that tdxbench wrote itself, packed or as JSON.
  case tdxmap
  /// `/sys/kernel/debug/memblock/memory`: exactly what Linux hands to TDX.
  case memblock
  /// `Early memory node ranges` in a kernel log.
  case earlyNodeRanges
  /// The dump that `memblock=debug` prints.
  case memblockDump
  /// The last e820 table with its edits; nodes by the SRAT.
  case e820WithSRAT
  /// The last e820 table with its edits; nodes by `NUMA:` lines or zone spans, or none known.
  case e820
  /// `/proc/iomem`.
  case ioMemory
  /// `/sys/firmware/memmap`.
  case firmwareMemmap
  /// The EFI memory map that `efi=debug` prints.
  case efi
  /// `lsmem --json`: whole memory blocks.
  case lsmem
  /// `/sys/devices/system/memory`: whole memory blocks.
  case memoryBlocks
  /// Nothing but convertible memory regions.
  case convertible
}

extension MapSource: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tdxmap: "a map of tdxbench"
    case .memblock: "memblock (debugfs)"
    case .earlyNodeRanges: "early node ranges"
    case .memblockDump: "memblock=debug dump"
    case .e820WithSRAT: "e820 + SRAT"
    case .e820: "e820"
    case .ioMemory: "/proc/iomem"
    case .firmwareMemmap: "/sys/firmware/memmap"
    case .efi: "EFI memory map"
    case .lsmem: "lsmem"
    case .memoryBlocks: "/sys/devices/system/memory"
    case .convertible: "CMRs"
    }
  }
}

/// What TDX reported about itself in a kernel log.
public struct Observations: Hashable, Sendable {
  /// `… KB allocated for PAMT`.
  public var pamtKiB: UInt64?
  /// Whether the log says that the TDX module was initialized, with no failure after it.
  public var initialized = false
  /// What went wrong, in the kernel's words without its prefix, in order.
  public var failures: [String] = []
  /// The TDMRs that early out-of-tree kernels print.
  public var tdmrs: [ObservedTDMR] = []

  public init() {}
}

/// A TDMR that a kernel printed, and the PAMT it printed for it.
public struct ObservedTDMR: Hashable, Sendable {
  public var range: AddressRange
  public var pamt: AddressRange?

  public init(range: AddressRange, pamt: AddressRange? = nil) {
    self.range = range
    self.pamt = pamt
  }
}
