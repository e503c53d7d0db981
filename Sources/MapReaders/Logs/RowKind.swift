/// Tables by what their rows have in common: a line that cannot be read is held against rows of a kind.
enum RowKind {
  /// `[mem 0x…-0x…]` behind words that tell of what.
  case memoryRange
  /// `H - H (usable)`.
  case bareRange
  case ioMemory, memblock, dump, memblockCall, efi, convertible, zone, pageFrames, oldSRAT, lsmem
  /// A heading of the map of e820, old or new.
  case e820

  /// The kind of the rows that a keyword stands in; nil where it is of none.
  init?(_ keyword: Keyword) {
    switch keyword {
    case .memoryRange, .usableRange: self = .memoryRange
    case .oldE820: self = .e820
    case .halfOpenUsable, .oldEdit: self = .bareRange
    case .systemRAM: self = .ioMemory
    case .debugfsRange: self = .memblock
    case .dumpEntry: self = .dump
    case .memblockCall: self = .memblockCall
    case .efiRange: self = .efi
    case .convertible, .tdx: self = .convertible
    case .zone: self = .zone
    default: return nil
    }
  }

  /// The kind of the rows behind a heading.
  init?(behind keyword: Keyword) {
    switch keyword {
    case .ramMapHeading: self = .e820
    case .earlyHeading: self = .memoryRange
    case .pageFrameHeading: self = .pageFrames
    case .dumpCount: self = .dump
    case .kernelBSS: self = .ioMemory
    default: return nil
    }
  }

  /// What rows begin with.
  var templates: [RowTemplate] {
    switch self {
    case .memoryRange: Self.memoryRanges
    case .bareRange: Self.bareRanges
    case .e820: Self.allOfE820
    case .ioMemory: Self.ioMemories
    case .memblock: Self.memblocks
    case .dump: Self.dumps
    case .memblockCall: Self.memblockCalls
    case .efi: Self.efis
    case .convertible: Self.convertibles
    case .zone: Self.zones
    case .pageFrames: Self.pageFrameRows
    case .oldSRAT: Self.oldSRATs
    case .lsmem: []
    }
  }

  private static let memoryRanges = [
    "BIOS-#: [mem #-#]", "modified: [mem #-#]", "extended: [mem #-#]", "user: [mem #-#]",
    "reserve setup_data: [mem #-#]", "Xen: [mem #-#]", "#: update [mem #-#]", "#: remove [mem #-#]",
    "node #: [mem #-#]\n", "node -#: [mem #-#]\n", "ACPI: SRAT: Node # PXM # [mem #-#]",
    "SRAT: Node # PXM # [mem #-#]",
    "NUMA: Node # [mem #-#] + [mem #-#] -> [mem", "Faking node # at [mem #-#]",
  ].map(RowTemplate.init)

  private static let bareRanges = [
    "BIOS-#: # - # (usable)", "modified: # - # (usable)", "extended: # - # (usable)", "user: # - # (usable)",
    "Xen: # - # (usable)", "# update range: # - # (", "# remove range: # - #", "(XEN) # - # (usable)",
    "(XEN) [#, #] (usable)", "# - # (usable)", "[#, #] (usable)",
  ].map(RowTemplate.init)

  private static let allOfE820 = memoryRanges + bareRanges

  private static let ioMemories = ["#-# : System RAM"].map(RowTemplate.init)
  /// Behind them a map of tdxbench has its CMRs.
  private static let memblocks = ["#: #..#"].map(RowTemplate.init) + convertibles
  private static let dumps = ["memory[#] [#-#], # bytes"].map(RowTemplate.init)
  private static let memblockCalls = [
    "memblock_add: [#-#]", "memblock_add_node: [#-#]", "memblock_remove: [#-#]",
  ].map(RowTemplate.init)
  private static let efis = ["efi: mem#: [", "efi: mem#: type=#"].map(RowTemplate.init)
  private static let convertibles = [
    "virt/tdx: CMR: [#, #)", "virt/tdx: CMR[#]: [#, #)", "tdx: CMR: [#, #)", "tdx: CMR[#]: [#, #)",
    "CMR: [#, #)",
    "CMR[#]: [#, #)", "tdx: TDX CMR[#]: base # size #", "virt/tdx: BIOS enabled: private KeyID range [#, #)",
    "tdx: BIOS enabled: private KeyID range [#, #)",
  ].map(RowTemplate.init)
  private static let zones = ["Node #, zone "].map(RowTemplate.init)
  private static let pageFrameRows = ["#: # -> #"].map(RowTemplate.init)
  private static let oldSRATs = ["SRAT: Node # PXM # #-#", "SRAT: Node # PXM # [#, #]"].map(RowTemplate.init)

  /// Whether a line that cannot be read is meant as a row.
  func isRow(_ line: TextCursor) -> Bool {
    switch self {
    case .ioMemory where line.find("System ROM", by: 7) != nil: false
    // /proc/pagetypeinfo.
    case .zone where line.find(", type", by: 2) != nil: false
    default: RowTemplate.isRow(line, of: templates)
    }
  }
}

extension TextCursor {
  /// Whether a line with `memblock_` is one of the thousands that tell of no memory: `memblock_reserve`, `memblock_alloc…`,
  /// `memblock_phys_…`, `memblock_free`.
  func isReservation(_ keyword: Keyword) -> Bool {
    guard keyword == .memblockCall, let start = find("memblock_", by: 8) else { return false }
    let call = TextCursor(from: start + "memblock_".utf8.count, to: end)
    return call.starts(with: "reserve: ") || call.starts(with: "alloc") || call.starts(with: "phys")
      || call.starts(with: "free: ")
  }
}
