extension FreeMemory {
  /// Takes contiguous page frames, on a node if it has them, else on the first of the others that has.
  ///
  /// - Parameters:
  ///   - pages: at least 1, and not less than the minimum that `start` was told.
  ///   - node: one of `nodes`.
  /// - Returns: the first page frame; nil where no node has room.
  /// - Complexity: the searches for one size look at each run of a node once; for ever other sizes O(log runs) each.
  @inline(__always)
  mutating func take(_ pages: UInt64, _ node: UnsafeMutablePointer<Node>) -> UInt64? {
    // Almost every request: at the frontier, past a list that has nothing for it.
    if placement == .firstFit { return takeFirstFit(pages, node) }
    guard pages > node.pointee.longest, node.pointee.end &- node.pointee.start >= pages else {
      return takeOther(pages, node)
    }
    if placement == .bottom {
      defer { node.pointee.start &+= pages }
      return node.pointee.start
    }
    node.pointee.end &-= pages
    return node.pointee.end
  }

  @inline(__always)
  private mutating func takeFirstFit(_ pages: UInt64, _ node: UnsafeMutablePointer<Node>) -> UInt64? {
    let start = node.pointee.start
    var frame = start
    // For another of the size that the last request had, the list has nothing either, and the frontier starts at a frame.
    if node.pointee.stride != pages {
      guard pages > node.pointee.longest else { return takeOther(pages, node) }
      frame = firstFrame(notBelow: start, zoneStart: node.pointee.zoneStart, pages: pages)
    }
    guard frame &+ pages <= node.pointee.end else { return takeOther(pages, node) }
    takeFrontier(frame, pages, node)
    return frame
  }

  @inline(never)
  private mutating func takeOther(_ pages: UInt64, _ node: UnsafeMutablePointer<Node>) -> UInt64? {
    take(pages, from: node) ?? takeFromAnyNode(pages)
  }

  /// The preferred node is tried again among all of them, in vain: it has no room.
  @inline(never)
  private mutating func takeFromAnyNode(_ pages: UInt64) -> UInt64? {
    let slot = resumeSlot(pages, scope: -1)
    var start = resumed(slot, pages, scope: -1) ?? 0
    while let node = firstNode(from: start, withRoomFor: pages) {
      if let frame = take(pages, from: nodes.base + node) {
        resumes[slot] = Resume(build: build, pages: pages, scope: -1, place: node)
        return frame
      }
      noteNoRoom(on: node)
      start = node + 1
    }
    return nil
  }

  @inline(__always)
  private mutating func take(_ pages: UInt64, from node: UnsafeMutablePointer<Node>) -> UInt64? {
    if pages <= node.pointee.longest, let frame = takeFromList(pages, node - nodes.base) { return frame }
    return takeAtFrontier(pages, node)
  }

  /// A node of the memory list.
  ///
  /// - Parameter last: the node that was asked last: most ask for that one again, or for the next.
  @inline(__always)
  func node(_ id: UInt32, near last: UnsafeMutablePointer<Node>) -> UnsafeMutablePointer<Node> {
    let next = last + 1
    return next < nodes.base + nodeCount && next.pointee.id == id ? next : nodes.base + index(of: id)
  }

  private func index(of node: UInt32) -> Int {
    var (low, high) = (0, nodeCount - 1)
    while low < high {
      let middle = (low + high) / 2
      if nodes[middle].id < node { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

// MARK: - The list of a node

extension FreeMemory {
  @inline(never)
  private mutating func takeFromList(_ pages: UInt64, _ node: Int) -> UInt64? {
    let slot = resumeSlot(pages, scope: node)
    let resumed = resumed(slot, pages, scope: node)
    if isIndexed { return takeByIndex(pages, node, resumed, slot) }
    var run = resumed ?? nodes[node].head
    while true {
      if isWalkedTooFar() {
        startIndex()
        return takeByIndex(pages, node, run, slot)
      }
      if let frame = take(pages, fromRun: run, of: node) {
        resumes[slot] = Resume(build: build, pages: pages, scope: node, place: run)
        return frame
      }
      guard runs[run].next >= 0 else { break }
      run = runs[run].next
    }
    // The last run of the list: the next search of this size looks at it once more, and at nothing before it.
    resumes[slot] = Resume(build: build, pages: pages, scope: node, place: run)
    return nil
  }

  private mutating func takeByIndex(_ pages: UInt64, _ node: Int, _ first: Int?, _ slot: Int) -> UInt64? {
    let taken = takeByIndex(pages, node, from: first)
    let place = taken?.run ?? nodes[node].tail
    resumes[slot] = Resume(build: build, pages: pages, scope: node, place: place)
    return taken?.frame
  }

  mutating func take(_ pages: UInt64, fromRun run: Int, of node: Int) -> UInt64? {
    let (start, end) = (runs[run].start, runs[run].end)
    guard end - start >= pages else { return nil }
    switch placement {
    case .top:
      runs.base[run].end -= pages
      return end - pages
    case .bottom:
      runs.base[run].start += pages
      return start
    case .firstFit:
      let frame = firstFrame(notBelow: start, zoneStart: runs[run].zoneStart, pages: pages)
      guard frame + pages <= end else { return nil }
      split(run, of: node, at: frame, pages: pages)
      return frame
    }
  }

  /// Takes `[frame, frame + pages)` out of a run; what remains before and after it stays, if it is large enough
  /// for any request. What remains before stands where the run stood.
  private mutating func split(_ run: Int, of node: Int, at frame: UInt64, pages: UInt64) {
    var (before, after) = (runs[run], runs[run])
    before.end = frame
    after.start = frame + pages
    let keepsBefore = before.end - before.start >= minimumPages
    let keepsAfter = after.end - after.start >= minimumPages
    guard keepsBefore && keepsAfter else {
      runs[run] = keepsBefore ? before : after
      return
    }
    before.next = runCount
    runs[run] = before
    runs[runCount] = after
    if nodes[node].tail == run { nodes.base[node].tail = runCount }
    runCount += 1
  }

  // MARK: Resuming

  private mutating func resumed(_ slot: Int, _ pages: UInt64, scope: Int) -> Int? {
    let resume = resumes[slot]
    return resume.build == build && resume.pages == pages && resume.scope == scope ? resume.place : nil
  }

  private mutating func resumeSlot(_ pages: UInt64, scope: Int) -> Int {
    // Fibonacci hashing: the upper half of the product is mixed well.
    let key = (pages &+ UInt64(bitPattern: Int64(scope)) &* 0x1_0001) &* 0x9e37_79b9_7f4a_7c15
    return Int(key >> 32) & (resumes.capacity - 1)
  }
}
