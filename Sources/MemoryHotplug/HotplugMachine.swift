import TDXMemory

/// A machine whose memory comes and goes: memblock, memory blocks, zones, and TDX with its snapshot.
///
/// It starts as the kernel leaves it after boot: every block that has memory is online, TDX is not initialised. Its
/// operations do what Linux does, and a refused one changes nothing. Everything is computed from memblock as it
/// stands at that moment; memory that was added and is offline is part of it.
///
/// Memory is linear in regions and operations, whatever the number of blocks.
public struct HotplugMachine {
  /// What memblock.memory holds; the invariant is that of `MemoryMap`.
  public internal(set) var memory: [MemoryRegion]
  public let blockSize: BlockSize
  /// The CMRs, ascending and disjoint; nil where they are not known.
  public let convertible: [AddressRange]?
  /// How TDX plans its memory when it initialises.
  public let options: PlanOptions
  public let keyIDBits: Int
  public internal(set) var tdx = TDXState.off
  var zones: ZoneSpans
  /// Bytes of blocks that are offline: all of them memory, all of whole blocks.
  var offline = RangeSet<UInt64>()
  /// Bytes of blocks that were onlined into ZONE_MOVABLE.
  var movable = RangeSet<UInt64>()
  /// Private pages of TDs.
  var tdPages = RangeSet<UInt64>()
  private let session = PlanSession()

  /// What has become of TDX.
  public enum TDXState: Sendable {
    case off
    /// Initialising it failed, and it cannot be tried again.
    case failed
    case on(TDXHoldings)

    public var snapshot: TDXSnapshot? {
      if case .on(let memory) = self { memory.snapshot } else { nil }
    }
  }

  /// What TDX took when it initialised. It never changes afterwards.
  public struct TDXHoldings: Sendable {
    public let snapshot: TDXSnapshot
    /// Where the PAMT of each TDMR lies, by address.
    public let pamts: [(range: AddressRange, tdmr: Int)]
    /// The same as ranges alone.
    let pinned: [AddressRange]

    init(snapshot: TDXSnapshot, pamts: [(range: AddressRange, tdmr: Int)]) {
      self.snapshot = snapshot
      self.pamts = pamts
      pinned = pamts.map(\.range)
    }
  }

  /// - Parameters:
  ///   - map: memblock at boot.
  ///   - convertible: nil where the CMRs are not known; then nobody asks the module.
  public init(
    _ map: MemoryMap,
    convertible: [AddressRange]?,
    blockSize: BlockSize,
    options: PlanOptions = PlanOptions(),
    keyIDBits: Int = 6
  ) {
    memory = Array(map)
    self.convertible = convertible
    self.blockSize = blockSize
    self.options = options
    self.keyIDBits = keyIDBits
    zones = map.withRegions { ZoneSpans($0) }
  }

  /// TDX takes its snapshot and plans (`init_tdx_module`).
  public mutating func initializeTDX() -> HotplugAnswer {
    switch tdx {
    case .on: return .alreadyInitialized
    case .failed: return .failedBefore
    case .off: break
    }
    let (answer, state) = memory.withUnsafeBufferPointer { regions in
      guard let convertible else { return plan(regions, convertible: nil) }
      return convertible.withUnsafeBufferPointer { plan(regions, convertible: $0) }
    }
    tdx = state
    return answer
  }

  private func plan(
    _ regions: UnsafeBufferPointer<MemoryRegion>,
    convertible: UnsafeBufferPointer<AddressRange>?
  ) -> (HotplugAnswer, TDXState) {
    let (plan, verdict) = session.plan(
      regions,
      convertible: convertible,
      options: options,
      keyIDBits: keyIDBits
    )
    if let failure = plan.failure { return (.planFailed(failure), .failed) }
    if let verdict, !verdict.isAccepted { return (.moduleRefused(verdict), .failed) }
    let taken = TDXHoldings(snapshot: TDXSnapshot(regions), pamts: Self.pamts(of: plan.tdmrs))
    let answer = HotplugAnswer.initialized(
      entries: taken.snapshot.count,
      tdmrs: plan.tdmrs.count,
      pamtBytes: plan.pamtBytes,
      offlineBytes: offline.ranges.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) }
    )
    return (answer, .on(taken))
  }

  /// The PAMTs of a TDMR lie back to back, the 4K one first.
  private static func pamts(of tdmrs: TDMRInfoTable) -> [(range: AddressRange, tdmr: Int)] {
    tdmrs.enumerated().flatMap { index, tdmr in
      PAMTLevel.allCases.map { level in
        let (base, size) = tdmr.pamt(level)
        return (AddressRange(unchecked: base, base.addingSaturated(size)), index)
      }
    }.filter { !$0.0.isEmpty }.sorted { $0.0.start < $1.0.start }
  }
}

