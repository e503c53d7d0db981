import BenchmarkKit
import TDXMemory

extension Workload {
  /// Turns a map into TDMR_INFO bytes: TDMRs, PAMTs and reserved areas.
  static func construct(_ policy: Policy, _ map: BenchmarkMap, why: String) -> Workload {
    Workload(
      "construct/\(policy.rawValue)/\(map.name)",
      why: why,
      itemsPerCall: map.regionCount,
      bytesPerCall: map.regionCount * MemoryLayout<MemoryRegion>.stride
    ) {
      let planning = try Planning(map, PlanOptions(policy: policy, limits: map.limits))
      return Subject(call: planning.plan) { plan in map.expected.complaint(about: plan) }
    }
  }

  /// Holds the plan of a map against the module's rules.
  static func validate(_ map: BenchmarkMap, why: String) -> Workload {
    let expected = map.expected
    return Workload(
      "validate/\(map.name)",
      why: why,
      itemsPerCall: expected.tdmrs + expected.reservedAreas,
      bytesPerCall: expected.tdmrs * TDMRInfo.alignment
    ) {
      let options = PlanOptions(limits: map.limits)
      let planning = try Planning(map, options)
      let plan = planning.plan()
      let rules = ModuleRules()
      let slots = (map.convertible ?? []).map { ConvertibleRegionSlot(base: $0.start, size: $0.size) }
      let table = UnsafeMutableBufferPointer<ConvertibleRegionSlot>.allocate(capacity: slots.count)
      _ = table.initialize(from: slots)
      let configuration = ModuleConfiguration(
        tdmrs: plan.tdmrs,
        cmrs: UnsafeBufferPointer(table),
        keyIDBits: 6,
        dynamicPAMT: false,
        limits: map.limits
      )
      return Subject(call: { [planning] in
        withExtendedLifetime(planning) { rules.verdict(on: configuration) }
      }) { verdict in
        expected.complaint(about: plan) ?? (verdict.isAccepted ? nil : "the module refuses: \(verdict)")
      }
    }
  }
}

/// A map with its planner and the buffer that it plans into.
private final class Planning {
  private let map: MemoryMap
  private let convertible: [AddressRange]
  private let options: PlanOptions
  private let planner = Planner()
  private let buffer: UnsafeMutableRawBufferPointer

  init(_ map: BenchmarkMap, _ options: PlanOptions) throws {
    let memory = try MemoryMap(map.regions())
    let convertible = map.convertible ?? []
    let bytes = memory.withRegions { regions in
      convertible.withUnsafeBufferPointer {
        Planner.requiredBytes(regions, convertible: $0, options: options)
      }
    }
    buffer = .allocate(byteCount: bytes, alignment: TDMRInfo.alignment)
    self.map = memory
    self.convertible = convertible
    self.options = options
  }

  deinit { buffer.deallocate() }

  func plan() -> Plan {
    map.withRegions { regions in
      convertible.withUnsafeBufferPointer {
        planner.plan(regions, convertible: $0, options: options, into: buffer)
      }
    }
  }
}

extension BenchmarkMap.Expected {
  /// What is wrong with a plan; nil where it is as expected.
  func complaint(about plan: Plan) -> String? {
    let found = BenchmarkMap.Expected(
      outcome: plan.outcome,
      tdmrs: plan.tdmrs.count,
      reservedAreas: plan.tdmrs.reduce(0) { $0 + $1.usedReservedSlots },
      pamtKiB: plan.pamtBytes / 1024
    )
    return found == self ? nil : "expected \(self), got \(found)"
  }
}

extension BenchmarkMap.Expected: CustomStringConvertible {
  var description: String {
    "\(outcome.rawValue), \(tdmrs) TDMRs, \(reservedAreas) reserved areas, \(pamtKiB) KB of PAMT"
  }
}
