import TDXMemory

/// What a recipe makes.
public struct SyntheticMachine: Sendable, Equatable {
  public var map: MemoryMap
  /// The CMRs: ascending, disjoint, page-aligned, none below 1 MiB; nil where the recipe says `cmrs=none`.
  public var convertible: [AddressRange]?

  public init(map: MemoryMap, convertible: [AddressRange]?) {
    self.map = map
    self.convertible = convertible
  }
}
