/// The memory of one machine: what memblock.memory holds, region by region.
///
/// - Invariant: the regions ascend, are disjoint, non-empty, and start and end on 4 KiB pages. Regions that
///   touch stay apart: memblock has already merged those of one node and one set of flags, and Linux's TDMR
///   algorithm sees the border (`build_tdx_memlist`).
///
/// The first MiB belongs to the map where the input has it; planning leaves it out, as Linux does.
public struct MemoryMap: Sendable {
  @usableFromInline let storage: RegionStorage

  /// Builds a map from regions in any order: they are sorted, rounded to whole pages as Linux rounds them, and
  /// dropped where no page remains.
  ///
  /// - Throws: `MapError.overlap` where two regions share a byte.
  /// - Complexity: O(n), or O(n log n) where the regions do not ascend.
  public init(_ regions: some Collection<MemoryRegion>) throws(MapError) {
    storage = try RegionStorage(normalizing: regions)
  }

  /// Adopts regions that lie elsewhere, for example in a mapped file, without copying them.
  ///
  /// - Throws: `MapError` where they are not what the invariant says.
  /// - Complexity: O(n).
  public init(adopting storage: RegionStorage) throws(MapError) {
    try checkRegions(UnsafeBufferPointer(storage.buffer))
    self.storage = storage
  }

  /// Adopts regions of which somebody has found out that they are what the invariant says.
  package init(checked storage: RegionStorage) { self.storage = storage }

  /// Lends the regions to the planning functions.
  @inlinable
  public func withRegions<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<MemoryRegion>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeBufferPointer(start: storage.base, count: storage.count))
  }
}

extension MemoryMap: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { storage.count }
  public subscript(index: Int) -> MemoryRegion {
    precondition(indices.contains(index), "no such region")
    return storage.buffer[index]
  }
}

extension MemoryMap: Equatable {
  public static func == (one: MemoryMap, other: MemoryMap) -> Bool { one.elementsEqual(other) }
}

extension MemoryMap {
  /// The bytes in all regions, the first MiB included.
  public var totalBytes: UInt64 { reduce(0) { $0 &+ $1.size } }  // Disjoint ranges: the sum is below 2^64.

  /// The nodes that have memory, ascending.
  public var nodes: [UInt32] { Set(lazy.map(\.node)).sorted() }
}

/// The memory that a map's regions lie in: owned by this object until it is released.
public final class RegionStorage: @unchecked Sendable {
  // Sendable: written only before it is handed to a map, and by nobody afterwards.
  // Both constant: to read a stored variable of a class asks the runtime for its exclusivity.
  @usableFromInline let base: UnsafeMutablePointer<MemoryRegion>
  @usableFromInline let count: Int
  private let release: () -> Void

  fileprivate var buffer: UnsafeMutableBufferPointer<MemoryRegion> {
    UnsafeMutableBufferPointer(start: base, count: count)
  }

  /// Adopts `count` regions at `base`; `release` runs when the last map over them is gone.
  public init(
    adopting base: UnsafeMutablePointer<MemoryRegion>,
    count: Int,
    release: @escaping () -> Void
  ) {
    self.base = base
    self.count = count
    self.release = release
  }

  /// A copy of regions, normalized.
  convenience init(normalizing regions: some Collection<MemoryRegion>) throws(MapError) {
    let copy = UnsafeMutableBufferPointer<MemoryRegion>.allocate(capacity: max(regions.count, 1))
    let given = UnsafeMutableBufferPointer(rebasing: copy[..<copy.initialize(fromContentsOf: regions)])
    do throws(MapError) {
      let count = try normalizeRegions(in: given)
      self.init(adopting: copy.baseAddress!, count: count) { copy.deallocate() }
    } catch {
      copy.deallocate()
      throw error
    }
  }

  deinit { release() }
}
