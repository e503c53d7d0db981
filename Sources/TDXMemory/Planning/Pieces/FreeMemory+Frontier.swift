/// How the frontier of a node moves. Each region is looked at once, for `firstFit` once per zone at the most.
extension FreeMemory {
  /// Takes `pages` at the frontier or beyond; what is passed over goes to the node's list.
  mutating func takeAtFrontier(
    _ pages: UInt64,
    _ node: UnsafeMutablePointer<Node>
  ) -> UInt64? {
    switch placement {
    case .firstFit:
      while true {
        if let frame = firstFit(pages, node) { return frame }
        passOver(node)
        guard enterNextRun(node) else { return nil }
      }
    case .top:
      while node.pointee.end &- node.pointee.start < pages {
        passOver(node)
        guard enterRegionBelow(node) else { return nil }
      }
      node.pointee.end &-= pages
      return node.pointee.end
    case .bottom:
      while node.pointee.end &- node.pointee.start < pages {
        passOver(node)
        guard enterRegionAbove(node) else { return nil }
      }
      defer { node.pointee.start &+= pages }
      return node.pointee.start
    }
  }

  /// Moves the frontier into the list.
  private mutating func passOver(_ node: UnsafeMutablePointer<Node>) {
    append(node, node.pointee.start, node.pointee.end)
    node.pointee.start = node.pointee.end
    node.pointee.stride = 0
  }

  /// Appends free memory to a node's list, unless it is too small for any request.
  @inline(__always)
  private mutating func append(_ node: UnsafeMutablePointer<Node>, _ start: UInt64, _ end: UInt64) {
    guard end &- start >= minimumPages else { return }
    let index = runCount
    runs[index] = Run(start: start, end: end, zoneStart: node.pointee.zoneStart, next: -1)
    runCount &+= 1
    if node.pointee.head < 0 { node.pointee.head = index } else { runs.base[node.pointee.tail].next = index }
    node.pointee.tail = index
    node.pointee.longest = max(node.pointee.longest, end &- start)
  }

  private mutating func enterRegionAbove(_ node: UnsafeMutablePointer<Node>) -> Bool {
    guard node.pointee.span < node.pointee.endSpan else { return false }
    let region = node.pointee.region
    node.pointee.start = memory.start(region) / pageSize
    node.pointee.end = memory.end(region) / pageSize
    stepUp(node)
    return true
  }

  private mutating func enterRegionBelow(_ node: UnsafeMutablePointer<Node>) -> Bool {
    guard node.pointee.span >= node.pointee.firstSpan else { return false }
    let (region, span) = (node.pointee.region, node.pointee.span)
    node.pointee.start = memory.start(region) / pageSize
    node.pointee.end = memory.end(region) / pageSize
    if region > spans[span].first {
      node.pointee.region = region - 1
    } else {
      node.pointee.span = span - 1
      if span > node.pointee.firstSpan { node.pointee.region = spans[span - 1].end - 1 }
    }
    return true
  }

  /// To the next region, into the next span where the region was the last of its own.
  @inline(__always)
  private mutating func stepUp(_ node: UnsafeMutablePointer<Node>) {
    node.pointee.region &+= 1
    guard node.pointee.region == spans[node.pointee.span].end else { return }
    node.pointee.span &+= 1
    if node.pointee.span < node.pointee.endSpan { node.pointee.region = spans[node.pointee.span].first }
  }
}

// MARK: - First fit

extension FreeMemory {
  /// The scan of `alloc_contig_pages` in the frontier: of the frames p, p + n, p + 2n, … from the zone's start rounded
  /// up, the first from which n pages are free. Regions that touch are one; the frontier takes in no more of
  /// them than the pages need.
  @inline(__always)
  private mutating func firstFit(
    _ pages: UInt64,
    _ node: UnsafeMutablePointer<Node>
  ) -> UInt64? {
    let start = node.pointee.start
    let frame =
      node.pointee.stride == pages
      ? start : firstFrame(notBelow: start, zoneStart: node.pointee.zoneStart, pages: pages)
    if frame &+ pages > node.pointee.end {
      guard start < node.pointee.end else { return nil }
      repeat {
        guard takeInTouchingRegion(node) else { return nil }
      } while frame &+ pages > node.pointee.end
    }
    takeFrontier(frame, pages, node)
    return frame
  }

  /// Takes pages in the frontier of `firstFit`.
  @inline(__always)
  mutating func takeFrontier(_ frame: UInt64, _ pages: UInt64, _ node: UnsafeMutablePointer<Node>) {
    append(node, node.pointee.start, frame)
    node.pointee.start = frame &+ pages
    node.pointee.stride = pages
  }

