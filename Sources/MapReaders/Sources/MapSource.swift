/// The sources of a memory map, best first.
public enum MapSource: Hashable, Sendable, CaseIterable {
  /// A map that tdxbench wrote itself, packed or as JSON.
  case tdxmap
  /// The map that a Xen hypervisor prints: the machine's, where all that dom0 says is of its own share.
  case xen
  /// `/sys/kernel/debug/memblock/memory`: exactly what Linux hands to TDX.
  case memblock
  /// `Early memory node ranges` in a kernel log.
  case earlyNodeRanges
  /// The dump that `memblock=debug` prints.
  case memblockDump
  /// The calls that `memblock=debug` prints, from before its dumps.
  case memblockCalls
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
  /// `lsmem`, as text or JSON: whole memory blocks.
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
    case .xen: "map of the Xen hypervisor"
    case .memblock: "memblock (debugfs)"
    case .earlyNodeRanges: "early node ranges"
    case .memblockDump: "memblock=debug dump"
    case .memblockCalls: "memblock_add lines"
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
