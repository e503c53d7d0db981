/// Why ranges do not make a memory map.
public enum MapError: Error, Hashable, Sendable {
  /// Two ranges share a byte.
  case overlap(AddressRange, AddressRange)
  /// A region of a packed map is empty or not on page borders.
  case notWholePages(MemoryRegion)
}

extension MapError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .overlap(let one, let other): "the ranges \(one) and \(other) overlap"
    case .notWholePages(let region):
      // The region is untrusted: its end may lie before its start.
      "the region [\(hex(region.start)), \(hex(region.end))) is empty or not on 4 KiB borders"
    }
  }
}
