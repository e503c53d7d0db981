import BenchmarkKit
import TDXMemory

/// Every workload of the suite, in the order in which it is listed.
///
/// - Throws: `InputError` where a captured map cannot be read, which is a fault of this package.
public func workloads() throws -> [Workload] {
  let issue135 = try CapturedMap.emrIssue135.map.count
  let small = BenchmarkMap.fragmented("fragmented-1e5", regions: 100_000)
  let large = BenchmarkMap.fragmented("fragmented-1e6", regions: 1_000_000)
  return [
    .parse(
      "emr-issue135",
      why: "The log of a real host: what a person who runs `plan` on a log waits for.",
      regions: issue135
    ) { PackageResources.tdx_emr_2024_issue135_log },
    .parse(
      "node-ranges-1e4",
      why: "10,000 lines of memory: the readers' speed where every line counts.",
      regions: 10_000
    ) { syntheticLog(regions: 10_000) },
    .construct(.linux, .server2S, why: "The common case: 8 regions, 5 TDMRs, nothing in excess."),
    try .construct(
      .linux,
      .emrIssue135(.linux),
      why: "The field report: too many holes, so the plan ends in ENOSPC."
    ),
    try .construct(
      .linuxCMR,
      .emrIssue135(.linuxCMR),
      why: "The same machine with holes taken from its CMRs: it fits."
    ),
    .construct(.linux, .tdmrs64Holes16, why: "All that a module takes: 64 TDMRs, 16 holes in each."),
    .construct(.linux, small, why: "Raised limits, 128 holes in a TDMR: in the caches."),
    .construct(
      .linux,
      large,
      why: "Raised limits, 128 holes in a TDMR: out of the caches; shows whether it is linear."
    ),
    .validate(.server2S, why: "The module's rules on the common case."),
    .validate(.tdmrs64Holes16, why: "The module's rules on all that a module takes."),
  ]
}
