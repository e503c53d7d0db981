import TDXMemory

/// Whether a range is TDX memory. The order is that of how much of it is.
public enum SnapshotAnswer: UInt8, CaseIterable, Sendable {
  /// No byte of it is.
  case outside
  /// Some bytes are, some are not.
  case partly
  /// All bytes are, in several entries that touch. Linux says no here: it asks for one entry.
  case union
  /// All bytes are, in one entry. The only yes of Linux (`is_tdx_memory`).
  case entry
}

/// The TDX memory list: a copy of memblock, taken when TDX initialises, that never changes afterwards.
///
/// Questions about ranges are answered by address: a table of equal slices of the address space has beside each slice
/// the first entry that ends in it or later, which answers most questions that start there. For others a search with a
/// fixed number of steps finds, from there on, the first entry that ends after the range starts. Nothing in it branches
/// on the data. Linux walks its list from the front.
///
/// An entry takes 28 bytes, and 16 to 32 in the table of slices.
///
/// - Invariant: the entries ascend, are disjoint and not empty, and start at 1 MiB or above. Entries that touch stay
///   apart: memblock keeps a border between two nodes or two sets of flags.
public struct TDXSnapshot: Sendable {
  public let count: Int
  /// The entries, and behind them as many that nothing reaches as a search may look at.
  let bounds: SearchTable<Bounds>
  /// For each entry the end of the last one of those that touch one another from it on, and one more.
  let runEnds: SearchTable<UInt64>
  private let nodes: [UInt32]
  let slices: Slices

  /// An entry, `[start, end)`.
  struct Bounds: BitwiseCopyable {
    var start: UInt64
    var end: UInt64

    /// Ends after every address, and starts at none.
    static let beyond = Bounds(start: .max, end: .max)
  }

  /// Takes memblock as it stands (`build_tdx_memlist`): starts are raised to 1 MiB, what is empty then is left out.
  ///
  /// - Parameter memory: as `MemoryMap` guarantees it; fewer than 2^32 regions.
  /// - Complexity: O(n).
  public init(_ memory: UnsafeBufferPointer<MemoryRegion>) {
    precondition(memory.count < Int(UInt32.max), "too many regions")
    let first = memory.firstIndex { $0.end > lowMemoryEnd } ?? memory.count
    let taken = UnsafeBufferPointer(rebasing: memory[first...])
    let bounds = taken.map { Bounds(start: max($0.start, lowMemoryEnd), end: $0.end) }
    var runEnds = bounds.map(\.end) + [Bounds.beyond.end]
    for index in bounds.indices.dropLast().reversed() where bounds[index].end == bounds[index + 1].start {
      runEnds[index] = runEnds[index + 1]
    }
    let slices = Slices(bounds, runEnds)
    self.bounds = SearchTable(count: bounds.count + slices.reach) {
      $0 < bounds.count ? bounds[$0] : .beyond
    }
    self.runEnds = SearchTable(count: runEnds.count) { runEnds[$0] }
    self.slices = slices
    nodes = taken.map(\.node)
    count = taken.count
  }

  public var isEmpty: Bool { count == 0 }

  /// An entry as a region; flags are not kept.
  public subscript(index: Int) -> MemoryRegion {
    precondition(index < count, "no such entry")
    return MemoryRegion(start: bounds[index].start, end: bounds[index].end, node: nodes[index])
  }

  func start(_ index: Int) -> UInt64 { bounds[index].start }
  func end(_ index: Int) -> UInt64 { bounds[index].end }

  /// The first entry that ends after an address; `count` where there is none.
  ///
  /// - Complexity: O(1) where entries lie evenly, O(log n) at worst.
  public func firstEntry(endingAfter address: UInt64) -> Int {
    withExtendedLifetime(self) {
      slices.search(address, from: Int(slices.table.base[slices.number(of: address)].first), bounds.base)
    }
  }

  /// Whether a range is TDX memory. An empty range is where its start is.
  public func answer(_ range: AddressRange) -> SnapshotAnswer {
    let index = firstEntry(endingAfter: range.start)
    guard index < count else { return .outside }
    let entry = bounds[index]
    guard entry.start <= range.start else { return entry.start < range.end ? .partly : .outside }
    return range.end <= entry.end ? .entry : range.end <= runEnds[index] ? .union : .partly
  }
}
