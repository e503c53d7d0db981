import TDXMemory

/// What can be changed in a recipe. Any value may be put in; `Recipe.make()` says which ones make no map.
public struct RecipeParameters: Hashable, Sendable {
  /// The memory that is installed: the regions, the holes that are cut into them, and what firmware keeps.
  public var totalBytes: UInt64
  /// The regions of the map, exactly.
  public var regionCount: UInt64
  /// The sizes of the holes behind regions, in whole pages; 0: the regions touch.
  public var holeBytes: ClosedRange<UInt64>
  /// The NUMA nodes that have memory, exactly: 0, 1, 2 and so on.
  public var nodes: UInt64
  /// Every region that starts above 1 MiB starts at a multiple of it; a power of two.
  public var alignment: UInt64
  /// Where the random numbers start.
  public var seed: UInt64
  /// What the CMRs are.
  public var convertible: ConvertibleMode

  public init(
    totalBytes: UInt64,
    regionCount: UInt64,
    holeBytes: ClosedRange<UInt64>,
    nodes: UInt64 = 1,
    alignment: UInt64 = 4096,
    seed: UInt64 = 1,
    convertible: ConvertibleMode = .exact
  ) {
    self.totalBytes = totalBytes
    self.regionCount = regionCount
    self.holeBytes = holeBytes
    self.nodes = nodes
    self.alignment = alignment
    self.seed = seed
    self.convertible = convertible
  }
}

extension RecipeParameters {
  /// The most regions, and the most CMRs, of a synthetic map: 2.4 GB of regions.
  public static let maxCount: UInt64 = 100_000_000
  /// Linux has at most 2^10 nodes on x86 (`NODES_SHIFT`).
  public static let maxNodes: UInt64 = 1 << 10
  /// No address may be above it.
  public static let maxAddress: UInt64 = 1 << UInt64(maxAddressBits)

  /// What every recipe needs; behind it no sum of two sizes wraps.
  func check() throws(RecipeError) {
    guard totalBytes <= Self.maxAddress else {
      throw RecipeError(.size, "more than 2^\(maxAddressBits) bytes, which no address reaches")
    }
    guard totalBytes > 0, totalBytes.isMultiple(ofPowerOfTwo: pageSize) else {
      throw RecipeError(.size, "\(totalBytes) bytes are not one or more whole 4 KiB pages")
    }
    guard (1...Self.maxCount).contains(regionCount) else {
      throw RecipeError(.regions, "\(regionCount) is not 1 to \(Self.maxCount)")
    }
    guard (1...Self.maxNodes).contains(nodes) else {
      throw RecipeError(.nodes, "\(nodes) is not 1 to \(Self.maxNodes), the most that Linux has")
    }
    guard alignment.nonzeroBitCount == 1, (pageSize...Self.maxAddress).contains(alignment) else {
      throw RecipeError(.alignment, "\(alignment) bytes are not a power of two from 4 KiB to 4 PiB")
    }
    guard holeBytes.upperBound <= Self.maxAddress else {
      throw RecipeError(.holes, "more than 2^\(maxAddressBits) bytes, which no address reaches")
    }
    guard (holeBytes.lowerBound | holeBytes.upperBound).isMultiple(ofPowerOfTwo: pageSize) else {
      throw RecipeError(.holes, "\(holeBytes) bytes are not whole 4 KiB pages")
    }
    try convertible.check()
  }
}
