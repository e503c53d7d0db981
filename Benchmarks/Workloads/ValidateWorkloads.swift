import BenchmarkKit
import TDXMemory

// The TDX module's rules on a plan: every PAMT and reserved area against all others, and against the CMRs.
// There is no reference in C: it would be the module itself. A surprise to look for: a refusal, which is a row
// without a time.

func validateWorkloads() -> [Workload] {
  [
    .validate(.server2S, why: "The module's rules on the common case."),
    .validate(.tdmrs64Holes16, why: "The module's rules on all that a module takes."),
  ]
}

extension Workload {
  /// Holds the plan of a map against the module's rules.
  fileprivate static func validate(_ map: BenchmarkMap, why: String) -> Workload {
    let expected = map.expected
    let bytes = expected.tdmrs * TDMRInfo.alignment
    return Workload(
      "validate/\(map.name)",
      why: why,
      itemsPerCall: expected.tdmrs + expected.reservedAreas,
      bytesPerCall: bytes,
      peers: Peer.memory(bytes: bytes),
      runsOnThreads: true
    ) {
      let planning = try Planning(map, PlanOptions(limits: map.limits))
      let plan = planning.plan()
      let rules = ModuleRules()
      let slots = (map.convertible ?? []).map { ConvertibleRegionSlot(base: $0.start, size: $0.size) }
      return Subject(call: {
        withExtendedLifetime(planning) {
          slots.withUnsafeBufferPointer { slots in
            rules.verdict(
              on: ModuleConfiguration(
                tdmrs: plan.tdmrs,
                cmrs: slots,
                keyIDBits: 6,
                dynamicPAMT: false,
                limits: map.limits
              )
            )
          }
        }
      }) { verdict in
        expected.complaint(about: plan) ?? (verdict.isAccepted ? nil : "the module refuses: \(verdict)")
      }
    }
  }
}
