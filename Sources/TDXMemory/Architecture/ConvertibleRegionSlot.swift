/// A slot of the CMR table, as the BIOS hands it to the TDX module: convertible memory at `base`, of `size` bytes.
/// A slot of size 0 is unused, wherever it stands.
public struct ConvertibleRegionSlot: Hashable, Sendable, BitwiseCopyable {
  public var base: UInt64
  public var size: UInt64

  public init(base: UInt64, size: UInt64) {
    self.base = base
    self.size = size
  }
}
