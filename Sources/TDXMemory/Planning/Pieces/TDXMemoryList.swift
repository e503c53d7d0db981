/// Linux's TDX memory list (`build_tdx_memlist`): the regions of the memory map, from the first MiB on. It is the
/// map itself, not a copy: the map is sorted and on pages already, so that only the first region may need a cut.
struct TDXMemoryList {
  /// The regions that end after the first MiB; the first of them may start before.
  let regions: UnsafePointer<MemoryRegion>
  let count: Int
  /// The regions within the first MiB: at most one a page.
  private let below: UnsafeBufferPointer<MemoryRegion>

  /// - Parameter map: what `MemoryMap` guarantees.
  @inline(__always)
  init(_ map: UnsafeBufferPointer<MemoryRegion>) {
    var first = 0
    while first < map.count, map[first].end <= lowMemoryEnd { first &+= 1 }
    // An empty map may have no address; nothing is read from this one.
    regions = (map.baseAddress ?? UnsafePointer(bitPattern: MemoryLayout<MemoryRegion>.alignment)!) + first
    count = map.count &- first
    below = UnsafeBufferPointer(start: map.baseAddress, count: first)
  }

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
