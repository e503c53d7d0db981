/// What is given up of a machine, and the map of what is left.
public struct GivenUpMemory: Sendable {
  /// By address.
  public let ranges: [AddressRange]
  public let map: MemoryMap

  /// In bytes.
  public var size: UInt64 { ranges.reduce(0) { $0 + $1.size } }
}

extension OptimalPlanner {
  /// Finds the least memory, in bytes, without which the machine has a plan.
  ///
  /// - Parameters: as in `plan`; the machine has no plan for want of reserved areas or TDMRs.
  /// - Returns: nil where nothing that is given up helps, or the machine is too large for the search.
  /// - Complexity: O(cells^2 x TDMRs), a cell being a GiB border or two at each region. Allocates.
  public static func leastToGiveUp(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    convertible: UnsafeBufferPointer<AddressRange>,
    options: PlanOptions
  ) -> GivenUpMemory? {
    var limits = options.limits
    // Where no area is left for PAMTs, a TDMR needs one more: found by trying with one fewer.
    for spare in 0...1 as ClosedRange<UInt64> {
      guard limits.maxReserved >= spare else { return nil }
      limits.maxReserved -= spare
      guard let sacrifice = try? Sacrifice(map, convertible, limits), let ranges = sacrifice.least(),
        let rest = try? MemoryMap(map.removing(ranges))
      else { return nil }
      let fits = rest.withRegions {
        OptimalPlanner().plan($0, convertible: convertible, options: options).failure == nil
      }
      if fits { return GivenUpMemory(ranges: ranges, map: rest) }
    }
    return nil
  }
}

extension UnsafeBufferPointer where Element == MemoryRegion {
  /// The regions without some ranges, which ascend and are disjoint.
  public func removing(_ ranges: [AddressRange]) -> [MemoryRegion] {
    var rest: [MemoryRegion] = []
    var next = 0
    for region in self {
      var start = region.start
      while next < ranges.count, ranges[next].end <= start { next += 1 }
      var index = next
      while index < ranges.count, ranges[index].start < region.end {
        if start < ranges[index].start {
          rest.append(
            MemoryRegion(start: start, end: ranges[index].start, node: region.node, flags: region.flags)
          )
        }
        start = Swift.max(start, Swift.min(ranges[index].end, region.end))
        index += 1
      }
      if start < region.end {
        rest.append(MemoryRegion(start: start, end: region.end, node: region.node, flags: region.flags))
      }
    }
    return rest
  }
}
