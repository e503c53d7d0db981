import TDXMemory

/// Many edits of a long e820 table at once, in O(n log n): a tree over the pieces that the borders of all entries and edits
/// cut addresses into. An edit is put at the few places of the tree that cover its range, as what it makes of each type.
///
/// Linux has room for 3200 entries, and no kernel prints a thousand edits: this is for logs that are not what they seem.
struct E820Edits {
  /// What becomes of each of 16 types, a hexadecimal digit each.
  private struct Change: BitwiseCopyable {
    private var digits: UInt64

    static let none = Change(digits: 0xfedc_ba98_7654_3210)

    /// - Parameter from: nil for every type.
    init(from: Int?, to: Int) {
      digits = Self.none.digits
      for type in 0..<E820Edits.mostTypes where from == nil || from == type { set(type, to) }
    }

    private init(digits: UInt64) { self.digits = digits }

    private mutating func set(_ type: Int, _ new: Int) {
      digits = digits & ~(0xf &<< UInt64(4 * type)) | UInt64(new) &<< UInt64(4 * type)
    }

    subscript(type: Int) -> Int { Int(digits &>> UInt64(4 * type) & 0xf) }

    /// This one, and then another.
    func followed(by later: Change) -> Change {
      var both = Change(digits: 0)
      for type in 0..<E820Edits.mostTypes { both.digits |= UInt64(later[self[type]]) &<< UInt64(4 * type) }
      return both
    }

    var changesNothing: Bool { digits == Self.none.digits }
  }

  private static let mostTypes = 16
  /// Types by their numbers in changes; 0 is what no entry has.
  private var types: [E820Type: Int] = [:]
  private let borders: [UInt64]
  private let leaves: Int
  private var changes: [Change]

  /// - Parameter ranges: of all entries and edits.
  init(of ranges: some Sequence<AddressRange>) {
    borders = sortedBorders(of: ranges)
    var leaves = 1
    while leaves < borders.count { leaves *= 2 }
    self.leaves = leaves
    changes = Array(repeating: .none, count: 2 * leaves)
  }

  /// - Returns: nil where there are more types than any machine has.
  private mutating func number(of type: E820Type) -> Int? {
    if let number = types[type] { return number }
    guard types.count < Self.mostTypes - 1 else { return nil }
    types[type] = types.count + 1
    return types.count
  }

  private func place(of border: UInt64) -> Int {
    var (low, high) = (0, borders.count)
    while low < high {
      let middle = (low + high) / 2
      if borders[middle] < border { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Changes what a range is, after all changes before.
  ///
  /// - Parameters:
  ///   - from: nil for whatever it is, nothing too.
  ///   - to: nil for nothing.
  /// - Returns: false where there are more types than any machine has.
  mutating func change(_ range: AddressRange, from: E820Type?, to: E820Type?) -> Bool {
    guard !range.isEmpty else { return true }
    var (old, new): (Int?, Int) = (nil, 0)
    if let from {
      guard let number = number(of: from) else { return false }
      old = number
    }
    if let to {
      guard let number = number(of: to) else { return false }
      new = number
    }
    apply(Change(from: old, to: new), place(of: range.start), place(of: range.end), 1, 0, leaves)
    return true
  }

  /// - Parameters:
  ///   - first: the first piece that changes; `end` the one behind the last.
  ///   - node: a place in the tree that covers the pieces from `low` to before `high`.
  private mutating func apply(
    _ change: Change,
    _ first: Int,
    _ end: Int,
    _ node: Int,
    _ low: Int,
    _ high: Int
  ) {
    if first <= low, high <= end {
      changes[node] = changes[node].followed(by: change)
      return
    }
    pushDown(node)
    let middle = (low + high) / 2
    if first < middle { apply(change, first, end, 2 * node, low, middle) }
    if end > middle { apply(change, first, end, 2 * node + 1, middle, high) }
  }

  /// What covers two halves is brought to each, before what comes later.
  private mutating func pushDown(_ node: Int) {
    guard !changes[node].changesNothing else { return }
    for child in [2 * node, 2 * node + 1] { changes[child] = changes[child].followed(by: changes[node]) }
    changes[node] = .none
  }

  /// The pieces of a type, by address.
  mutating func ranges(of type: E820Type) -> [AddressRange] {
    guard let number = types[type] else { return [] }
    for node in 1..<leaves { pushDown(node) }
    return borders.indices.dropLast().filter { changes[leaves + $0][0] == number }.map {
      AddressRange(unchecked: borders[$0], borders[$0 + 1])
    }
  }
}
