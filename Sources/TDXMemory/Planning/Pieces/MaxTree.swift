/// Numbers in a row that change, and the question which is the first of them that is great enough.
///
/// A tree over them, in an array: each inner place has the greater of its two children, the root at 1. Neither a change
/// nor an answer looks at more than a path up and down.
struct MaxTree: ~Copyable {
  private var values = Scratch<UInt64>()
  /// Where the numbers start in the array, a power of two: there is room for as many.
  private var leaves = 1
  private(set) var count = 0

  init() {}

  /// Begins anew.
  ///
  /// - Complexity: O(count).
  mutating func fill(_ count: Int, _ value: (Int) -> UInt64) {
    self.count = count
    leaves = 1
    while leaves < count { leaves &<<= 1 }
    values.reserve(2 * leaves)
    for index in 0..<leaves { values[leaves + index] = index < count ? value(index) : 0 }
    for place in stride(from: leaves - 1, to: 0, by: -1) {
      values[place] = max(values[2 * place], values[2 * place + 1])
    }
  }

  /// - Complexity: O(log count).
  func set(_ index: Int, to value: UInt64) {
    var place = leaves + index
    values[place] = value
    while place > 1 {
      place /= 2
      let greater = max(values[2 * place], values[2 * place + 1])
      if values[place] == greater { return }
      values[place] = greater
    }
  }

  /// The first number from `start` on that is `least` or greater; nil where none is.
  ///
  /// - Parameter least: not 0.
  /// - Complexity: O(log count).
  func first(from start: Int, atLeast least: UInt64) -> Int? {
    guard start < count else { return nil }
    var place = leaves + start
    while values[place] < least {
      // Up as long as nothing is to the right, then to the right.
      while place & 1 == 1 { place /= 2 }
      guard place > 0 else { return nil }
      place += 1
    }
    while place < leaves {
      place *= 2
      if values[place] < least { place += 1 }
    }
    return place - leaves
  }
}
