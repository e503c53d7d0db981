import TDXMemory

/// A map with its planner.
final class Planning {
  private let map: MemoryMap
  private let convertible: [AddressRange]
  private let options: PlanOptions
  private let planner: Planner

  convenience init(_ map: BenchmarkMap, _ options: PlanOptions, tuning: PlannerTuning = PlannerTuning())
    throws
  {
    let regions = try MemoryMap(map.regions())
    self.init(regions, convertible: map.convertible ?? [], options, tuning: tuning)
  }

  init(
    _ map: MemoryMap,
    convertible: [AddressRange],
    _ options: PlanOptions,
    tuning: PlannerTuning = PlannerTuning()
  ) {
    self.map = map
    self.convertible = convertible
    self.options = options
    planner = Planner(tuning)
  }

  /// The whole plan.
  func plan() -> Plan {
    map.withRegions { regions in
      convertible.withUnsafeBufferPointer {
        planner.plan(regions, convertible: $0, options: options)
      }
    }
  }

  /// The last step of the last plan alone, of a planner without small plans.
  func rewriteEntries() {
    map.withRegions { regions in
      convertible.withUnsafeBufferPointer {
        planner.rewriteEntries(regions, convertible: $0, options: options)
      }
    }
  }
}

/// A map with a planner that works on several threads.
final class ParallelPlanning {
  private let map: MemoryMap
  private let options: PlanOptions
  private let planner: ParallelPlanner

  init(_ map: BenchmarkMap, _ options: PlanOptions, threads: Int) throws {
    self.map = try MemoryMap(map.regions())
    self.options = options
    planner = ParallelPlanner(threads: threads)
  }

  func plan() -> Plan {
    map.withRegions {
      planner.plan($0, convertible: UnsafeBufferPointer(start: nil, count: 0), options: options)
    }
  }
}

extension BenchmarkMap.Expected {
  /// What is wrong with a plan; nil where it is as expected.
  func complaint(about plan: Plan) -> String? {
    complaint(about: plan.outcome, plan.tdmrs, pamtBytes: plan.pamtBytes)
  }

  func complaint(about outcome: PlanOutcome, _ tdmrs: TDMRInfoTable, pamtBytes: UInt64) -> String? {
    let found = BenchmarkMap.Expected(
      outcome: outcome,
      tdmrs: tdmrs.count,
      reservedAreas: tdmrs.reduce(0) { $0 + $1.usedReservedSlots },
      pamtKiB: pamtBytes / 1024
    )
    return found == self ? nil : "expected \(self), got \(found)"
  }
}

extension BenchmarkMap.Expected: CustomStringConvertible {
  var description: String {
    "\(outcome.rawValue), \(tdmrs) TDMRs, \(reservedAreas) reserved areas, \(pamtKiB) KB of PAMT"
  }
}