  private mutating func takeInTouchingRegion(_ node: UnsafeMutablePointer<Node>) -> Bool {
    guard node.pointee.span < node.pointee.endSpan else { return false }
    let (end, zoneEnd) = (node.pointee.end, zones[node.pointee.zone].upperBound / pageSize)
    let region = memory.regions[node.pointee.region]
    guard region.start / pageSize == end, end < zoneEnd else { return false }
    node.pointee.end = min(region.end / pageSize, zoneEnd)
    stepUp(node)
    return true
  }

  /// Puts the frontier of a new node where the first request will look.
  @inline(__always)
  mutating func enterFirstRegion(_ node: UnsafeMutablePointer<Node>) {
    switch placement {
    case .firstFit: enterNormalZone(node)
    case .bottom: _ = enterRegionAbove(node)
    case .top:
      node.pointee.span = node.pointee.endSpan &- 1
      node.pointee.region = spans[node.pointee.span].end &- 1
      _ = enterRegionBelow(node)
    }
  }

  /// Puts the frontier of a new node at its first region in the Normal zone, if that is in its first span: what
  /// `enterNextRun` would do at the first request.
  @inline(__always)
  private mutating func enterNormalZone(_ node: UnsafeMutablePointer<Node>) {
    let normal = zones[0].lowerBound
    if memory.regions[node.pointee.region].end <= normal {
      guard memory.regions[spans[node.pointee.span].end &- 1].end > normal else { return }
      node.pointee.region = memory.firstIndex(endingAfter: normal, nearlyAt: node.pointee.region &+ 1)
    }
    let region = memory.regions + node.pointee.region
    let start = max(region.pointee.start, normal) / pageSize
    node.pointee.zone = 0
    node.pointee.zoneStart = start
    node.pointee.start = start
    node.pointee.end = region.pointee.end / pageSize
    stepUp(node)
  }

  /// Puts the frontier at the next region of the zone, or of the next zone in which the node has memory.
  private mutating func enterNextRun(_ node: UnsafeMutablePointer<Node>) -> Bool {
    while true {
      if node.pointee.zone >= 0, node.pointee.span < node.pointee.endSpan {
        let region = memory.regions + node.pointee.region
        let zone = zones[node.pointee.zone]
        let start = max(region.pointee.start, zone.lowerBound, lowMemoryEnd)
        if start < zone.upperBound {
          node.pointee.start = start / pageSize
          node.pointee.end = min(region.pointee.end, zone.upperBound) / pageSize
          stepUp(node)
          return true
        }
      }
      guard node.pointee.zone < zones.count - 1 else { return false }
      enterNextZone(node)
    }
  }

  /// Goes to the node's first region that ends in the next zone or above it.
  @inline(__always)
  private mutating func enterNextZone(_ node: UnsafeMutablePointer<Node>) {
    node.pointee.zone &+= 1
    let start = zones[node.pointee.zone].lowerBound
    var span = node.pointee.firstSpan
    while span < node.pointee.endSpan, memory.regions[spans[span].end &- 1].end <= start { span &+= 1 }
    node.pointee.span = span
    guard span < node.pointee.endSpan else { return }
    let region = memory.firstIndex(endingAfter: start, from: spans[span].first)
    node.pointee.region = region
    // The first MiB counts where the DMA zone starts, although no PAMT may lie there.
    let first = start == 0 ? memory.nodeStart(region) : max(memory.regions[region].start, start)
    node.pointee.zoneStart = first / pageSize
  }
}

/// The first of the frames that a zone is tried at for so many pages which is not below `start`.
@inline(__always)
func firstFrame(notBelow start: UInt64, zoneStart: UInt64, pages: UInt64) -> UInt64 {
  // The kernel's ALIGN: a rounding up only for powers of two, and used for any number. Frames and page counts are
  // below 2^52: no sum of them wraps.
  var first = (zoneStart &+ pages &- 1) & (0 &- pages)
  // In most cases one of the first frames: a division takes as long as a PAMT's other work.
  if first >= start { return first }
  first &+= pages
  if first >= start { return first }
  first &+= pages
  if first >= start { return first }
  return first &+ (start &- first &+ pages &- 1) / pages &* pages
}

/// The zones that the kernel allocates from, in bytes, in the order in which it tries them: Normal, DMA32, DMA.
private let zones: [3 of Range<UInt64>] = [
  normalZoneStart..<UInt64.max, dma32ZoneStart..<normalZoneStart, 0..<dma32ZoneStart,
]
let normalZoneStart: UInt64 = 4 << 30
let dma32ZoneStart: UInt64 = 16 << 20
