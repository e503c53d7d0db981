import TDXMemory

/// The machine that is advised on, and how it would be planned.
final class Subject {
  let map: MemoryMap
  let convertible: [AddressRange]?
  let options: PlanOptions
  let keyIDBits: Int
  private let session = PlanSession()
  /// What the searches may still take.
  var budget = SearchBudget()

  init(_ map: MemoryMap, _ convertible: [AddressRange]?, _ options: PlanOptions, keyIDBits: Int) {
    self.map = map
    self.convertible = convertible
    self.options = options
    self.keyIDBits = keyIDBits
  }

  /// Plans the machine, or another map of it, and hands out the plan.
  func plan<Result>(
    _ map: MemoryMap? = nil,
    _ options: PlanOptions,
    _ body: (Plan, ModuleVerdict?) -> Result
  ) -> Result {
    if options.policy == .optimal { session.mostSteps = min(SearchBudget.ofOptimalPlan, budget.left) }
    defer { budget.take(options.policy == .optimal ? session.steps : 0) }
    return (map ?? self.map).withRegions { regions in
      guard let convertible else {
        let (plan, verdict) = session.plan(regions, convertible: nil, options: options, keyIDBits: keyIDBits)
        return body(plan, verdict)
      }
      return convertible.withUnsafeBufferPointer {
        let (plan, verdict) = session.plan(regions, convertible: $0, options: options, keyIDBits: keyIDBits)
        return body(plan, verdict)
      }
    }
  }

  /// The TDMRs that Linux makes of a map however many areas the module takes, with their areas, PAMTs among them; or why it
  /// makes none. The module is not asked. Costs steps of the budget.
  func tdmrs(_ map: MemoryMap, _ placement: Placement) -> (tdmrs: [ReservedCount], failure: PlanFailure?) {
    map.withRegions { regions in
      let (plan, _) = session.plan(
        regions,
        convertible: nil,
        options: asLinux(placement, maxReserved: .max),
        keyIDBits: keyIDBits
      )
      budget.take(SearchBudget.perRegion * regions.count + SearchBudget.perTDMR * plan.tdmrs.count)
      let tdmrs = plan.tdmrs.map {
        ReservedCount(tdmr: AddressRange(unchecked: $0.base, $0.base + $0.size), areas: $0.usedReservedSlots)
      }
      return (tdmrs, plan.failure)
    }
  }

  /// The options of mainline Linux with a placement.
  func asLinux(_ placement: Placement, maxReserved: UInt64? = nil) -> PlanOptions {
    var options = options
    options.policy = .linux
    options.placement = placement
    if let maxReserved { options.limits.maxReserved = maxReserved }
    return options
  }

  /// What comes of a map under Linux with a placement.
  func result(_ map: MemoryMap? = nil, _ options: PlanOptions) -> PlanResult {
    let map = map ?? self.map
    return plan(map, options) { plan, verdict in
      PlanResult(plan, verdict ?? refusalOfAnyPlan(options), map, options)
    }
  }

  /// Why the module refuses whatever it is handed, where the CMRs are not known; nil where that depends on them.
  private func refusalOfAnyPlan(_ options: PlanOptions) -> ModuleVerdict? {
    let isRefused = options.dynamicPAMT && keyIDBits < ModuleConfiguration.leastKeyIDBitsWithDynamicPAMT
    return isRefused ? ModuleVerdict(refusal: .keyIDBitsInvalid) : nil
  }
}

/// A TDMR, and its reserved areas: all of them, or those that are too many.
struct ReservedCount {
  var tdmr: AddressRange
  var areas: Int
}

/// What comes of a plan.
public struct PlanResult: Sendable {
  public let policy: Policy
  /// nil for a policy that places PAMTs itself.
  public let placement: Placement?
  public let dynamicPAMT: Bool
  public let outcome: PlanOutcome
  public let failure: PlanFailure?
  /// The module's answer; nil where there is no plan or the CMRs are not known.
  public let verdict: ModuleVerdict?
  public let tdmrs: Int
  /// The most reserved areas in a TDMR, and in which.
  public let mostReserved: Int
  public let fullest: AddressRange?
  public let pamtBytes: UInt64
  /// What of the PAMT is of the 4K level: the bitmap of Dynamic PAMT.
  let pamtBytesOf4KLevel: UInt64
  /// What of the PAMT describes no memory.
  public let pamtBytesForHoles: UInt64
  /// Of the policy `optimal`: whether nothing costs less.
  public let proved: Bool?

  /// Whether TDX initialises with this plan, as far as is known.
  public var initializes: Bool { outcome == .ok && verdict?.isAccepted != false }

  init(_ plan: Plan, _ verdict: ModuleVerdict?, _ map: MemoryMap, _ options: PlanOptions) {
    policy = options.policy
    placement = options.policy == .optimal ? nil : options.placement
    dynamicPAMT = options.dynamicPAMT
    outcome = plan.outcome
    failure = plan.failure
    self.verdict = verdict
    tdmrs = plan.tdmrs.count
    pamtBytes = plan.pamtBytes
    pamtBytesOf4KLevel = plan.tdmrs.reduce(0) { $0 + $1.pamt(.page4K).size }
    proved = plan.proved
    var most = 0
    var fullest: AddressRange?
    var memory = MemoryWalk(map)
    var forHoles: UInt64 = 0
    for tdmr in plan.tdmrs {
      let range = AddressRange(unchecked: tdmr.base, tdmr.base + tdmr.size)
      if fullest == nil || tdmr.usedReservedSlots > most { (most, fullest) = (tdmr.usedReservedSlots, range) }
      let pamt = PAMTLevel.allCases.reduce(0) { $0 + tdmr.pamt($1).size }
      let holes = tdmr.size - memory.bytes(in: range)
      // Holes are at most the TDMR, so the quotient fits.
      forHoles += tdmr.size.dividingFullWidth(pamt.multipliedFullWidth(by: holes)).quotient
    }
    (mostReserved, self.fullest, pamtBytesForHoles) = (most, fullest, forHoles)
  }
}

/// Counts the memory from 1 MiB on in ranges that ascend.
struct MemoryWalk {
  private let map: MemoryMap
  private var index = 0

  init(_ map: MemoryMap) { self.map = map }

  mutating func bytes(in range: AddressRange) -> UInt64 {
    while index < map.count, map[index].end <= range.start { index += 1 }
    var bytes: UInt64 = 0
    var next = index
    while next < map.count, map[next].start < range.end {
      let (start, end) = (max(map[next].start, range.start, lowMemoryEnd), min(map[next].end, range.end))
      if start < end { bytes += end - start }
      next += 1
    }
    return bytes
  }
}
