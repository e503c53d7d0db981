import TDXMemory

/// A machine's memory and a plan of it, as a picture shows them.
public struct DrawnPlan: Sendable {
  public var map: MemoryMap
  /// The CMRs; nil where they are not known.
  public var convertible: [AddressRange]?
  /// The plan. Of one that broke a limit, what it would be without that limit, the surplus marked.
  public var layout: PlanLayout
  public var breach: Breach?
  public var limits: ModuleLimits
  /// What came of it, in a few words: `linux fits: 5 TDMRs, at most 4 of 16 areas in one`.
  public var caption: String

  /// - Parameters:
  ///   - plan: good until its planner is used again; it is copied here.
  ///   - verdict: the module's answer; nil where there is none.
  public init(
    _ plan: Plan,
    _ verdict: ModuleVerdict?,
    of map: MemoryMap,
    convertible: [AddressRange]?,
    options: PlanOptions
  ) {
    self.map = map
    self.convertible = convertible
    limits = options.limits
    var layout = PlanLayout(plan)
    if plan.failure != nil, options.policy != .optimal {
      layout = Self.withoutLimits(map, convertible, options)
      layout.mark(beyond: options.limits)
    }
    self.layout = layout
    breach = Breach(plan, verdict, layout, options.limits)
    if plan.failure == nil {
      let most = layout.tdmrs.map(\.areas.count).max() ?? 0
      caption =
        "\(options.policy.rawValue): \(counted(layout.tdmrs.count, "TDMR")), at most \(most) of \(limits.maxReserved) reserved areas in one, "
        + "PAMT \(ByteCount(plan.pamtBytes))"
    } else {
      caption = "\(options.policy.rawValue): fails with \(plan.outcome.rawValue)"
    }
  }

  /// With more, the entries of a plan without limits take too much memory for a picture that shows them as density.
  private static let mostRegions = 1 << 16

  /// What Linux would make of the memory if the module had room for everything.
  private static func withoutLimits(
    _ map: MemoryMap,
    _ convertible: [AddressRange]?,
    _ options: PlanOptions
  ) -> PlanLayout {
    guard map.count <= mostRegions else { return PlanLayout(tdmrs: []) }
    var options = options
    options.limits.maxTDMRs = max(options.limits.maxTDMRs, UInt64(map.count) + 1)
    options.limits.maxReserved = UInt64(4 * (map.count + (convertible?.count ?? 0)) + 64)
    let session = PlanSession()
    return map.withRegions { regions in
      (convertible ?? []).withUnsafeBufferPointer { cmrs in
        let (plan, _) = session.plan(
          regions,
          convertible: convertible == nil ? nil : cmrs,
          options: options,
          keyIDBits: 0
        )
        return PlanLayout(plan)
      }
    }
  }
}
