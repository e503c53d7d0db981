/// The sizes of a row of things, with the maxima of every 16 of them, of every 256, and so on: finds the first
/// one that is large enough without looking at those that are not.
///
/// A segment tree with 16 children: a row of up to 16 is simply scanned, which is what real machines have.
struct Pyramid: ~Copyable {
  private static let fanOutBits = 4
  private static let fanOut = 1 << fanOutBits

  private var sizes = Scratch<UInt64>()
  /// Where each level starts in `sizes`; level 0 is the row itself. 16^16 things are more than a machine has.
  private var levelStart = [16 of Int](repeating: 0)
  private var levels = 0
  private var count = 0

  init() {}

  mutating func reserve(_ count: Int) { sizes.reserve(count + count / (Self.fanOut - 1) + 16) }

  /// Sets the size at the bottom level, before `build`.
  func set(_ index: Int, to size: UInt64) { sizes[index] = size }

  /// Computes the maxima over the first `count` sizes, in O(count).
  mutating func build(count: Int) {
    levels = 1
    levelStart[0] = 0
    var (below, end) = (count, count)
    while below > Self.fanOut {
      let width = (below + Self.fanOut - 1) >> Self.fanOutBits
      levelStart[levels] = end
      for index in 0..<width { sizes[end + index] = largestChild(level: levels, index, width: below) }
      (below, end) = (width, end + width)
      levels += 1
    }
    self.count = count
  }

  subscript(index: Int) -> UInt64 { sizes[index] }

  /// Lowers the size at `index` and the maxima over it, in O(log n).
  func lower(_ index: Int, to size: UInt64) {
    sizes[index] = size
    var (index, width) = (index, count)
    for level in 1..<max(levels, 1) {
      index >>= Self.fanOutBits
      let largest = largestChild(level: level, index, width: width)
      guard sizes[levelStart[level] + index] != largest else { return }
      sizes[levelStart[level] + index] = largest
      width = (width + Self.fanOut - 1) >> Self.fanOutBits
    }
  }

  /// The first index in `[start, end)` whose size is at least `size`, in O(log n).
  func first(from start: Int, to end: Int, atLeast size: UInt64) -> Int? {
    var index = start
    while index < end {
      if sizes[index] >= size { return index }
      // Step over the largest block that starts here and holds nothing large enough.
      var level = 0
      while level + 1 < levels,
        index & ((1 << ((level + 1) * Self.fanOutBits)) - 1) == 0,
        sizes[levelStart[level + 1] + (index >> ((level + 1) * Self.fanOutBits))] < size
      {
        level += 1
      }
      index += 1 << (level * Self.fanOutBits)
    }
    return nil
  }

  /// The largest of the (up to 16) sizes under `index` of `level`, of which the level below has `width`.
  private func largestChild(level: Int, _ index: Int, width: Int) -> UInt64 {
    let start = index << Self.fanOutBits
    var largest: UInt64 = 0
    for child in start..<min(start + Self.fanOut, width) {
      largest = max(largest, sizes[levelStart[level - 1] + child])
    }
    return largest
  }
}