// MARK: - Blocks

extension HotplugMachine {
  /// Every block that has memory, by address, as runs of blocks that are alike.
  ///
  /// - Complexity: one sweep over the memory; nothing is allocated for a block.
  public func forEachBlockRun(_ body: (BlockRun) -> Void) {
    memory.withUnsafeBufferPointer { regions in
      var sweep = BlockSweep(facts(regions))
      guard var current = sweep.next() else { return }
      while let next = sweep.next() {
        if current.isContinued(by: next) {
          current.count &+= next.count
        } else {
          body(current)
          current = next
        }
      }
      body(current)
    }
  }

  private func facts(_ regions: UnsafeBufferPointer<MemoryRegion>) -> BlockFacts {
    var pinned: [AddressRange] = []
    if case .on(let taken) = tdx { pinned = taken.pinned }
    if !tdPages.isEmpty {
      var pins = tdPages
      for range in pinned { pins.insert(range) }
      pinned = pins.ranges.map { AddressRange(unchecked: $0.lowerBound, $0.upperBound) }
    }
    return BlockFacts(
      memory: regions,
      zones: zones,
      size: blockSize,
      snapshot: tdx.snapshot,
      pinned: pinned,
      offline: offline.ranges.map { AddressRange(unchecked: $0.lowerBound, $0.upperBound) }
    )
  }

  /// The memory of a range, region by region, cut to it.
  func memory(in range: AddressRange) -> some Sequence<MemoryRegion> {
    memory[firstRegion(endingAfter: range.start)...].lazy
      .prefix { $0.start < range.end }
      .map { region in
        MemoryRegion(
          start: max(region.start, range.start),
          end: min(region.end, range.end),
          node: region.node,
          flags: region.flags
        )
      }
  }

  /// The first region that ends after an address; the number of regions where there is none.
  func firstRegion(endingAfter address: UInt64) -> Int {
    memory.firstIndex(ofSorted: { $0.end > address })
  }

  /// The bytes of a block that has memory; nil where it is absent.
  func presentBlock(_ block: UInt64) -> AddressRange? {
    guard let range = blockSize.range(of: block) else { return nil }
    let index = firstRegion(endingAfter: range.start)
    return index < memory.count && memory[index].start < range.end ? range : nil
  }

  /// Blocks go on- and offline as a whole.
  func isOffline(_ block: AddressRange) -> Bool { offline.contains(block.start) }
}

extension RandomAccessCollection where Index == Int {
  /// The first element for which `isHigh` is true, where all before it say no and all behind it say yes; the end where
  /// none does.
  func firstIndex(ofSorted isHigh: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = low + (high - low) / 2
      if isHigh(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension RangeSet where Bound == UInt64 {
  mutating func insert(_ range: AddressRange) { insert(contentsOf: range.start..<range.end) }
  mutating func remove(_ range: AddressRange) { remove(contentsOf: range.start..<range.end) }

  /// The first bytes of a range that are in the set.
  func first(in range: AddressRange) -> AddressRange? {
    let all = ranges
    let found = all.firstIndex(ofSorted: { $0.upperBound > range.start })
    guard found < all.count else { return nil }
    return AddressRange(unchecked: all[found].lowerBound, all[found].upperBound).intersection(range)
  }

  /// The first bytes of a range that are not in the set.
  func firstMissing(in range: AddressRange) -> AddressRange? {
    guard let present = first(in: range) else { return range.isEmpty ? nil : range }
    if present.start > range.start { return AddressRange(unchecked: range.start, present.start) }
    if present.end == range.end { return nil }
    // The ranges of a set do not touch: what follows is missing.
    let rest = AddressRange(unchecked: present.end, range.end)
    return AddressRange(unchecked: rest.start, first(in: rest)?.start ?? rest.end)
  }
}
