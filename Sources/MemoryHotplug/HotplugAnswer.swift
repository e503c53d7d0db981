import TDXMemory

/// What came of an operation, and why: the rule, the range and the limit that decided.
public enum HotplugAnswer: Hashable, Sendable {
  // Done.
  case offlined(AddressRange)
  /// - entry: the snapshot's entry that the block is in; nil where TDX is not initialised.
  /// - moved: the zone that it is in from now on, where that is not the zone that it was in before.
  case onlined(AddressRange, entry: AddressRange?, moved: Zone?)
  /// - region: the memblock region that the range is part of now.
  /// - allowedBlocks: how many of its blocks the snapshot lets online; nil where TDX is not initialised.
  /// - onlineBlocks: how many of them went online by themselves; nil where none does.
  case added(
    AddressRange,
    region: MemoryRegion,
    blocks: UInt64,
    allowedBlocks: UInt64?,
    onlineBlocks: UInt64? = nil
  )
  case removed(AddressRange)
  /// - taken: how many blocks were online, and were taken offline for it.
  case ejected(AddressRange, taken: UInt64)
  case autoOnlineSet(OnlineZone?)
  /// - offlineBytes: what of the snapshot is not online.
  case initialized(entries: Int, tdmrs: Int, pamtBytes: UInt64, offlineBytes: UInt64)
  case alreadyInitialized
  case pinned(AddressRange)
  case unpinned(AddressRange)
  // What a query finds.
  case insideEntry(AddressRange)
  case insideUnion(first: AddressRange, last: AddressRange, count: Int)
  /// - missing: the first bytes that are not TDX memory.
  case partlyInside(missing: AddressRange)
  case outsideSnapshot
  // What the add-time check of 2024 would have said.
  case addCheckPasses(AddressRange, entry: AddressRange?)
  case addCheckRefuses(AddressRange, SnapshotAnswer, blocks: UInt64, allowedBlocks: UInt64)
  // Refused.
  case noSuchBlock(UInt64, AddressRange?)
  case alreadyOffline(UInt64)
  case alreadyOnline(UInt64)
  case severalNodes(AddressRange, [UInt32])
  case severalZones(AddressRange, UInt32, [Zone])
  case hole(AddressRange, first: AddressRange)
  case pinnedByPAMT(AddressRange, pamt: AddressRange, tdmr: Int)
  case pinnedByTD(AddressRange, pages: AddressRange)
  /// - missing: the first bytes of it outside the snapshot; nil where the union of the entries holds all of it.
  case notInOneEntry(AddressRange, SnapshotAnswer, missing: AddressRange?)
  case notBlockAligned(AddressRange, BlockSize)
  case empty(AddressRange)
  case noSuchNode(UInt64)
  case alreadyMemory(AddressRange, MemoryRegion)
  case stillOnline(UInt64, AddressRange)
  /// A block of the range does not go offline. The others come back, but for those that TDX refuses.
  indirect case ejectFailed(AddressRange, because: HotplugAnswer, lost: UInt64)
  case planFailed(PlanFailure)
  case moduleRefused(ModuleVerdict)
  case failedBefore
  case notInitialized
  case notPages(AddressRange)
  case noPages(AddressRange, missing: AddressRange, NoPages)
  case alreadyPinned(AddressRange)
  case notPinned(AddressRange)

  /// Why a range cannot have private pages of a TD.
  public enum NoPages: Hashable, Sendable {
    case notOnline
    case notTDXMemory
    /// ZONE_MOVABLE holds nothing that cannot move, and private pages cannot.
    case movable
  }

  public var outcome: HotplugOutcome {
    switch self {
    case .offlined, .onlined, .added, .removed, .ejected, .autoOnlineSet, .initialized, .alreadyInitialized,
      .pinned, .unpinned,
      .addCheckPasses:
      .ok
    case .insideEntry: .entry
    case .insideUnion: .union
    case .partlyInside: .partly
    case .outsideSnapshot: .outside
    case .noSuchBlock, .notPinned: .notFound
    case .alreadyOffline, .alreadyOnline, .severalNodes, .severalZones, .hole, .notBlockAligned, .empty,
      .noSuchNode, .failedBefore, .notInitialized, .notPages, .addCheckRefuses:
      .invalid
    case .pinnedByPAMT, .pinnedByTD, .stillOnline, .ejectFailed: .busy
    case .notInOneEntry: .notPermitted
    case .alreadyMemory, .alreadyPinned: .exists
    case .planFailed(let failure):
      switch failure.outcome {
      case .noSpace: .noSpace
      case .noMemory: .noMemory
      case .invalid, .ok: .invalid
      }
    case .moduleRefused: .ioError
    case .noPages: .noMemory
    }
  }
}
