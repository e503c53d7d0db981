// Regions ascend, so that most of them need not be looked at: what lies between two that agree is known.

extension TDXMemoryList {
  /// The first region from `first` on that ends after `address`; `count` where there is none.
  ///
  /// - Parameters:
  ///   - first: every region before it ends at `address` or below. At least 1.
  ///   - distance: how many regions from `first` on it may be. Where that is right, two regions are read: maps are
  ///     regular over long stretches.
  /// - Complexity: O(log of the regions passed over).
  @inline(__always)
  func firstIndex(endingAfter address: UInt64, from first: Int, near distance: Int) -> Int {
    let guess = first &+ distance
    if guess < count, regions[guess].end > address, regions[guess &- 1].end <= address { return guess }
    return firstIndex(endingAfter: address, from: first)
  }

  /// The same where it is one of the next few regions, in most cases, and exists.
  @inline(__always)
  func firstIndex(endingAfter address: UInt64, nearlyAt first: Int) -> Int {
    var index = first
    while index < first &+ 4 {
      if regions[index].end > address { return index }
      index &+= 1
    }
    return firstIndex(endingAfter: address, from: index)
  }

  @inline(never)
  func firstIndex(endingAfter address: UInt64, from first: Int) -> Int {
    // A few steps in order, then in steps that double, then by halves.
    var low = first
    while low < min(count, first + 8) {
      if regions[low].end > address { return low }
      low += 1
    }
    var step = 8
    while step < count - low, regions[low + step].end <= address {
      low += step + 1
      step *= 2
    }
    var high = min(count, low + step)
    while low < high {
      let middle = low + (high - low) / 2
      if regions[middle].end > address { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// The first region in `[first, end)` that is of another node; `end` where there is none.
  ///
  /// - Complexity: O(n), with one branch for eight regions.
  @inline(__always)
  func endOfNode(_ node: UInt32, from first: Int, to end: Int) -> Int {
    var index = first
    while end &- index >= 8 {
      let block = regions + index
      var differing = block[0].node ^ node
      for other in 1..<8 { differing |= block[other].node ^ node }
      guard differing == 0 else { break }
      index &+= 8
    }
    while index < end, regions[index].node == node { index &+= 1 }
    return index
  }

  /// Whether the regions in `[first, first + 8)` each start where the one before ends.
  ///
  /// - Precondition: `first` is at least 1.
  @inline(__always)
  func eightTouch(from first: Int) -> Bool {
    let block = regions + first
    var differing = block[0].start ^ block[-1].end
    for other in 1..<8 { differing |= block[other].start ^ block[other - 1].end }
    return differing == 0
  }

  /// Whether the regions in `[first, end)` are of one node and each starts where the one before ends.
  ///
  /// - Complexity: O(n), in one pass: two, the second of them in the caches, took 1.6 times as long as a sum over as
  ///   many bytes, since nothing is fetched from memory meanwhile.
  @inline(__always)
  func isRun(from first: Int, to end: Int) -> Bool {
    let node = regions[first].node
    var index = first &+ 1
    while end &- index >= 8 {
      let block = regions + index
      var differing = block[0].start ^ block[-1].end | UInt64(block[0].node ^ node)
      for other in 1..<8 {
        differing |= block[other].start ^ block[other - 1].end | UInt64(block[other].node ^ node)
      }
      guard differing == 0 else { return false }
      index &+= 8
    }
    while index < end {
      guard regions[index].start == regions[index &- 1].end, regions[index].node == node else { return false }
      index &+= 1
    }
    return true
  }
}
