/// The largest of the sizes that it was shown, up to a number of them, and their sum: a heap with the least on top.
struct LargestSizes {
  private let most: Int
  private var heap: [UInt64] = []
  private(set) var sum: UInt64 = 0

  /// - Parameter most: how many it keeps; 0 or more.
  init(most: Int) { self.most = most }

  /// - Complexity: O(log `most`).
  mutating func show(_ size: UInt64) {
    if heap.count < most {
      heap.append(size)
      sum += size
      var child = heap.count - 1
      while child > 0, heap[child] < heap[(child - 1) / 2] {
        heap.swapAt(child, (child - 1) / 2)
        child = (child - 1) / 2
      }
    } else if let least = heap.first, least < size {
      sum += size - least
      heap[0] = size
      siftDown()
    }
  }

  private mutating func siftDown() {
    var parent = 0
    while true {
      var least = parent
      for child in 2 * parent + 1...2 * parent + 2 where child < heap.count && heap[child] < heap[least] {
        least = child
      }
      guard least != parent else { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
