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

// What memory allows, for plans whose input and output it has to carry. Where nothing is reserved the plan is held
// against a sum over its input; where much is, `copy` is a memcpy of as many bytes as regions, headers and reserved
// areas together, and so are `bytes`. A surprise to look for: two threads that are no faster, which is a machine
// whose cores share what is slow.

func memoryBoundWorkloads() -> [Workload] {
  let (touching, holes) = (BenchmarkMap.touching, BenchmarkMap.pageHoles)
  return [
    .construct(
      touching,
      why: "10^7 regions that touch: no more than a sum over them.",
      hasReference: false,
      isLarge: true
    ),
    .writingBytes(
      holes,
      "bytes-in-and-out",
      why: "10^7 regions with a page of hole after each: as fast as a copy."
    ),
    .onThreads(2, holes, why: "The same on 2 threads; C is the planner on one thread, in the same rounds."),
    .writingBytes(
      .tdmrs64Holes16,
      "bytes-in-and-out",
      why: "64 TDMRs of 16 holes beside a copy of their regions and entries, all in the caches."
    ),
  ]
}

extension Workload {
  /// A plan beside a memcpy of its input and its output.
  fileprivate static func writingBytes(_ map: BenchmarkMap, _ variant: String, why: String) -> Workload {
    let options = PlanOptions(limits: map.limits)
    let isLarge = map.regionCount > 1_000_000
    let bytes = map.inputBytes + map.outputBytes
    return Workload(
      "construct/linux/\(map.name)/\(variant)",
      why: why,
      itemsPerCall: map.regionCount,
      bytesPerCall: bytes,
      peers: [.memcpy(bytes: bytes)],
      isLarge: isLarge,
      runsOnThreads: !isLarge
    ) {
      let planning = try Planning(map, options)
      return Subject(call: planning.plan) { map.expected.complaint(about: $0) }
    }
  }

  /// A plan on several threads beside the same on one.
  fileprivate static func onThreads(_ threads: Int, _ map: BenchmarkMap, why: String) -> Workload {
    let options = PlanOptions(limits: map.limits)
    let bytes = map.inputBytes + map.outputBytes
    return Workload(
      "construct/linux/\(map.name)/\(threads)-threads",
      why: why,
      itemsPerCall: map.regionCount,
      bytesPerCall: bytes,
      peers: [.onOneThread(map, options), .memcpy(bytes: bytes)],
      isLarge: true
    ) {
      let planning = try ParallelPlanning(map, options, threads: threads)
      return Subject(call: planning.plan) { map.expected.complaint(about: $0) }
    }
  }
}

/// One shape from 10 to 10 million regions, under raised limits. In the caches up to 10^4 regions (240 KB), out of
/// them from 10^6 on (24 MB). The C peer goes along as far as 10^4: it walks the list for every TDMR, so that at
/// 10^5 a call takes some 100 ms, and 100 times that at 10^6.
func sizeSweep() -> [Workload] {
  (1...7).map { exponent in
    let count = (0..<exponent).reduce(1) { count, _ in count * 10 }
    return .construct(
      .fragmented("fragmented-1e\(exponent)", regions: count),
      why:
        "128 holes in a TDMR, 10^\(exponent) regions: whether time is linear, in the caches and out of them.",
      hasReference: exponent <= 4,
      sweep: SweepPoint("construct/linux/fragmented", size: count),
      isLarge: exponent >= 7
    )
  }
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
