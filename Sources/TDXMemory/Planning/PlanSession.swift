/// A planner and the module's rules, for planning machine after machine.
///
/// Allocates only for a map that is larger than every one before. Not to be shared between threads.
public final class PlanSession {
  private let planner = Planner()
  private let optimalPlanner = OptimalPlanner()
  private let rules = ModuleRules()
  private var slots = Scratch<ConvertibleRegionSlot>()

  public init() {}

  /// The steps that the searches for the next plan of the policy `optimal` may take; see `OptimalPlanner.mostSteps`.
  public var mostSteps: Int {
    get { optimalPlanner.mostSteps }
    set { optimalPlanner.mostSteps = newValue }
  }

  /// The steps that those for the last one took.
  public var steps: Int { optimalPlanner.steps }

  /// Plans one machine, and asks the module's rules about the plan.
  ///
  /// - Parameters:
  ///   - map: the memory, as `MemoryMap` guarantees it.
  ///   - convertible: the CMRs, ascending and disjoint; nil where they are not known.
  ///   - keyIDBits: 0 to 52.
  /// - Returns: the plan, good until the next one, and the module's verdict on it: nil where there is no plan or
  ///   the CMRs are not known.
  public func plan(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    convertible: UnsafeBufferPointer<AddressRange>?,
    options: PlanOptions,
    keyIDBits: Int
  ) -> (plan: Plan, verdict: ModuleVerdict?) {
    let cmrs = convertible ?? UnsafeBufferPointer(start: nil, count: 0)
    let plan =
      options.policy == .optimal
      ? optimalPlanner.plan(map, convertible: cmrs, options: options)
      : planner.plan(map, convertible: cmrs, options: options)
    // Where a table of CMRs is empty, `optimal` takes them as not known.
    guard convertible != nil, plan.failure == nil, options.policy != .optimal || !cmrs.isEmpty else {
      return (plan, nil)
    }
    slots.reserve(cmrs.count)
    for (index, range) in cmrs.enumerated() {
      slots[index] = ConvertibleRegionSlot(base: range.start, size: range.size)
    }
    let verdict = rules.verdict(
      on: ModuleConfiguration(
        tdmrs: plan.tdmrs,
        cmrs: UnsafeBufferPointer(start: slots.base, count: cmrs.count),
        keyIDBits: keyIDBits,
        dynamicPAMT: options.dynamicPAMT,
        limits: options.limits
      )
    )
    return (plan, verdict)
  }
}
