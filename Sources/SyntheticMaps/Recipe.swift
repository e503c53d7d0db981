import RandomNumbers
import TDXMemory

/// A named way to make a memory map, with everything that the map depends on.
///
/// Printed, it is the text that makes the same map again, in any release and on any machine.
public struct Recipe: Hashable, Sendable {
  /// As on the command line.
  public let name: String
  /// Why it exists, as a sentence.
  public let why: String
  /// What becomes of the map with the parameters that the recipe comes with.
  public let claim: Claim
  let shape: Shape
  public var parameters: RecipeParameters

  /// What `linux` with `first-fit` and the limits of the TDX module 1.5 makes of a map.
  public enum Claim: Hashable, Sendable {
    case fits, tdmrsExhausted, reservedAreasExhausted
  }

  /// The recipe of a name, with its own parameters; nil where there is none.
  public init?(named name: String) {
    guard let recipe = Self.all.first(where: { $0.name == name }) else { return nil }
    self = recipe
  }

  init(
    _ name: String,
    why: String,
    claim: Claim = .fits,
    _ shape: Shape,
    _ parameters: RecipeParameters
  ) {
    self.name = name
    self.why = why
    self.claim = claim
    self.shape = shape
    self.parameters = parameters
  }

  /// Makes the machine. Its regions are `parameters.regionCount` on exactly `parameters.nodes` nodes, and together
  /// with their holes and what firmware keeps they are `parameters.totalBytes`, less what is left over where the
  /// recipe divides them into whole cells or GiB.
  ///
  /// - Throws: which parameter makes no map, and why.
  /// - Complexity: O(n), the number of regions and of CMRs; some 10 ns each.
  public func make() throws(RecipeError) -> SyntheticMachine {
    try parameters.check()
    var random = SplitMix64(seed: parameters.seed)
    var writer = RegionWriter(capacity: parameters.regionCount)
    switch shape {
    case .server(let clusters):
      try writer.writeServer(parameters, clustersPerSocket: clusters, random: &random)
    case .unalignedBorders: try writer.writeUnalignedBorders(parameters, random: &random)
    case .sparse: try writer.writeSparse(parameters, random: &random)
    case .cxl: try writer.writeCXL(parameters, random: &random)
    case .hotPlugged: try writer.writeHotPlugged(parameters, random: &random)
    case .regular(let base): try writer.writeCut(parameters, base: base, jitter: 0, random: &random)
    case .scattered(let base): try writer.writeCut(parameters, base: base, jitter: .max, random: &random)
    case .runs(let order): try writer.writeRuns(parameters, order, random: &random)
    }
    let map = writer.finish()
    return SyntheticMachine(map: map, convertible: try parameters.convertible.regions(of: map))
  }
}

/// How the regions of a recipe lie.
enum Shape: Hashable, Sendable {
  /// Firmware's holes below 2 GiB, then a bank for each node; a socket has so many nodes.
  case server(clustersPerSocket: UInt64)
  /// The same with node borders anywhere in a GiB.
  case unalignedBorders
  /// The same with the nodes far apart, up to 2^46.
  case sparse
  /// Half of the nodes are CXL memory behind the DRAM; a quarter of the DRAM is movable.
  case cxl
  /// Half of the memory came after boot, bank by bank.
  case hotPlugged
  /// One region after the other from `base` on, all alike.
  case regular(base: UInt64)
  /// One region after the other from `base` on, their starts at random.
  case scattered(base: UInt64)
  /// Long regions among short ones, touching or not.
  case runs(RunOrder)
}
