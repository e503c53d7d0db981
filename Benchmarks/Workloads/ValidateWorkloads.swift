import BenchmarkKit
import ReferencePeer
import TDXMemory

// The TDX module's rules on a plan: every PAMT and reserved area against all others, and against the CMRs. The
// reference holds every pair of TDMRs against each other, as the module does. A surprise to look for: a refusal, which
// is a row without a time.

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
    let name = "validate/\(map.name)"
    return Workload(
      name,
      why: why,
      itemsPerCall: expected.tdmrs + expected.reservedAreas,
      bytesPerCall: bytes,
      peers: [.validate(map, of: name)] + Peer.memory(bytes: bytes),
      runsOnThreads: true
    ) {
      let planned = try PlannedConfiguration(map)
      let rules = ModuleRules()
      return Subject(call: { planned.withConfiguration { rules.verdict(on: $0) } }) { verdict in
        planned.complaint(about: verdict.status)
      }.expecting("\(map.expected), accepted")
    }
  }
}

extension Peer {
  /// The same rules, every pair of TDMRs held against each other.
  fileprivate static func validate(_ map: BenchmarkMap, of workload: String) -> Peer {
    Peer(.reference, "reference/\(workload)") {
      let planned = try PlannedConfiguration(map)
      let module = planned.withConfiguration { ReferenceModule($0) }
      return Subject(call: module.status) { planned.complaint(about: $0) }
    }
  }
}

/// The plan of a map as the module gets it.
private final class PlannedConfiguration {
  private let planning: Planning
  private let plan: Plan
  private let slots: [ConvertibleRegionSlot]
  private let map: BenchmarkMap

  init(_ map: BenchmarkMap) throws {
    planning = try Planning(map, PlanOptions(limits: map.limits))
    plan = planning.plan()
    slots = (map.convertible ?? []).map { ConvertibleRegionSlot(base: $0.start, size: $0.size) }
    self.map = map
  }

  func withConfiguration<Result>(_ body: (ModuleConfiguration) -> Result) -> Result {
    slots.withUnsafeBufferPointer {
      body(
        ModuleConfiguration(
          tdmrs: plan.tdmrs,
          cmrs: $0,
          keyIDBits: 6,
          dynamicPAMT: false,
          limits: map.limits
        )
      )
    }
  }

  /// What is wrong with the plan or with the module's answer to it, a status; nil where it is accepted.
  func complaint(about status: UInt64) -> String? {
    map.expected.complaint(about: plan) ?? (status == 0 ? nil : "the module refuses: \(hex(status))")
  }
}
