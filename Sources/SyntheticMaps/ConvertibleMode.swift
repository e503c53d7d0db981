import TDXMemory

/// What the CMRs of a synthetic machine are. In every mode but `none` they hold all memory above 1 MiB.
public enum ConvertibleMode: Hashable, Sendable {
  /// Not known, as on mainline Linux, which does not print them.
  case none
  /// A CMR for each region; regions that touch share one.
  case exact
  /// The same, and holes of at most so many bytes are convertible too: firmware's tables lie in CMRs on real hosts.
  case merged(over: UInt64)
  /// As `exact`, and cut into pieces of at most so many bytes, which touch.
  case split(at: UInt64)

  func check() throws(RecipeError) {
    if case .split(let piece) = self, piece == 0 || !piece.isMultiple(ofPowerOfTwo: pageSize) {
      throw RecipeError(.cmrs, "pieces of \(piece) bytes are not one or more whole 4 KiB pages")
    }
  }

  /// The CMRs of a map; nil for `none`.
  ///
  /// - Throws: where they are more than `RecipeParameters.maxCount`.
  /// - Complexity: O(n), the number of regions and of CMRs.
  func regions(of map: MemoryMap) throws(RecipeError) -> [AddressRange]? {
    switch self {
    case .none: return nil
    case .exact: return join(map, over: 0)
    case .merged(let hole): return join(map, over: hole)
    case .split(let piece): return try cut(join(map, over: 0), at: piece)
    }
  }
}

/// The memory above 1 MiB, with the holes of at most `hole` bytes.
private func join(_ map: MemoryMap, over hole: UInt64) -> [AddressRange] {
  map.withRegions { regions in
    var merged: [AddressRange] = []
    var start: UInt64 = 0
    var end: UInt64 = 0
    for region in regions where region.end > lowMemoryEnd {
      let regionStart = max(region.start, lowMemoryEnd)
      if end == 0 {
        start = regionStart
      } else if regionStart - end > hole {
        merged.append(AddressRange(unchecked: start, end))
        start = regionStart
      }
      end = region.end
    }
    if end > 0 { merged.append(AddressRange(unchecked: start, end)) }
    return merged
  }
}

private func cut(_ ranges: [AddressRange], at piece: UInt64) throws(RecipeError) -> [AddressRange] {
  let count = ranges.reduce(UInt64(0)) { $0 + ($1.size - 1) / piece + 1 }
  guard count <= RecipeParameters.maxCount else {
    throw RecipeError(
      .cmrs,
      "pieces of \(ByteCount(piece)) are \(count) CMRs, more than \(RecipeParameters.maxCount)"
    )
  }
  var pieces: [AddressRange] = []
  pieces.reserveCapacity(Int(count))
  for range in ranges {
    var start = range.start
    while range.end - start > piece {
      pieces.append(AddressRange(unchecked: start, start + piece))
      start += piece
    }
    pieces.append(AddressRange(unchecked: start, range.end))
  }
  return pieces
}
