extension FreeMemory {
  /// Takes `pages` contiguous page frames, on `node` if it has them, else on the first of the others that has.
  ///
  /// - Parameter pages: at least 1, and not less than the minimum that `build` was told.
  /// - Returns: the first page frame; nil where no node has room.
  /// - Complexity: O(log regions) for `top` and `bottom`. For `firstFit` the searches for one size look at each
  ///   run of a node once.
  mutating func take(_ pages: UInt64, node: UInt32) -> UInt64? {
    // Searching the preferred node again among all of them changes nothing: it has no room.
    arenas(of: node).flatMap { take(pages, arenas: $0) }
      ?? take(pages, arenas: ArenaRange(first: 0, end: arenaCount))
  }

  private mutating func take(_ pages: UInt64, arenas: ArenaRange) -> UInt64? {
    switch placement {
    case .top: takeEnd(pages, arenas)
    case .bottom: takeStart(pages, arenas)
    case .firstFit: takeFirstFit(pages, arenas)
    }
  }

  private func arenas(of node: UInt32) -> ArenaRange? {
    var (low, high) = (0, nodeCount)
    while low < high {
      let middle = (low + high) / 2
      if nodes[middle].node < node { low = middle + 1 } else { high = middle }
    }
    return low < nodeCount && nodes[low].node == node ? nodes[low].arenas : nil
  }

  private func takeEnd(_ pages: UInt64, _ arenas: ArenaRange) -> UInt64? {
    guard let arena = room.first(from: arenas.first, to: arenas.end, atLeast: pages) else { return nil }
    runs.base[arena].end -= pages
    room.lower(arena, to: runs[arena].end - runs[arena].start)
    return runs[arena].end
  }

  private func takeStart(_ pages: UInt64, _ arenas: ArenaRange) -> UInt64? {
    guard let arena = room.first(from: arenas.first, to: arenas.end, atLeast: pages) else { return nil }
    defer {
      runs.base[arena].start += pages
      room.lower(arena, to: runs[arena].end - runs[arena].start)
    }
    return runs[arena].start
  }
}

// MARK: - First fit

extension FreeMemory {
  /// The scan of `alloc_contig_pages`: in each zone the frames p, p + n, p + 2n, … from the zone's start rounded
  /// up, as far as n pages from there lie in free memory. The first hit wins.
  private mutating func takeFirstFit(_ pages: UInt64, _ arenas: ArenaRange) -> UInt64? {
    let slot = resumeSlot(pages, arenas)
    var (arena, run) = (arenas.first, -1)
    let resume = resumes[slot]
    if resume.build == build, resume.pages == pages, resume.arenas == arenas {
      (arena, run) = (resume.arena, resume.run)
    }
    while let candidate = room.first(from: arena, to: arenas.end, atLeast: pages) {
      // A resumed search starts in the middle of its arena, any other at the arena's first run.
      if candidate != arena || run < 0 { run = candidate }
      arena = candidate
      let firstFrame = alignedAsTheKernelDoes(zoneStarts[arena], to: pages)
      while run >= 0 {
        if let frame = frame(in: runs[run], pages: pages, firstFrame: firstFrame) {
          split(run, of: arena, at: frame, pages: pages)
          resumes[slot] = Resume(build: build, arenas: arenas, pages: pages, arena: arena, run: run)
          return frame
        }
        run = runs[run].next
      }
      arena += 1
    }
    resumes[slot] = Resume(build: build, arenas: arenas, pages: pages, arena: arenas.end, run: -1)
    return nil
  }

  /// The first frame of `firstFrame`, + pages, + 2 x pages, … from which `pages` frames lie in the run.
  private func frame(in run: Run, pages: UInt64, firstFrame: UInt64) -> UInt64? {
    // Frames and page counts are below 2^52: no sum of them wraps.
    var frame = firstFrame
    if frame < run.start { frame += (run.start - frame + pages - 1) / pages * pages }
    return frame + pages <= run.end ? frame : nil
  }

  /// Takes `[frame, frame + pages)` out of a run; what remains before and after it stays, if it is large enough
  /// for any request. What remains before stands where the run stood.
  private mutating func split(_ run: Int, of arena: Int, at frame: UInt64, pages: UInt64) {
    let before = Run(start: runs[run].start, end: frame, next: runs[run].next)
    let after = Run(start: frame + pages, end: runs[run].end, next: runs[run].next)
    let keepsBefore = before.end - before.start >= minimumPages
    let keepsAfter = after.end - after.start >= minimumPages
    if keepsBefore && keepsAfter {
      runs[runCount] = after
      runs[run] = before
      runs.base[run].next = runCount
      runCount += 1
    } else {
      runs[run] = keepsBefore ? before : after
    }
    if run == arena, runs[run].next < 0 { room.lower(arena, to: runs[run].end - runs[run].start) }
  }

  private func resumeSlot(_ pages: UInt64, _ arenas: ArenaRange) -> Int {
    let key = pages &+ UInt64(arenas.first) &* 3 &+ UInt64(arenas.end) &* 5
    return Int((key &* 0x9e37_79b9_7f4a_7c15) >> 56)  // Fibonacci hashing: the top 8 bits, 256 slots.
  }
}

/// The kernel's `ALIGN(frame, pages)`: a rounding up only for powers of two, and used for any number.
private func alignedAsTheKernelDoes(_ frame: UInt64, to pages: UInt64) -> UInt64 {
  (frame + pages - 1) & ~(pages - 1)
}
