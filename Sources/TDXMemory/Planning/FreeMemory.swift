/// The memory that PAMTs can be placed in, in the order in which a placement model tries it.
///
/// Each node has a list of *runs*, free memory without a gap, in that order: regions from the highest down (`top`)
/// or from the lowest up (`bottom`); for `firstFit` regions that touch are one run, cut at zone borders, the
/// zones in the order in which the kernel tries them. Lists grow only as far as searches get, because there are
/// far fewer PAMTs than regions: listing all regions first took 2/3 of the instructions of a plan of 10,000.
///
/// All numbers are page frames unless they say bytes.
struct FreeMemory: ~Copyable {
  /// Free memory of a node, `[start, end)`.
  struct Run: BitwiseCopyable {
    var start: UInt64
    var end: UInt64
    /// For `firstFit`: the first page of the node in the run's zone.
    var zoneStart: UInt64
    /// The run that is tried next; -1 where the list ends so far.
    var next: Int
  }

  /// A node with its list, and how far the list has got.
  struct Node: BitwiseCopyable {
    var id: UInt32
    /// The node's spans of regions, as a range of `spans`.
    var firstSpan: Int
    var endSpan: Int
    /// The first and the last run; -1 while there is none.
    var head = -1
    var tail = -1
    var cursor: RegionCursor
  }

  /// Where the last search of a node, or of all nodes, for so many pages ended. Memory is only ever taken, so what
  /// stands before that place will never hold this many pages. Entries overwrite each other: it is a cache.
  struct Resume: BitwiseCopyable {
    var build = 0
    var pages: UInt64 = 0
    /// The searched node's index; -1 for a search of all nodes.
    var scope = 0
    /// The run, or for a search of all nodes the node's index, at which to go on.
    var place = 0
  }

  var placement = Placement.firstFit
  /// No request is for less; what is smaller is forgotten.
  var minimumPages: UInt64 = 0
  var runs = Scratch<Run>()
  var runCount = 0
  /// By ascending id.
  var nodes = Scratch<Node>()
  var nodeCount = 0
  /// The node spans of the memory list by ascending node; one node's by address.
  var spans = Scratch<NodeSpan>()
  /// Its capacity is a power of two.
  var resumes = Scratch<Resume>()
  /// Tells the entries of `resumes` that are of this build from older ones.
  var build = 0
  var order = Scratch<KeyedIndex>()
  var spareOrder = Scratch<KeyedIndex>()

  init() {}

  /// Makes room for a memory list of so many regions and a plan of so many TDMRs.
  mutating func reserve(regions: Int, tdmrs: Int) {
    // The regions over 16 MiB and over 4 GiB are two runs each, and each PAMT breaks at most one run in two.
    runs.reserve(regions + 2 + tdmrs)
    nodes.reserve(regions)
    spans.reserve(regions)
    order.reserve(regions)
    spareOrder.reserve(regions)
    let slots = max(64, 1 << (Int.bitWidth - (2 * tdmrs).leadingZeroBitCount))
    if slots > resumes.capacity {
      resumes.reserve(slots)
      resumes.base.initialize(repeating: Resume(), count: slots)
    }
  }

  /// Starts anew, with nothing taken, in O(node spans).
  ///
  /// - Parameters:
  ///   - memorySpans: the node spans of the memory list, by address.
  ///   - minimumPages: no request will be for less.
  mutating func start(
    _ memorySpans: UnsafeBufferPointer<NodeSpan>,
    placement: Placement,
    minimumPages: UInt64
  ) {
    self.placement = placement
    self.minimumPages = max(minimumPages, 1)
    build += 1
    runCount = 0
    nodeCount = 0
    sortByNode(memorySpans)
    for index in 0..<memorySpans.count {
      if nodeCount > 0, nodes[nodeCount - 1].id == spans[index].node {
        nodes.base[nodeCount - 1].endSpan = index + 1
      } else {
        let cursor = RegionCursor(span: index, region: spans[index].first)
        nodes[nodeCount] = Node(id: spans[index].node, firstSpan: index, endSpan: index + 1, cursor: cursor)
        nodeCount += 1
      }
    }
    guard placement == .top else { return }
    for index in 0..<nodeCount {
      let last = nodes[index].endSpan - 1
      nodes.base[index].cursor = RegionCursor(span: last, region: spans[last].end - 1)
    }
  }

  /// Fills `spans`. On most machines the nodes ascend with the addresses, so that there is nothing to sort.
  private mutating func sortByNode(_ memorySpans: UnsafeBufferPointer<NodeSpan>) {
    let count = memorySpans.count
    let ascends = (1..<max(count, 1)).allSatisfy { memorySpans[$0 - 1].node <= memorySpans[$0].node }
    guard !ascends else {
      for index in 0..<count { spans[index] = memorySpans[index] }
      return
    }
    for index in 0..<count { order[index] = KeyedIndex(key: UInt64(memorySpans[index].node), index: index) }
    let sorted = radixSorted(
      UnsafeMutableBufferPointer(start: order.base, count: count),
      spare: UnsafeMutableBufferPointer(start: spareOrder.base, count: count)
    )
    for index in 0..<count { spans[index] = memorySpans[sorted[index].index] }
  }
}

/// Regions of a memory list that stand side by side and are of one node: `[first, end)`.
struct NodeSpan: BitwiseCopyable {
  var node: UInt32
  var first: Int
  var end: Int
}

/// A place among the regions of a node.
struct RegionCursor: BitwiseCopyable {
  /// An index of `FreeMemory.spans`.
  var span: Int
  /// An index of the memory list, in that span.
  var region: Int
  /// For `firstFit`: the zone, and where the node's memory in it starts, as far as that is known.
  var zone = 0
  var zoneStart = UInt64.max
}
