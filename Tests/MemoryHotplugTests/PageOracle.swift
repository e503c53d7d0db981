import MemoryHotplug
import TDXMemory
import TestSupport

/// A machine as one flag a page for everything: slow, and plain.
struct PageOracle: Equatable {
  let bytes: UInt64
  let size: UInt64
  var memory: PageFlags
  /// Pages of node 0, 1, …
  var nodes: [PageFlags]
  /// Pages with memblock flags.
  var flagged: PageFlags
  /// Pages at which a region of memblock starts.
  var starts: PageFlags
  /// Pages that the page allocator has.
  var allocator: PageFlags
  var offlineBlocks: Set<UInt64> = []
  /// The snapshot: its pages, and where entries start. nil before TDX is initialised.
  var snapshot: PageFlags?
  var entryStarts: PageFlags
  var pinned: PageFlags
  var hasFailed = false

  static let nodeCount = 4

  init(_ regions: [MemoryRegion], bytes: UInt64, size: UInt64) {
    self.bytes = bytes
    self.size = size
    let none = PageFlags(bytes: bytes)
    (memory, flagged, starts, allocator, entryStarts, pinned) = (none, none, none, none, none, none)
    nodes = [PageFlags](repeating: none, count: Self.nodeCount)
    for region in regions {
      memory.set(region.start, region.end, to: true)
      allocator.set(region.start, region.end, to: true)
      nodes[Int(region.node)].set(region.start, region.end, to: true)
      if !region.flags.isEmpty { flagged.set(region.start, region.end, to: true) }
      starts.set(region.start, region.start + pageSize, to: true)
    }
  }

  private func range(_ block: UInt64) -> (start: UInt64, end: UInt64)? {
    let start = block * size
    guard start + size <= bytes, memory.first(start, start + size) != nil else { return nil }
    return (start, start + size)
  }

  // MARK: - Operations

  mutating func offline(_ block: UInt64) -> HotplugOutcome {
    guard let (start, end) = range(block) else { return .notFound }
    if offlineBlocks.contains(block) { return .invalid }
    let owners = nodes.indices.filter { nodes[$0].first(start, end) != nil }
    if owners.count != 1 || zones(of: owners[0], touching: start, end) != 1 { return .invalid }
    if !memory.all(start, end, are: true) { return .invalid }
    if pinned.first(start, end) != nil { return .busy }
    offlineBlocks.insert(block)
    allocator.set(start, end, to: false)
    return .ok
  }

  /// How many zones of a node have a span, from first to last page, that touches a range.
  private func zones(of node: Int, touching start: UInt64, _ end: UInt64) -> Int {
    let borders: [UInt64] = [0, 16 << 20, 4 << 30, bytes]
    return zip(borders, borders.dropFirst()).count { low, high in
      guard let first = nodes[node].first(low, high), let last = nodes[node].lastEnd(low, high) else {
        return false
      }
      return first < end && start < last
    }
  }

  mutating func online(_ block: UInt64) -> HotplugOutcome {
    guard let (start, end) = range(block) else { return .notFound }
    if !offlineBlocks.contains(block) { return .invalid }
    if snapshot != nil, query(start, end) != .entry { return .notPermitted }
    offlineBlocks.remove(block)
    allocator.set(start, end, to: true)
    return .ok
  }

  mutating func add(_ start: UInt64, _ end: UInt64, node: Int) -> HotplugOutcome {
    if start % size != 0 || end % size != 0 || start == end { return .invalid }
    if memory.first(start, end) != nil { return .exists }
    memory.set(start, end, to: true)
    nodes[node].set(start, end, to: true)
    let joinsBelow = start > 0 && nodes[node][start - pageSize] && !flagged[start - pageSize]
    starts.set(start, start + pageSize, to: !joinsBelow)
    if end < bytes, nodes[node][end], !flagged[end] { starts.set(end, end + pageSize, to: false) }
    for block in (start / size)..<(end / size) { offlineBlocks.insert(block) }
    return .ok
  }

  mutating func remove(_ start: UInt64, _ end: UInt64) -> HotplugOutcome {
    if start % size != 0 || end % size != 0 || start == end { return .invalid }
    let blocks = (start / size)..<(end / size)
    if blocks.contains(where: { range($0) == nil }) { return .notFound }
    if !offlineBlocks.isSuperset(of: blocks) { return .busy }
    memory.set(start, end, to: false)
    flagged.set(start, end, to: false)
    starts.set(start, end, to: false)
    for node in nodes.indices { nodes[node].set(start, end, to: false) }
    if end < bytes, memory[end] { starts.set(end, end + pageSize, to: true) }
    offlineBlocks.subtract(blocks)
    return .ok
  }

  func query(_ start: UInt64, _ end: UInt64) -> HotplugOutcome {
    guard let snapshot else { return .invalid }
    if snapshot.all(start, end, are: false) { return .outside }
    if !snapshot.all(start, end, are: true) { return .partly }
    return entryStarts.first(start + pageSize, end) == nil ? .entry : .union
  }

  /// - Parameter plan: what the planner made of memblock as it stands.
  mutating func initialize(_ plan: CopiedPlan) -> HotplugOutcome {
    if snapshot != nil { return .ok }
    if hasFailed { return .invalid }
    hasFailed = plan.failure != nil || plan.verdict.map { !$0.isAccepted } ?? false
    switch plan.outcome {
    case .noSpace: return .noSpace
    case .noMemory: return .noMemory
    case .invalid: return .invalid
    case .ok: break
    }
    if hasFailed { return .ioError }
    var pages = memory
    entryStarts = starts
    pages.set(0, 1 << 20, to: false)
    entryStarts.set(0, 1 << 20, to: false)
    if pages[1 << 20] { entryStarts.set(1 << 20, 1 << 20 | pageSize, to: true) }
    snapshot = pages
    for pamt in plan.tdmrs.flatMap(\.pamts) { pinned.set(pamt[0], pamt[0] + pamt[1], to: true) }
    return .ok
  }

  /// memblock's regions, read off the pages.
  var regions: [MemoryRegion] {
    var regions: [MemoryRegion] = []
    var position: UInt64 = 0
    while let start = memory.first(position, bytes) {
      var end = starts.first(start + pageSize, bytes) ?? bytes
      end = memory.lastEnd(start, end) ?? end
      // A hole ends a region as well as the start of the next one does.
      var low = start
      var high = end
      while low < high {
        let middle = (low + high + pageSize) / 2 & ~(pageSize - 1)
        if memory.all(start, middle, are: true) { low = middle } else { high = middle - pageSize }
      }
      end = low
      let node = UInt32(nodes.firstIndex { $0[start] } ?? 0)
      regions.append(MemoryRegion(start: start, end: end, node: node, flags: flagged[start] ? .hotplug : []))
      position = end
    }
    return regions
  }
}
