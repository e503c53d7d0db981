import BenchmarkKit
import TDXMemory

// The whole computation, from a memory map to the bytes of the TDMR_INFO array: what Linux does once a boot, and a
// planner of many machines again and again. Expect 0 allocations everywhere, and a plan of a few regions in about the
// time that the C peer takes. A surprise to look for: a size at which time per region jumps, which is a cache that
// has become too small; and a ratio to the reference that nears 1 for many regions, for the peer is quadratic.

func constructWorkloads() throws -> [Workload] {
  [
    .construct(.server2S, why: "The common case: 8 regions, 5 TDMRs, nothing in excess."),
    .construct(
      .server2S,
      "top",
      options: PlanOptions(placement: .top),
      why:
        "The same with PAMTs from the top of each node: what a kernel gets that hands memory out downwards."
    ),
    .construct(
      .server2S,
      "bottom",
      options: PlanOptions(placement: .bottom),
      why: "The same with PAMTs from the bottom of each node."
    ),
    .construct(
      .server2SDynamic,
      "dynamic-pamt",
      options: PlanOptions(dynamicPAMT: true),
      why: "The same with Dynamic PAMT: smaller requests, placed elsewhere."
    ),
    .construct(
      .server2SByCMRs,
      options: PlanOptions(policy: .linuxCMR),
      why: "The same with holes taken from 5 CMRs, after a check that they hold the memory."
    ),
    try .construct(
      .emrIssue135(.linux),
      why: "The field report: too many holes, so the plan ends in ENOSPC."
    ),
    try .construct(
      .emrIssue135(.linuxCMR),
      options: PlanOptions(policy: .linuxCMR),
      why: "The same machine with holes taken from its CMRs: it fits."
    ),
    .construct(.tdmrs64Holes16, why: "All that a module takes: 64 TDMRs, 16 holes in each."),
  ]
}

extension Workload {
  /// Turns a map into TDMR_INFO bytes: TDMRs, PAMTs and reserved areas.
  ///
  /// - Parameters:
  ///   - variant: the last part of the name, where options other than the policy differ from the usual ones.
  ///   - hasReference: whether the C peer goes along.
  static func construct(
    _ map: BenchmarkMap,
    _ variant: String? = nil,
    options: PlanOptions = PlanOptions(),
    why: String,
    hasReference: Bool = true,
    sweep: SweepPoint? = nil,
    isLarge: Bool = false
  ) -> Workload {
    var options = options
    options.limits = map.limits
    let name = (["construct", options.policy.rawValue, map.name] + (variant.map { [$0] } ?? []))
      .joined(separator: "/")
    let bytes = map.inputBytes
    let reference = hasReference ? [Peer.construct(map, options, of: name)] : []
    return Workload(
      name,
      why: why,
      itemsPerCall: map.regionCount,
      bytesPerCall: bytes,
      peers: reference + Peer.memory(bytes: bytes),
      sweep: sweep,
      isLarge: isLarge,
      runsOnThreads: !isLarge
    ) { [options] in
      let planning = try Planning(map, options)
      return Subject(call: planning.plan) { plan in map.expected.complaint(about: plan) }
        .expecting("\(map.expected)")
    }
  }
}
