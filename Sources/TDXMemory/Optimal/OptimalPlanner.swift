/// Plans with the fewest PAMT bytes, then the fewest TDMRs, then the fewest reserved areas that the TDX module accepts:
/// the policy `optimal`. docs/optimal.md states the problem, why the search is exact, and what it costs.
///
/// What every plan keeps to: each GiB with memory from the first MiB on lies in a TDMR, all of that memory that holds
/// no PAMT is available, and PAMTs lie in it. A planner keeps its workspace from plan to plan: it allocates only for
/// what is larger than everything before. Not to be shared between threads.
public final class OptimalPlanner {
  private var workspace: OptimalWorkspace

  public init() { workspace = OptimalWorkspace(triesRuns: true) }

  /// A planner that takes the general way with every machine if it does not try the short one.
  package init(triesRuns: Bool) { workspace = OptimalWorkspace(triesRuns: triesRuns) }

  /// The steps that the searches for a plan may take together unless `mostSteps` says otherwise.
  public static var mostSteps: Int { CoverSearch.mostSteps }

  /// The steps that the searches for the next plan may take together: fewer where one machine is planned several times.
  /// What is not searched is not proved.
  public var mostSteps: Int {
    get { workspace.cover.mostSteps }
    set { workspace.cover.mostSteps = newValue }
  }

  /// The steps that those for the last plan took; one search may go beyond what it may by the cuts that it lists.
  public var steps: Int { workspace.cover.steps }

  /// Plans one machine.
  ///
  /// - Parameters:
  ///   - map: the memory, as `MemoryMap` guarantees it.
  ///   - convertible: the CMRs, ascending and disjoint (`normalizeConvertibleRegions`); empty where they are not
  ///     known: then everything that is not memory is reserved.
  ///   - options: `policy` and `placement` do not matter.
  /// - Returns: views of this planner, good until the next plan. `proved` is set where there is a plan; `obstacle`
  ///   where there is none, unless the input is invalid.
  /// - Complexity: O(regions + CMRs) where no run of GiBs has more holes than a TDMR has areas, and the TDMRs
  ///   suffice; else with the GiB borders that a TDMR may end at, as docs/optimal.md says, and never more than some
  ///   tenths of a second beyond that.
  public func plan(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    convertible: UnsafeBufferPointer<AddressRange>,
    options: PlanOptions
  ) -> Plan {
    workspace.plan(map, convertible, options)
  }
}
