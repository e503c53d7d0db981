/// Lists of runs that have grown long, and requests of ever other sizes: then a list is searched by a tree.
///
/// A list is walked as long as that is cheap, which it is on every machine so far. Who walks too much builds a tree of
/// each list that is asked from then on.
extension FreeMemory {
  /// A place in the tree of a node's list: a treap whose order is that of the list.
  struct IndexedRun: BitwiseCopyable {
    /// Where it stands among others. It stays what it was when the run came into the tree: what is split off behind it is
    /// behind that, and before the next one.
    var order: UInt64
    /// The runs below it, earlier and later ones; -1 where there are none.
    var earlier = -1
    var later = -1
    /// The most pages of it and all below it.
    var longest: UInt64 = 0
  }

  /// The tree of a node's list.
  struct RunTree: BitwiseCopyable {
    var root = -1
    /// The last run of the list that is in it.
    var last = -1
  }

  /// Counts a run that was walked over.
  ///
  /// - Returns: whether it is time for trees.
  @inline(__always)
  mutating func isWalkedTooFar() -> Bool {
    if walkedBuild != build { (walkedBuild, walked) = (build, 0) }
    walked &+= 1
    return walked > tuning.walksUpTo
  }

  /// Whether lists are searched by trees.
  var isIndexed: Bool { indexedBuild == build }

  /// Begins with the trees of a plan.
  mutating func startIndex() {
    indexedBuild = build
    trees.reserve(nodeCount)
    trees.base.initialize(repeating: RunTree(), count: nodeCount)
    indexed.reserve(runs.capacity)
  }

  /// Takes pages out of the first run that has them, from a run on.
  ///
  /// - Parameter first: nil for all of the list.
  /// - Returns: the frame, and the run that it was taken from.
  /// - Complexity: O(log runs), and as much for each run that is large enough and has no frame in the right place.
  mutating func takeByIndex(_ pages: UInt64, _ node: Int, from first: Int?) -> (frame: UInt64, run: Int)? {
    indexNewRuns(of: node)
    var from = first.map { indexed[$0].order } ?? 0
    while let run = firstRun(trees[node].root, pages, from) {
      let runsBefore = runCount
      if let frame = take(pages, fromRun: run, of: node) {
        if runCount > runsBefore {
          // What remains behind stands behind it in the list, and in the tree.
          if trees[node].last == run { trees.base[node].last = runsBefore }
          insert(runsBefore, of: node)
        }
        update(trees[node].root, indexed[run].order)
        nodes.base[node].longest = indexed[trees[node].root].longest
        return (frame, run)
      }
      from = indexed[run].order + 1
    }
    if trees[node].root >= 0 { nodes.base[node].longest = indexed[trees[node].root].longest }
    return nil
  }

  /// The frontier has moved: what it left behind is at the end of the list.
  private mutating func indexNewRuns(of node: Int) {
    var run = trees[node].last < 0 ? nodes[node].head : runs[trees[node].last].next
    while run >= 0 {
      insert(run, of: node)
      trees.base[node].last = run
      run = runs[run].next
    }
  }

  // MARK: - The treap

  /// Where a run stands in its list: lists go by address, those of `firstFit` zone by zone.
  private func order(of run: Int) -> UInt64 {
    let start = runs[run].start
    switch placement {
    case .bottom: return start
    case .top: return ~start
    case .firstFit:
      if start >= normalZoneStart / pageSize { return start }
      // Frames are below 2^52.
      return start + (start >= dma32ZoneStart / pageSize ? 1 << 53 : 1 << 54)
    }
  }

  private func pages(of run: Int) -> UInt64 { runs[run].end &- runs[run].start }

  /// The first run of a tree that is not before a place and has so many pages.
  private func firstRun(_ tree: Int, _ pages: UInt64, _ from: UInt64) -> Int? {
    guard tree >= 0, indexed[tree].longest >= pages else { return nil }
    let order = indexed[tree].order
    if order > from, let run = firstRun(indexed[tree].earlier, pages, from) { return run }
    if order >= from, self.pages(of: tree) >= pages { return tree }
    return firstRun(indexed[tree].later, pages, from)
  }

  private mutating func insert(_ run: Int, of node: Int) {
    indexed[run] = IndexedRun(order: order(of: run), longest: pages(of: run))
    trees.base[node].root = inserted(run, into: trees[node].root)
  }

  /// - Returns: the run at the top of the tree.
  private func inserted(_ run: Int, into tree: Int) -> Int {
    guard tree >= 0 else { return run }
    let place = indexed.base + tree
    if indexed[run].order < place.pointee.order {
      let top = inserted(run, into: place.pointee.earlier)
      if priority(top) > priority(tree) {
        place.pointee.earlier = indexed[top].later
        indexed.base[top].later = tree
        refresh(tree)
        refresh(top)
        return top
      }
      place.pointee.earlier = top
    } else {
      let top = inserted(run, into: place.pointee.later)
      if priority(top) > priority(tree) {
        place.pointee.later = indexed[top].earlier
        indexed.base[top].earlier = tree
        refresh(tree)
        refresh(top)
        return top
      }
      place.pointee.later = top
    }
    refresh(tree)
    return tree
  }

  /// Counts anew from a run up, some of which was taken.
  private func update(_ tree: Int, _ order: UInt64) {
    guard tree >= 0 else { return }
    let own = indexed[tree].order
    if order != own { update(order < own ? indexed[tree].earlier : indexed[tree].later, order) }
    refresh(tree)
  }

  private func refresh(_ tree: Int) {
    func longest(_ below: Int) -> UInt64 { below < 0 ? 0 : indexed[below].longest }
    let (earlier, later) = (indexed[tree].earlier, indexed[tree].later)
    indexed.base[tree].longest = max(pages(of: tree), longest(earlier), longest(later))
  }

  /// As good as random, so that the tree is some 2 log n deep: the finalizer of SplitMix64.
  private func priority(_ run: Int) -> UInt64 {
    var bits = UInt64(truncatingIfNeeded: run) &* 0x9e37_79b9_7f4a_7c15
    bits = (bits ^ bits &>> 30) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ bits &>> 27) &* 0x94d0_49bb_1331_11eb
    return bits ^ bits &>> 31
  }

  // MARK: - Many nodes

  /// The first node from `start` on that may have so many pages: not one whose list is all that it has left, and has no
  /// run as long.
  mutating func firstNode(from start: Int, withRoomFor pages: UInt64) -> Int? {
    guard nodeCount >= tuning.manyNodes else { return start < nodeCount ? start : nil }
    if roomBuild != build {
      roomBuild = build
      roomOfNodes.fill(nodeCount) { _ in .max }
    }
    return roomOfNodes.first(from: start, atLeast: pages)
  }

  /// A node had no room: its frontier is at the end of its memory.
  mutating func noteNoRoom(on node: Int) {
    if nodeCount >= tuning.manyNodes { roomOfNodes.set(node, to: nodes[node].longest) }
  }
}
