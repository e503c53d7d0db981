extension FreeMemory {
  /// Lists the arenas of a memory list, in O(regions).
  ///
  /// - Parameter minimumPages: no request will be for less.
  mutating func build(_ memory: TDXMemoryList, placement: Placement, minimumPages: UInt64) {
    self.placement = placement
    self.minimumPages = max(minimumPages, 1)
    build += 1
    arenaCount = 0
    nodeCount = 0
    let byNode = grouped(memory)
    var first = 0
    while first < memory.count {
      let node = memory.node(byNode[first])
      var end = first + 1
      while end < memory.count, memory.node(byNode[end]) == node { end += 1 }
      let firstArena = arenaCount
      switch placement {
      case .top: for index in (first..<end).reversed() { addArena(region: byNode[index], of: memory) }
      case .bottom: for index in first..<end { addArena(region: byNode[index], of: memory) }
      case .firstFit:
        for zone in zones.indices { addArenas(zones[zone], byNode, first..<end, of: memory) }
      }
      nodes[nodeCount] = NodeArenas(node: node, arenas: ArenaRange(first: firstArena, end: arenaCount))
      nodeCount += 1
      first = end
    }
    runCount = arenaCount
    room.build(count: arenaCount)
  }

  private mutating func addArena(region index: Int, of memory: TDXMemoryList) {
    addArena(start: memory.start(index), end: memory.end(index), zoneStart: 0)
  }

  /// Adds the part of a node's regions that lies in a zone: touching regions as one arena.
  private mutating func addArenas(
    _ zone: Range<UInt64>,
    _ byNode: RegionOrder,
    _ regions: Range<Int>,
    of memory: TDXMemoryList
  ) {
    var zoneStart: UInt64?
    var run = 0..<UInt64(0)
    for position in regions {
      let region = byNode[position]
      guard memory.end(region) > zone.lowerBound else { continue }
      guard memory.start(region) < zone.upperBound else { break }
      let start = max(memory.start(region), zone.lowerBound)
      let end = min(memory.end(region), zone.upperBound)
      // The first MiB counts where the DMA zone starts, although no PAMT may lie there.
      zoneStart = zoneStart ?? (zone.lowerBound == 0 ? memory.nodeStart(region) : start)
      if start == run.upperBound {
        run = run.lowerBound..<end
      } else {
        addArena(start: run.lowerBound, end: run.upperBound, zoneStart: zoneStart!)
        run = start..<end
      }
    }
    if let zoneStart { addArena(start: run.lowerBound, end: run.upperBound, zoneStart: zoneStart) }
  }

  /// Adds `[start, end)`, in bytes, unless it is too small for any request.
  private mutating func addArena(start: UInt64, end: UInt64, zoneStart: UInt64) {
    let run = Run(start: start / pageSize, end: end / pageSize, next: -1)
    guard run.end - run.start >= minimumPages else { return }
    runs[arenaCount] = run
    zoneStarts[arenaCount] = zoneStart / pageSize
    room.set(arenaCount, to: run.end - run.start)
    arenaCount += 1
  }

  /// The regions by ascending node, and within a node by address. On most machines they stand so already.
  private func grouped(_ memory: TDXMemoryList) -> RegionOrder {
    let ascends = (1..<max(memory.count, 1)).allSatisfy { memory.node($0 - 1) <= memory.node($0) }
    guard !ascends else { return RegionOrder(sorted: nil) }
    for index in 0..<memory.count {
      order[index] = KeyedIndex(key: UInt64(memory.node(index)), index: index)
    }
    let sorted = radixSorted(
      UnsafeMutableBufferPointer(start: order.base, count: memory.count),
      spare: UnsafeMutableBufferPointer(start: spareOrder.base, count: memory.count)
    )
    return RegionOrder(sorted: UnsafeBufferPointer(sorted))
  }
}

/// An order of the regions of a memory list; nil is their own.
private struct RegionOrder {
  let sorted: UnsafeBufferPointer<KeyedIndex>?

  subscript(position: Int) -> Int { sorted?[position].index ?? position }
}

/// The zones that the kernel allocates from, in the order in which it tries them; [0, 16 MiB) is DMA.
private let zones: [3 of Range<UInt64>] = [4 << 30..<UInt64.max, 16 << 20..<4 << 30, 0..<16 << 20]
