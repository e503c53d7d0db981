/// The memory that PAMTs can be placed in, in the order in which a placement model tries it.
///
/// A model walks the regions of a node in its order: from the highest down (`top`), from the lowest up (`bottom`), or
/// zone by zone (`firstFit`). How far it has got is the node's *frontier*: free memory without a gap, of which
/// nothing is known yet but where it starts, and as much of it as was needed. What was passed over on the way, and
/// could hold a smaller PAMT, stands in the node's list of *runs*. So a search looks at the list, which is empty on
/// most machines, and then at the frontier; and no more regions are read than PAMTs need, which is 0.4 % of them.
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

  /// A node with its frontier and its list.
  struct Node: BitwiseCopyable {
    var id: UInt32
    /// The node's spans of regions, as a range of `spans`.
    var firstSpan: Int
    var endSpan: Int
    /// The first and the last run of the list; -1 while there is none.
    var head = -1
    var tail = -1
    /// No run of the list has more pages.
    var longest: UInt64 = 0
    /// The frontier; empty where the next region is to be taken.
    var start: UInt64 = 0
    var end: UInt64 = 0
    /// The region after the frontier, and its span; there is none where the span is outside the node's.
    var span: Int
    var region: Int
    /// For `firstFit`: the zone of the frontier, and the first page of the node in it.
    var zone = -1
    var zoneStart: UInt64 = 0
    /// For `firstFit`: the size of the last request, if the frontier's start is a frame to try for that size.
    var stride: UInt64 = 0

    /// A node of one span, so far.
    @inline(__always)
    init(_ span: NodeSpan, at index: Int) {
      id = span.node
      firstSpan = index
      endSpan = index &+ 1
      self.span = index
      region = span.first
    }
  }

  /// Where the last search of a list, or of all nodes, for so many pages ended. Memory is only ever taken, so what
  /// stands before that place will never hold this many pages. Entries overwrite each other: it is a cache.
  struct Resume: BitwiseCopyable {
    var build = 0
    var pages: UInt64 = 0
    /// The searched node's index; -1 for a search of all nodes.
    var scope = 0
    /// The run, or for a search of all nodes the node's index, at which to go on.
    var place = 0
  }

  var memory: TDXMemoryList
  var placement = Placement.firstFit
  /// No request is for less; what is smaller is forgotten.
  var minimumPages: UInt64 = 0
  var runs = Scratch<Run>()
  var runCount = 0
  /// By ascending id.
  var nodes = Scratch<Node>()
  var nodeCount = 0
  /// The node spans of the memory list by ascending node; one node's by address.
  var spans: UnsafeMutablePointer<NodeSpan>
  var sortedSpans = Scratch<NodeSpan>()
  /// Its capacity is a power of two.
  var resumes = Scratch<Resume>()
  /// Tells the entries of `resumes` that are of this build from older ones.
  var build = 0
  /// The runs that were walked over in a plan, and which; trees of long lists, and of which plan they are.
  var walked = 0
  var walkedBuild = 0
  var indexedBuild = 0
  var trees = Scratch<RunTree>()
  var indexed = Scratch<IndexedRun>()
  /// Of many nodes the most pages that each may have in one piece, and of which plan that is.
  var roomOfNodes = MaxTree()
  var roomBuild = 0
  var order = Scratch<KeyedIndex>()
  var spareOrder = Scratch<KeyedIndex>()

  private(set) var tuning: PlannerTuning

  init(_ tuning: PlannerTuning) {
    self.tuning = tuning
    memory = TDXMemoryList(UnsafeBufferPointer(start: nil, count: 0))
    spans = sortedSpans.base
  }

  /// Makes room for a memory list of so many regions and a plan of so many TDMRs.
  mutating func reserve(regions: Int, tdmrs: Int) {
    // The regions over 16 MiB and over 4 GiB are two runs each, and each PAMT breaks at most one run in two.
    runs.reserve(regions + 2 + tdmrs)
    let slots = max(64, 1 << (Int.bitWidth - (2 * tdmrs).leadingZeroBitCount))
    if slots > resumes.capacity {
      resumes.reserve(slots)
      resumes.base.initialize(repeating: Resume(), count: slots)
    }
  }

  /// Starts anew, with nothing taken, in O(node spans).
  ///
  /// - Parameters:
  ///   - memory: the memory list.
  ///   - memorySpans: its node spans, by address; they stay where they are.
  ///   - minimumPages: no request will be for less.
  @inline(__always)
  mutating func start(
    _ memory: TDXMemoryList,
    _ memorySpans: UnsafeMutableBufferPointer<NodeSpan>,
    placement: Placement,
    minimumPages: UInt64
  ) {
    self.memory = memory
    self.placement = placement
    self.minimumPages = max(minimumPages, 1)
    build &+= 1
    runCount = 0
    nodes.reserve(memorySpans.count)
    let (spans, nodes, count) = (memorySpans.baseAddress.unsafelyUnwrapped, nodes.base, memorySpans.count)
    self.spans = spans
    nodeCount = count
    // On most machines the nodes ascend with the addresses, each in one span, so that there is nothing to sort.
    var index = 0
    var last: Int64 = -1
    while index < count {
      let id = Int64(spans[index].node)
      guard last < id else { return startInOrder(memorySpans) }
      last = id
      nodes[index] = Node(spans[index], at: index)
      enterFirstRegion(nodes + index)
      index &+= 1
    }
  }

  /// Starts with nodes that do not ascend with the addresses.
  @inline(never)
  private mutating func startInOrder(_ memorySpans: UnsafeMutableBufferPointer<NodeSpan>) {
    sortByNode(memorySpans)
    let nodes = nodes.base
    nodeCount = 0
    for index in 0..<memorySpans.count {
      if nodeCount > 0, nodes[nodeCount - 1].id == spans[index].node {
        nodes[nodeCount - 1].endSpan = index + 1
      } else {
        nodes[nodeCount] = Node(spans[index], at: index)
        nodeCount += 1
      }
    }
    for index in 0..<nodeCount { enterFirstRegion(nodes + index) }
  }

  /// Sets `spans`.
  private mutating func sortByNode(_ memorySpans: UnsafeMutableBufferPointer<NodeSpan>) {
    let count = memorySpans.count
    order.reserve(count)
    spareOrder.reserve(count)
    sortedSpans.reserve(count)
    for (index, span) in memorySpans.enumerated() {
      order[index] = KeyedIndex(key: UInt64(span.node), index: index)
    }
    let byNode = radixSorted(
      UnsafeMutableBufferPointer(start: order.base, count: count),
      spare: UnsafeMutableBufferPointer(start: spareOrder.base, count: count)
    )
    for index in 0..<count { sortedSpans[index] = memorySpans[byNode[index].index] }
    spans = sortedSpans.base
  }
}
