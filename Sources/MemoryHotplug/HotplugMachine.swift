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
  /// Bytes in ZONE_MOVABLE: of blocks that were onlined into it, and what was in it from boot on.
  var movable = RangeSet<UInt64>()
  /// Bytes of blocks below 4 GiB that are in ZONE_NORMAL, because ZONE_DMA32 had shrunk away from them.
  var lowNormal = RangeSet<UInt64>()
  /// Bytes of blocks that are offline, by the zone that they were in before.
  var left: [Zone: RangeSet<UInt64>] = [:]
  /// What added memory does by itself; nil: it stays offline.
  public internal(set) var autoOnline: OnlineZone?
  /// Blocks in which ZONE_MOVABLE starts: two zones, so none. Ascending.
  let zoneless: [AddressRange]
  /// Memory that is not System RAM to /proc/iomem, which is asked for holes: whole blocks around it. Ascending, disjoint.
  let withHoles: [AddressRange]
  let notSystemRAM: [AddressRange]
  /// Borders inside the memory that TDX may find or not: ascending. They are not borders of regions here.
  public let possibleBorders: [UInt64]
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
  ///   - movableStarts: where ZONE_MOVABLE starts on nodes that have it from boot on.
  ///   - notSystemRAM: memory that /proc/iomem does not call so: ascending, disjoint.
  ///   - possibleBorders: where regions of the map touch that TDX may find as one, and are taken as one: ascending.
  public init(
    _ map: MemoryMap,
    convertible: [AddressRange]?,
    blockSize: BlockSize,
    options: PlanOptions = PlanOptions(),
    keyIDBits: Int = 6,
    movableStarts: [UInt32: UInt64] = [:],
    notSystemRAM: [AddressRange] = [],
    possibleBorders: [UInt64] = []
  ) {
    memory = Self.joined(map, at: possibleBorders)
    self.convertible = convertible
    self.blockSize = blockSize
    self.options = options
    self.keyIDBits = keyIDBits
    zones = map.withRegions { ZoneSpans($0) }
    self.notSystemRAM = notSystemRAM
    self.possibleBorders = possibleBorders
    withHoles = Self.blocks(around: notSystemRAM, of: blockSize)
    zoneless = Self.zoneless(memory, movableStarts, blockSize)
    for region in memory {
      guard let start = movableStarts[region.node], start < region.end else { continue }
      movable.insert(AddressRange(unchecked: max(start, region.start), region.end))
    }
  }

  /// The regions of a map, those as one that touch at borders which may not be there.
  private static func joined(_ map: MemoryMap, at borders: [UInt64]) -> [MemoryRegion] {
    guard !borders.isEmpty else { return Array(map) }
    let borders = Set(borders)
    var regions: [MemoryRegion] = []
    for region in map {
      if let last = regions.last, last.end == region.start, last.node == region.node,
        borders.contains(region.start)
      {
        regions[regions.count - 1] = MemoryRegion(
          start: last.start,
          end: region.end,
          node: last.node,
          flags: last.flags
        )
      } else {
        regions.append(region)
      }
    }
    return regions
  }

  /// The blocks that ranges touch: ascending and disjoint.
  private static func blocks(around ranges: [AddressRange], of size: BlockSize) -> [AddressRange] {
    var blocks: [AddressRange] = []
    for range in ranges where !range.isEmpty {
      let start = range.start.roundedDown(to: size.bytes)
      let end = range.end.roundedUp(to: size.bytes) ?? .max
      if let last = blocks.last, last.end >= start {
        blocks[blocks.count - 1] = AddressRange(unchecked: last.start, max(last.end, end))
      } else {
        blocks.append(AddressRange(unchecked: start, end))
      }
    }
    return blocks
  }

  /// The blocks inside which ZONE_MOVABLE of their node starts, with memory of the node on either side.
  private static func zoneless(
    _ memory: [MemoryRegion],
    _ movableStarts: [UInt32: UInt64],
    _ size: BlockSize
  ) -> [AddressRange] {
    let starts = movableStarts.filter { node, start in
      !start.isMultiple(ofPowerOfTwo: size.bytes)
        && memory.contains { $0.node == node && $0.start < start }
        && memory.contains { $0.node == node && $0.end > start }
    }
    return Set(starts.values.compactMap { size.range(of: size.block(of: $0)) }).sorted { $0.start < $1.start }
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
      zoneless: zoneless,
      withHoles: withHoles,
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
