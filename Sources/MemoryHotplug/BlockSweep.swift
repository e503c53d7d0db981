import TDXMemory

/// What the class of blocks depends on, lent for a sweep over all of them.
struct BlockFacts {
  var memory: UnsafeBufferPointer<MemoryRegion>
  var zones: ZoneSpans
  var size: BlockSize
  /// nil where TDX is not initialised: every block may come back.
  var snapshot: TDXSnapshot?
  /// Blocks that have two zones because ZONE_MOVABLE starts in them, and such as have a hole in /proc/iomem: whole blocks,
  /// ascending, disjoint.
  var zoneless: [AddressRange]
  var withHoles: [AddressRange]
  /// What cannot move, and the blocks that are offline: ascending, disjoint, not empty.
  var pinned: [AddressRange]
  var offline: [AddressRange]
}

/// The memory blocks of a machine by address, as runs of blocks that are alike; absent blocks are between them.
///
/// One sweep over the memory, with the snapshot, the pins and the offline blocks beside it. Nothing is allocated for
/// a block: a region of any size is a run or a few.
struct BlockSweep: IteratorProtocol {
  private let facts: BlockFacts
  /// What has not been swept yet: the memory from `position` on, in region `index`.
  private var index = 0
  private var position: UInt64
  private var entries: Cursor
  private var zoneless = Cursor()
  private var holes = Cursor()
  private var pins: Cursor
  private var offline: Cursor

  init(_ facts: BlockFacts) {
    self.facts = facts
    position = facts.memory.first?.start ?? 0
    entries = Cursor()
    pins = Cursor()
    offline = Cursor()
  }

  mutating func next() -> BlockRun? {
    guard index < facts.memory.count else { return nil }
    let region = facts.memory[index]
    let size = facts.size.bytes
    // Block 0 by itself: it alone can lie in several zones.
    if position.isMultiple(ofPowerOfTwo: size), region.end &- position >= size, position > 0 {
      return wholeBlocks(of: region)
    }
    return mixedBlock()
  }

  /// Blocks that a region covers wholly: one node, no hole.
  private mutating func wholeBlocks(of region: MemoryRegion) -> BlockRun {
    let first = facts.size.block(of: position)
    let most = facts.size.block(of: region.end &- position)
    let run = run(from: first, atMost: most, node: region.node)
    position &+= run.count &* facts.size.bytes
    if position == region.end { step() }
    return run
  }

  /// A block that starts or ends somewhere in a region, or has a hole or several nodes.
  private mutating func mixedBlock() -> BlockRun {
    let block = facts.size.block(of: position)
    let start = block &* facts.size.bytes
    let end = start.addingSaturated(facts.size.bytes)
    let node = facts.memory[index].node
    // Regions that end in the block are counted by a loop that does nothing else; most blocks with holes have many.
    var covered: UInt64 = 0
    var otherNodes: UInt32 = 0
    var next = index
    var from = position
    while next < facts.memory.count {
      let region = facts.memory[next]
      guard region.end <= end else { break }
      covered &+= region.end &- from
      otherNodes |= region.node ^ node
      next &+= 1
      from = next < facts.memory.count ? facts.memory[next].start : .max
      if from >= end { break }
    }
    if next < facts.memory.count, from < end {
      covered &+= end &- from
      otherNodes |= facts.memory[next].node ^ node
      from = end
    }
    (index, position) = (next, from)
    let range = AddressRange(unchecked: start, end)
    // Of other blocks no border of zones is inside: 4 GiB is a multiple of every block size.
    if otherNodes != 0 { return alone(block, .multiNode, node: nil) }
    if block == 0, facts.zones.zoneCount(of: node, touching: range) != 1 || isZoneless(block) {
      return alone(block, .multiZone, node: node)
    }
    if covered != facts.size.bytes { return alone(block, isZoneless(block) ? .multiZone : .hole, node: node) }
    return run(from: block, atMost: 1, node: node)
  }

  private mutating func isZoneless(_ block: UInt64) -> Bool {
    var count: UInt64 = 1
    return zoneless.reaches(block &* facts.size.bytes, facts.size, in: facts.zoneless, &count)
  }

  private mutating func step() {
    index += 1
    if index < facts.memory.count { position = facts.memory[index].start }
  }

  private func alone(_ block: UInt64, _ kind: BlockClass, node: UInt32?) -> BlockRun {
    BlockRun(first: block, count: 1, kind: kind, comesBack: nil, node: node, isOffline: false)
  }

  /// Blocks that are wholly memory of one node and one zone, as far as the snapshot, the pins and what is offline
  /// treat them alike.
  private mutating func run(from first: UInt64, atMost: UInt64, node: UInt32) -> BlockRun {
    let start = first &* facts.size.bytes
    var count = atMost
    if zoneless.reaches(start, facts.size, in: facts.zoneless, &count) {
      return BlockRun(
        first: first,
        count: count,
        kind: .multiZone,
        comesBack: nil,
        node: node,
        isOffline: false
      )
    }
    if holes.reaches(start, facts.size, in: facts.withHoles, &count) {
      return BlockRun(first: first, count: count, kind: .hole, comesBack: nil, node: node, isOffline: false)
    }
    var comesBack = BlockReturn.allowed
    if let snapshot = facts.snapshot {
      comesBack = answer(at: start, snapshot, &count)
    }
    let isPinned = pins.reaches(start, facts.size, in: facts.pinned, &count)
    let isOffline = offline.reaches(start, facts.size, in: facts.offline, &count)
    return BlockRun(
      first: first,
      count: count,
      kind: isPinned ? .pinned : .offlineable,
      comesBack: comesBack,
      node: node,
      isOffline: isOffline
    )
  }

  /// What the block at `start` meets when it comes back; `count` becomes the number of blocks that meet the same.
  private mutating func answer(
    at start: UInt64,
    _ snapshot: TDXSnapshot,
    _ count: inout UInt64
  ) -> BlockReturn {
    let size = facts.size.bytes
    while entries.index < snapshot.count, snapshot.end(entries.index) <= start { entries.index += 1 }
    guard entries.index < snapshot.count else { return .foreign }
    let (entryStart, entryEnd) = (snapshot.start(entries.index), snapshot.end(entries.index))
    if entryStart <= start, entryEnd &- start >= size {
      count = min(count, facts.size.block(of: entryEnd &- start))
      return .allowed
    }
    if entryStart > start, entryStart &- start >= size {
      count = min(count, facts.size.block(of: entryStart &- start))
      return .foreign
    }
    count = 1
    return snapshot.answer(AddressRange(unchecked: start, start &+ size)) == .union ? .oneWay : .foreign
  }
}

/// A place in ranges that ascend, which only moves on.
private struct Cursor {
  var index = 0

  /// Whether the block at `start` touches one of the ranges; `count` becomes the number of blocks for which the
  /// answer is the same.
  mutating func reaches(
    _ start: UInt64,
    _ size: BlockSize,
    in ranges: [AddressRange],
    _ count: inout UInt64
  ) -> Bool {
    while index < ranges.count, ranges[index].end <= start { index += 1 }
    guard index < ranges.count else { return false }
    let range = ranges[index]
    if range.start < start.addingSaturated(size.bytes) {
      let last = size.block(of: range.end - 1)
      count = min(count, last - size.block(of: start) + 1)
      return true
    }
    count = min(count, size.block(of: range.start &- start))
    return false
  }
}
