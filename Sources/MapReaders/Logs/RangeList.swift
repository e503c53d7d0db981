import TDXMemory

/// A range as some line gave it.
struct ListedRange: Hashable {
  var range: AddressRange
  /// Nil where the line does not say.
  var node: UInt32?
  var flags: MemoryFlags = []
  /// The number of the line; 0 where the source has no lines.
  var line = 0

  /// Whether two lines say the same.
  func saysTheSame(as other: ListedRange) -> Bool {
    range == other.range && node == other.node && flags == other.flags
  }
}

/// The memory ranges of one source, in the order of the input.
struct RangeList {
  private(set) var entries: [ListedRange] = []
  var isEmpty: Bool { entries.isEmpty }

  /// Makes room for so many entries.
  mutating func reserve(_ count: Int) { entries.reserveCapacity(count) }

  mutating func restart() { entries.removeAll(keepingCapacity: true) }

  /// - Complexity: amortized O(1). Room grows fourfold, for copies of what is there take a tenth of the time that a long
  ///   list takes to read.
  @inline(__always)
  mutating func append(_ entry: ListedRange) {
    if entries.count == entries.capacity { entries.reserveCapacity(max(16, 4 * entries.count)) }
    entries.append(entry)
  }

  /// Adds an entry of a list that logs print without a mark where it begins: the list begins anew where its
  /// first entry comes again, and a line that is printed twice in a row counts once.
  @inline(__always)
  mutating func appendPrinted(_ entry: ListedRange) {
    if let last = entries.last, last.saysTheSame(as: entry) { return }
    if let first = entries.first, first.saysTheSame(as: entry) { restart() }
    append(entry)
  }

  func saysTheSame(as other: RangeList) -> Bool {
    entries.count == other.entries.count
      && zip(entries, other.entries).allSatisfy { $0.saysTheSame(as: $1) }
  }
}
