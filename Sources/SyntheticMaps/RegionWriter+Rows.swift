import RandomNumbers
import TDXMemory

/// Rows of regions from one end of the memory to the other, without firmware.
extension RegionWriter {
  mutating func writeCut(
    _ parameters: RecipeParameters,
    base: UInt64,
    jitter: UInt64,
    random: inout SplitMix64
  ) throws(RecipeError) {
    try Cut(
      range: try row(parameters, base: base),
      count: parameters.regionCount,
      holes: parameters.holeBytes,
      alignment: parameters.alignment,
      jitter: jitter,
      nodes: .runs(of: parameters.nodes)
    ).write(to: &self, random: &random)
  }

  /// Half of the regions short, half of them long, and a hole behind every other one: always the same amount of work
  /// for a planner, in an order that branch prediction learns or does not.
  mutating func writeRuns(
    _ parameters: RecipeParameters,
    _ order: RunOrder,
    random: inout SplitMix64
  ) throws(RecipeError) {
    let row = try row(parameters, base: 4 * gib)
    let count = parameters.regionCount
    // At most 2^53 and one alignment: room for a hole and as much memory.
    let shortest = 2 * parameters.holeBytes.upperBound + pageSize
    let short = shortest.roundedUp(to: parameters.alignment) ?? .max
    let shorts = (count - count / 2).multipliedSaturated(by: short)
    let left = row.size > shorts ? row.size - shorts : 0
    let long = count < 2 ? short : (left / (count / 2)).roundedDown(to: parameters.alignment)
    guard long >= short, shorts <= row.size else {
      throw RecipeError(
        .regions,
        """
        \(count) regions, half of them \(ByteCount(short)) with their holes and the others longer, do not fit \
        into \(ByteCount(row.size))
        """
      )
    }
    var isLong = Halves(order, count: count, slowest: 2)
    var hasHole = Halves(order, count: count, slowest: 4)
    var node = NodeCounter(.runs(of: parameters.nodes), count: count)
    var start = row.start
    for index in 0..<count {
      let next = start + (isLong.next(index, &random) ? long : short)
      let hole = random.pages(in: parameters.holeBytes)
      append(start, hasHole.next(index, &random) ? next - hole : next, node: node.next())
      start = next
    }
  }

  private func row(_ parameters: RecipeParameters, base: UInt64) throws(RecipeError) -> AddressRange {
    guard parameters.nodes <= parameters.regionCount else {
      throw RecipeError(
        .nodes,
        "\(parameters.nodes) nodes need a region each, and there are \(parameters.regionCount)"
      )
    }
    // Both are at most 2^52.
    let start = (base + parameters.alignment - 1).roundedDown(to: parameters.alignment)
    guard parameters.totalBytes <= RecipeParameters.maxAddress - min(start, RecipeParameters.maxAddress)
    else {
      throw RecipeError(
        .size,
        "\(ByteCount(parameters.totalBytes)) from \(hex(start)) on end above 2^\(maxAddressBits)"
      )
    }
    return AddressRange(unchecked: start, start + parameters.totalBytes)
  }
}

/// In which order a property comes that half of the regions have.
enum RunOrder: Hashable, Sendable {
  /// First all without it, then all with it; or so twice.
  case long
  /// In turn.
  case short
  /// At random.
  case unpredictable
}

/// Decides for region after region whether it has a property that half of them have, rounded down.
struct Halves {
  private let order: RunOrder
  private let count: UInt64
  private let slowest: UInt64
  private var with: UInt64

  /// - Parameter slowest: the number of long runs; the length of a period of short ones.
  init(_ order: RunOrder, count: UInt64, slowest: UInt64) {
    self.order = order
    self.count = count
    self.slowest = slowest
    with = count / 2
  }

  /// - Parameter index: one after the other, from 0 on.
  mutating func next(_ index: UInt64, _ random: inout SplitMix64) -> Bool {
    switch order {
    case .long:
      // Below 2^27 * 4. Rounded up, so the half with it is the smaller one.
      return (index * slowest / count) & 1 == 1
    case .short: return index % slowest >= slowest / 2
    case .unpredictable:
      guard random.below(count - index) < with else { return false }
      with -= 1
      return true
    }
  }
}
