import TDXMemory

/// What `memblock=debug` prints of memory that comes and goes, call by call: `memblock_add`, `memblock_add_node` and
/// `memblock_remove`. What is reserved is memory all the same, so `memblock_reserve` says nothing.
struct MemblockCallsReader {
  private struct Call {
    var entry: ListedRange
    var removes: Bool
  }

  private var calls: [Call] = []
  /// What the last line said beside its numbers.
  private var last = Call(entry: ListedRange(range: AddressRange(unchecked: 0, 0)), removes: false)

  var isEmpty: Bool { calls.isEmpty }

  /// `memblock_add: [0x0000000000001000-0x000000000009efff] e820__memblock_setup+0x70/0x110`, before 4.14
  /// `memblock_add: [0x00000000001000-0x0000000009efff] flags 0x0 memblock_x86_fill+0x4b/0x70`, and
  /// `memblock_add_node: [0x…-0x…] nid=1 flags=0 add_memory_resource+0xd0/0x2e0`. The end is inclusive.
  ///
  /// - Parameter after: starts behind `memblock_`.
  mutating func readCall(after: TextCursor, line: Int) throws(BrokenLine) -> NumberPlaces? {
    var after = after
    let removes = after.take("remove")
    guard removes || after.take("add_node") || after.take("add") else { return nil }
    guard after.take(": [") else { return nil }
    let firstPlace = after.position
    guard let first = after.takeHex(), after.take("-") else { throw Self.broken }
    let lastPlace = after.position
    guard let last = after.takeHex() else { throw Self.broken }
    guard after.take("]") else { throw BrokenLine("the range is not closed with ]") }
    let places = NumberPlaces(first: firstPlace + 2, last: lastPlace + 2)
    if last &+ 1 == first { return places }  // A call for no bytes.
    var entry = ListedRange(range: try inclusiveRange(first, last), line: line)
    if after.take(" nid="), let node = after.takeDecimal(), node < Self.noNode { entry.node = UInt32(node) }
    self.last = Call(entry: entry, removes: removes)
    calls.append(self.last)
    return places
  }

  private static let broken = BrokenLine("the range is not two 64-bit hexadecimal numbers")

  /// Reads the lines that differ from the last one in their numbers alone.
  mutating func readEntries(like shape: NumberedLineShape, from lines: inout LogLines) {
    var call = last
    while let numbers = lines.next(like: shape) {
      call.entry.range = numbers.inclusiveRange
      call.entry.line = numbers.line
      calls.append(call)
    }
  }

  /// MAX_NUMNODES of large kernels: what it is before a node is known.
  private static let noNode: UInt64 = 1024

  /// The memory that all calls together leave: ascending and disjoint.
  ///
  /// From the last call to the first, so that what is decided stays so: each takes the pieces between the bounds of all
  /// calls that no later one has decided. O(n log n) in the calls.
  func list() -> RangeList {
    if addsInOrder {
      var list = RangeList()
      list.reserve(calls.count)
      for call in calls { list.append(call.entry) }
      return list
    }
    let bounds = sortedBorders(of: calls.lazy.map(\.entry.range))
    var owner = [Int?](repeating: nil, count: bounds.count)
    var undecided = UndecidedPieces(count: bounds.count)
    for (index, call) in calls.enumerated().reversed() {
      var piece = undecided.first(from: bounds.firstIndex(notBelow: call.entry.range.start))
      while piece < bounds.count - 1, bounds[piece] < call.entry.range.end {
        owner[piece] = index
        undecided.decide(piece)
        piece = undecided.first(from: piece)
      }
    }
    var list = RangeList()
    for (piece, index) in owner.enumerated() {
      guard let index, !calls[index].removes else { continue }
      var entry = calls[index].entry
      entry.range = AddressRange(unchecked: bounds[piece], bounds[piece + 1])
      list.append(entry)
    }
    return list
  }
}

extension MemblockCallsReader {
  /// Whether all calls add, each behind the one before it: what a boot does that needs no more.
  private var addsInOrder: Bool {
    var end: UInt64 = 0
    for call in calls {
      if call.removes || call.entry.range.start < end { return false }
      end = call.entry.range.end
    }
    return true
  }
}

/// Pieces in a row that are decided one by one, in any order.
private struct UndecidedPieces {
  /// Where to look on from a decided piece; a piece that is undecided points to itself.
  private var next: [Int]

  init(count: Int) { next = Array(0...count) }

  /// The first undecided piece at or behind `piece`. Amortized O(log n): ways that are walked become shorter.
  mutating func first(from piece: Int) -> Int {
    var piece = piece
    while next[piece] != piece {
      next[piece] = next[next[piece]]
      piece = next[piece]
    }
    return piece
  }

  mutating func decide(_ piece: Int) { next[piece] = piece + 1 }
}

extension [UInt64] {
  /// The first of ascending numbers that is not below `bound`.
  fileprivate func firstIndex(notBelow bound: UInt64) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < bound { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
