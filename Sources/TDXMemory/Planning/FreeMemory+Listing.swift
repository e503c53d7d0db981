/// How the list of a node grows. Each region is looked at once, for `firstFit` once per zone at the most.
extension FreeMemory {
  /// Appends the next run of a node to its list.
  ///
  /// - Returns: its index; nil where the node has no more memory.
  mutating func listNextRun(of node: Int, _ memory: TDXMemoryList) -> Int? {
    switch placement {
    case .top: listRegionBelow(node, memory)
    case .bottom: listRegionAbove(node, memory)
    case .firstFit: listZoneRun(node, memory)
    }
  }

  private mutating func listRegionBelow(_ node: Int, _ memory: TDXMemoryList) -> Int? {
    while nodes[node].cursor.span >= nodes[node].firstSpan {
      let region = nodes[node].cursor.region
      if region > spans[nodes[node].cursor.span].first {
        nodes.base[node].cursor.region -= 1
      } else {
        nodes.base[node].cursor.span -= 1
        let span = nodes[node].cursor.span
        if span >= nodes[node].firstSpan { nodes.base[node].cursor.region = spans[span].end - 1 }
      }
      if let run = append(node, memory.start(region), memory.end(region)) { return run }
    }
    return nil
  }

  private mutating func listRegionAbove(_ node: Int, _ memory: TDXMemoryList) -> Int? {
    while nodes[node].cursor.span < nodes[node].endSpan {
      let region = nodes[node].cursor.region
      step(node)
      if let run = append(node, memory.start(region), memory.end(region)) { return run }
    }
    return nil
  }

  private mutating func listZoneRun(_ node: Int, _ memory: TDXMemoryList) -> Int? {
    while nodes[node].cursor.zone < zones.count {
      let zone = zones[nodes[node].cursor.zone]
      while nodes[node].cursor.span < nodes[node].endSpan {
        let cursor = nodes[node].cursor
        guard memory.start(cursor.region) < zone.upperBound else { break }
        let start = max(memory.start(cursor.region), zone.lowerBound)
        var end = min(memory.end(cursor.region), zone.upperBound)
        step(node)
        guard start < end else { continue }
        if cursor.zoneStart == .max {
          // The first MiB counts where the DMA zone starts, although no PAMT may lie there.
          nodes.base[node].cursor.zoneStart = zone.lowerBound == 0 ? memory.nodeStart(cursor.region) : start
        }
        while nodes[node].cursor.span == cursor.span, memory.start(nodes[node].cursor.region) == end,
          end < zone.upperBound
        {
          end = min(memory.end(nodes[node].cursor.region), zone.upperBound)
          step(node)
        }
        if let run = append(node, start, end) { return run }
      }
      let first = nodes[node].firstSpan
      nodes.base[node].cursor = RegionCursor(
        span: first,
        region: spans[first].first,
        zone: nodes[node].cursor.zone + 1
      )
    }
    return nil
  }

  /// Moves a node's cursor up by a region, into the next span where the region was the last of its own.
  private func step(_ node: Int) {
    nodes.base[node].cursor.region += 1
    guard nodes[node].cursor.region == spans[nodes[node].cursor.span].end else { return }
    nodes.base[node].cursor.span += 1
    let span = nodes[node].cursor.span
    if span < nodes[node].endSpan { nodes.base[node].cursor.region = spans[span].first }
  }

  /// Appends `[start, end)`, in bytes, unless it is too small for any request.
  private mutating func append(_ node: Int, _ start: UInt64, _ end: UInt64) -> Int? {
    let run = Run(
      start: start / pageSize,
      end: end / pageSize,
      zoneStart: nodes[node].cursor.zoneStart / pageSize,
      next: -1
    )
    guard run.end - run.start >= minimumPages else { return nil }
    let index = runCount
    runs[index] = run
    runCount += 1
    if nodes[node].head < 0 {
      nodes.base[node].head = index
    } else {
      runs.base[nodes[node].tail].next = index
    }
    nodes.base[node].tail = index
    return index
  }
}

/// The zones that the kernel allocates from, in bytes, in the order in which it tries them: Normal, DMA32, DMA.
private let zones: [3 of Range<UInt64>] = [4 << 30..<UInt64.max, 16 << 20..<4 << 30, 0..<16 << 20]
