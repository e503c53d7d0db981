/// Regions of a memory list that stand side by side and are of one node: `[first, end)`.
struct NodeSpan: BitwiseCopyable {
  var node: UInt32
  var first: Int
  var end: Int
  /// Of a small plan, how many TDMRs the regions up to `end` opened.
  var tdmrEnd = 0
}

/// Lists where the node changes, by address, while TDMRs are chosen.
struct NodeSpanList {
  private let memory: TDXMemoryList
  /// Room for all spans that there may be.
  private let spans: UnsafeMutablePointer<NodeSpan>
  private(set) var count = 0
  private var node: UInt32 = 0

  @inline(__always)
  init(_ spans: UnsafeMutablePointer<NodeSpan>, of memory: TDXMemoryList) {
    self.memory = memory
    self.spans = spans
    if memory.count > 0 { start(at: 0) }
  }

  /// The spans so far, by address.
  @inline(__always)
  var listed: UnsafeMutableBufferPointer<NodeSpan> { UnsafeMutableBufferPointer(start: spans, count: count) }

  /// Goes on to the next region.
  @inline(__always)
  mutating func enter(_ region: UnsafePointer<MemoryRegion>) {
    if region.pointee.node != node { start(at: region - memory.regions) }
  }

  /// Lists the regions in `[first, end)`, each of which is read.
  @inline(__always)
  mutating func list(from first: Int, to end: Int) {
    var index = first
    while true {
      if memory.regions[index].node != node { start(at: index) }
      index &+= 1
      guard index < end else { return }
      index = memory.endOfNode(node, from: index, to: end)
      guard index < end else { return }
    }
  }

  /// Goes on to a region that opens a TDMR, as far as such regions tell: between two of one node every region is
  /// taken to be of it, between two others the node is taken to change once. `nodesAreAsListed` says whether that is
  /// so.
  ///
  /// Reading every region for its node costs as much as a sum over them, and the regions of a large map are gone
  /// from the caches when the entries are written: 10^7 regions took 25.5 ms in place of 18.6, and 15.4 in place of
  /// 7.9 where they touch.
  ///
  /// - Parameter previous: the last such region before this one.
  @inline(__always)
  mutating func guess(to opener: Int, after previous: Int) {
    let next = memory.regions[opener].node
    if next == node { return }
    var (low, high) = (previous, opener)
    while high &- low > 1 {
      let middle = low &+ (high &- low) / 2
      if memory.regions[middle].node == next { high = middle } else { low = middle }
    }
    start(at: high)
  }

  @inline(__always)
  private mutating func start(at first: Int) {
    node = memory.regions[first].node
    if count > 0 { spans[count &- 1].end = first }
    spans[count] = NodeSpan(node: node, first: first, end: memory.count)
    count &+= 1
  }
}

extension PlanWorkspace {
  /// The span that a region lies in.
  func nodeSpan(of region: Int) -> Int {
    var (low, high) = (0, nodeSpanCount - 1)
    while low < high {
      let middle = (low + high) / 2
      if nodeSpans[middle].end > region { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// Whether the regions in `[first, end)` are of the nodes that the spans say.
  ///
  /// - Parameter span: the span of `first`; afterwards the one of `end`.
  func nodesAreAsListed(_ memory: TDXMemoryList, from first: Int, to end: Int, span: inout Int) -> Bool {
    var index = first
    while index < end {
      while nodeSpans[span].end <= index { span += 1 }
      let stop = min(end, nodeSpans[span].end)
      guard memory.endOfNode(nodeSpans[span].node, from: index, to: stop) == stop else { return false }
      index = stop
    }
    return true
  }
}
