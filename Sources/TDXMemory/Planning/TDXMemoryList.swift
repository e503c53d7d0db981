/// What holes are computed from: ranges that ascend and are disjoint.
protocol AscendingRanges {
  var count: Int { get }
  func start(_ index: Int) -> UInt64
  func end(_ index: Int) -> UInt64
}

/// Linux's TDX memory list (`build_tdx_memlist`): the regions of the memory map, from the first MiB on.
struct TDXMemoryList: AscendingRanges {
  /// The regions that end after the first MiB; the first of them may start before.
  private let regions: UnsafeBufferPointer<MemoryRegion>
  /// The regions within the first MiB: at most one a page.
  private let below: UnsafeBufferPointer<MemoryRegion>

  /// - Parameter map: what `MemoryMap` guarantees.
  init(_ map: UnsafeBufferPointer<MemoryRegion>) {
    let first = map.firstIndex { $0.end > lowMemoryEnd } ?? map.endIndex
    regions = UnsafeBufferPointer(rebasing: map[first...])
    below = UnsafeBufferPointer(rebasing: map[..<first])
  }

  var count: Int { regions.count }
  func start(_ index: Int) -> UInt64 { max(regions[index].start, lowMemoryEnd) }
  func end(_ index: Int) -> UInt64 { regions[index].end }
  func node(_ index: Int) -> UInt32 { regions[index].node }
  func range(_ index: Int) -> AddressRange { AddressRange(unchecked: start(index), end(index)) }

  /// Where the memory of the region's node starts in the memory map, the first MiB included.
  ///
  /// - Precondition: the region is the first of its node.
  func nodeStart(_ index: Int) -> UInt64 {
    let region = regions[index]
    return below.first { $0.node == region.node }?.start ?? region.start
  }
}

extension UnsafeBufferPointer: AscendingRanges where Element == AddressRange {
  func start(_ index: Int) -> UInt64 { self[index].start }
  func end(_ index: Int) -> UInt64 { self[index].end }
}
