extension FreeMemory {
  /// Takes `pages` contiguous page frames, on `node` if it has them, else on the first of the others that has.
  ///
  /// - Parameter pages: at least 1, and not less than the minimum that `start` was told.
  /// - Returns: the first page frame; nil where no node has room.
  /// - Complexity: the searches for one size look at each run of a node once.
  mutating func take(_ pages: UInt64, node id: UInt32, _ memory: TDXMemoryList) -> UInt64? {
    if let node = index(of: id), let frame = take(pages, from: node, memory) { return frame }
    // The preferred node is tried again among all of them, in vain: it has no room.
    let slot = resumeSlot(pages, scope: -1)
    for node in (resumed(slot, pages, scope: -1) ?? 0)..<nodeCount {
      if let frame = take(pages, from: node, memory) {
        resumes[slot] = Resume(build: build, pages: pages, scope: -1, place: node)
        return frame
      }
    }
    return nil
  }

  private mutating func take(_ pages: UInt64, from node: Int, _ memory: TDXMemoryList) -> UInt64? {
    let slot = resumeSlot(pages, scope: node)
    var previous = -1
    var run = resumed(slot, pages, scope: node) ?? nodes[node].head
    while true {
      if run < 0 {
        guard let next = listNextRun(of: node, memory) else { break }
        run = next
      }
      if let frame = take(pages, fromRun: run, of: node) {
        resumes[slot] = Resume(build: build, pages: pages, scope: node, place: run)
        return frame
      }
      previous = run
      run = runs[run].next
    }
    // The last run of the list: the next search of this size looks at it once more, and at nothing before it.
    if previous >= 0 { resumes[slot] = Resume(build: build, pages: pages, scope: node, place: previous) }
    return nil
  }

  private mutating func take(_ pages: UInt64, fromRun run: Int, of node: Int) -> UInt64? {
    guard runs[run].end - runs[run].start >= pages else { return nil }
    switch placement {
    case .top:
      runs.base[run].end -= pages
      return runs[run].end
    case .bottom:
      defer { runs.base[run].start += pages }
      return runs[run].start
    case .firstFit:
      guard let frame = frame(in: runs[run], pages: pages) else { return nil }
      split(run, of: node, at: frame, pages: pages)
      return frame
    }
  }

  private func index(of node: UInt32) -> Int? {
    var (low, high) = (0, nodeCount)
    while low < high {
      let middle = (low + high) / 2
      if nodes[middle].id < node { low = middle + 1 } else { high = middle }
    }
    return low < nodeCount && nodes[low].id == node ? low : nil
  }

  // MARK: Resuming

  private func resumed(_ slot: Int, _ pages: UInt64, scope: Int) -> Int? {
    let resume = resumes[slot]
    return resume.build == build && resume.pages == pages && resume.scope == scope ? resume.place : nil
  }

  private func resumeSlot(_ pages: UInt64, scope: Int) -> Int {
    // Fibonacci hashing: the upper half of the product is mixed well.
    let key = (pages &+ UInt64(bitPattern: Int64(scope)) &* 0x1_0001) &* 0x9e37_79b9_7f4a_7c15
    return Int(key >> 32) & (resumes.capacity - 1)
  }
}

// MARK: - First fit

extension FreeMemory {
  /// The scan of `alloc_contig_pages` in one run: of the frames p, p + n, p + 2n, … from the zone's start rounded
  /// up, the first from which n pages lie in the run.
  private func frame(in run: Run, pages: UInt64) -> UInt64? {
    // Frames and page counts are below 2^52: no sum of them wraps.
    var frame = alignedAsTheKernelDoes(run.zoneStart, to: pages)
    if frame < run.start { frame += (run.start - frame + pages - 1) / pages * pages }
    return frame + pages <= run.end ? frame : nil
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
}

/// The kernel's `ALIGN(frame, pages)`: a rounding up only for powers of two, and used for any number.
private func alignedAsTheKernelDoes(_ frame: UInt64, to pages: UInt64) -> UInt64 {
  (frame + pages - 1) & ~(pages - 1)
}
