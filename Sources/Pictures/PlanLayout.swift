import TDXMemory

/// A plan as a picture needs it, copied from the bytes of its planner.
public struct PlanLayout: Sendable {
  public struct Area: Sendable {
    public var range: AddressRange
    /// Whether it keeps the module off a PAMT; else it is a hole.
    public var isPAMT: Bool
    /// Whether the module has no room for it.
    public var isTooMany = false
  }

  public struct TDMR: Sendable {
    public var range: AddressRange
    public var node: UInt32
    /// By address.
    public var areas: [Area]
    /// Of all levels; those without bytes are missing.
    public var pamts: [AddressRange]
    /// Whether the module takes no so many TDMRs.
    public var isTooMany = false
  }

  public var tdmrs: [TDMR]

  init(tdmrs: [TDMR]) { self.tdmrs = tdmrs }

  public init(_ plan: Plan) {
    let pamts = plan.tdmrs.flatMap { Self.pamts(of: $0) }.sorted { $0.start < $1.start }
    tdmrs = zip(plan.tdmrs, plan.nodes).map { tdmr, node in
      let areas = (0..<tdmr.usedReservedSlots).map { slot in
        let (offset, size) = tdmr.reserved(slot)
        let range = AddressRange(unchecked: tdmr.base + offset, tdmr.base + offset + size)
        return Area(range: range, isPAMT: Self.starts(pamts, at: range.start))
      }
      return TDMR(
        range: AddressRange(unchecked: tdmr.base, tdmr.base + tdmr.size),
        node: node,
        areas: areas,
        pamts: Self.pamts(of: tdmr)
      )
    }
  }

  private static func pamts(of tdmr: TDMRInfo) -> [AddressRange] {
    PAMTLevel.allCases.map {
      AddressRange(unchecked: tdmr.pamt($0).base, tdmr.pamt($0).base + tdmr.pamt($0).size)
    }.filter { !$0.isEmpty }.sorted { $0.start < $1.start }
  }

  private static func starts(_ ranges: [AddressRange], at address: UInt64) -> Bool {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].start < address { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].start == address
  }

  /// Marks what a module with these limits has no room for: of a TDMR the areas that Linux comes to last, holes by
  /// address, then PAMTs (`tdmr_populate_rsvd_areas`).
  mutating func mark(beyond limits: ModuleLimits) {
    let allowed = Int(clamping: limits.maxReserved)
    for index in tdmrs.indices {
      tdmrs[index].isTooMany = index >= Int(clamping: limits.maxTDMRs)
      let holes = tdmrs[index].areas.indices.filter { !tdmrs[index].areas[$0].isPAMT }
      let pamts = tdmrs[index].areas.indices.filter { tdmrs[index].areas[$0].isPAMT }
      for area in (holes + pamts).dropFirst(allowed) { tdmrs[index].areas[area].isTooMany = true }
    }
  }
}
