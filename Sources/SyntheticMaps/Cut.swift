import RandomNumbers
import TDXMemory

/// Cuts a range of memory into regions with a hole behind each.
///
/// The range is divided into cells of equal size, give or take one alignment. A region starts in its cell and ends a
/// hole before the next one starts, the last one a hole before the range ends:
///
///     cells   |        |        |        |
///     memory  [=======)  [===)   [=====)
struct Cut {
  /// Starts at a multiple of `alignment`.
  var range: AddressRange
  var count: UInt64
  var holes: ClosedRange<UInt64>
  var alignment: UInt64
  /// How far behind the start of its cell a region may start, at random; half a cell at most. The first one starts
  /// where the range does.
  var jitter: UInt64 = 0
  /// The node of each region.
  var nodes: NodeOrder
  var flags: MemoryFlags = []

  enum NodeOrder {
    /// All on one node.
    case one(UInt32)
    /// Each node has a run of neighbours, as equally long as can be.
    case runs(of: UInt64)
    /// Neighbours are on different nodes.
    case inTurn(UInt64)
  }

  /// - Parameter start: where the first region starts, if before the range.
  /// - Throws: where the cells have no room for the holes.
  func write(
    to writer: inout RegionWriter,
    from start: UInt64? = nil,
    random: inout SplitMix64
  ) throws(RecipeError) {
    let units = range.size / alignment
    let (least, rest) = units.quotientAndRemainder(dividingBy: count)
    let jitter = min(jitter / alignment, least / 2)
    guard least > 0 else {
      throw RecipeError(
        .regions,
        "\(count) regions in \(ByteCount(range.size)) cannot all start at multiples of \(ByteCount(alignment))"
      )
    }
    // At most 2^52, as the range.
    guard (least - jitter) * alignment > holes.upperBound else {
      throw RecipeError(
        .holes,
        """
        \(count) regions in \(ByteCount(range.size)) start as little as \(ByteCount((least - jitter) * alignment)) \
        apart, so holes of up to \(ByteCount(holes.upperBound)) leave no memory between them
        """
      )
    }
    var start = start ?? range.start
    var cell = range.start
    var carried: UInt64 = 0
    var node = NodeCounter(nodes, count: count)
    for index in 1...count {
      carried += rest
      cell += least * alignment
      if carried >= count {
        carried -= count
        cell += alignment
      }
      let next = index == count ? range.end : cell + alignment * random.below(jitter + 1)
      writer.append(start, next - random.pages(in: holes), node: node.next(), flags: flags)
      start = next
    }
  }
}

/// Hands out the nodes of region after region.
struct NodeCounter {
  private var node: UInt64 = 0
  private var carried: UInt64 = 0
  private let step: UInt64
  private let count: UInt64
  private let nodes: UInt64

  init(_ order: Cut.NodeOrder, count: UInt64) {
    self.count = count
    switch order {
    case .one(let only):
      (node, nodes, step) = (UInt64(only), UInt64(only) + 1, 0)
    case .runs(let nodes): (self.nodes, step) = (nodes, nodes)
    case .inTurn(let nodes): (self.nodes, step) = (nodes, count)
    }
  }

  mutating func next() -> UInt32 {
    let current = node
    carried += step
    while carried >= count {
      carried -= count
      node = node + 1 == nodes ? 0 : node + 1
    }
    return UInt32(current)
  }
}
