import BenchmarkKit
import TDXMemory

// The policy `optimal`, from a memory map to the bytes of the TDMR_INFO array. Expect 0 allocations, and a real machine
// in at most 20 times of construct/linux for the same map (the two rows of server-2s-1tib). A surprise to look for:
// fragmented costs more than twice as much per region at 1e6 as at 1e5, which is a cache that has become too small.

func optimalWorkloads() throws -> [Workload] {
  [
    .optimal(
      .server2SOptimal,
      why: "The common case: two runs of GiBs, and a place for all PAMTs beside a hole."
    ),
    try .optimal(
      .emrIssue135Optimal,
      why: "17 holes in a run of two GiBs, no CMRs: it must be split, and is searched."
    ),
    .optimal(
      .fragmentedOptimal("fragmented-1e5", regions: 100_000),
      why: "Small pieces: a TDMR for each GiB."
    ),
    .optimal(.fragmentedOptimal("fragmented-1e6", regions: 1_000_000), why: "The same, out of the caches."),
  ]
}

extension Workload {
  fileprivate static func optimal(_ map: BenchmarkMap, why: String) -> Workload {
    let bytes = map.regionCount * MemoryLayout<MemoryRegion>.stride
    return Workload(
      "optimal/\(map.name)",
      why: why,
      itemsPerCall: map.regionCount,
      bytesPerCall: bytes,
      peers: Peer.memory(bytes: bytes)
    ) {
      let regions = try MemoryMap(map.regions())
      let convertible = map.convertible ?? []
      let planner = OptimalPlanner()
      let options = PlanOptions(policy: .optimal, limits: map.limits)
      return Subject(call: {
        regions.withRegions { regions in
          convertible.withUnsafeBufferPointer {
            planner.plan(regions, convertible: $0, options: options)
          }
        }
      }) { plan in
        map.expected.complaint(about: plan) ?? (plan.proved == true ? nil : "the plan is not proved")
      }
    }
  }
}

extension BenchmarkMap {
  /// [0, 2 GiB) with 2 holes, and one TDMR over the 1022 GiB from 4 GiB on with a hole at the end of each bank; the 1G
  /// level of that one has 4 pages. PAMTs take no areas.
  fileprivate static let server2SOptimal = server2S.expecting(
    tdmrs: 2,
    reservedAreas: 2 + 4,
    pamtKiB: 4_202_516
  )

  /// Without CMRs: the hole below 1 MiB in the first GiB, the 16 others in the second.
  fileprivate static var emrIssue135Optimal: BenchmarkMap {
    get throws {
      var map = try emrIssue135(.linux)
      map.convertible = nil
      return map.expecting(tdmrs: 2, reservedAreas: 1 + 16, pamtKiB: 2 * 4108)
    }
  }

  /// No region holds more than the PAMT of a GiB: a TDMR for each, whose PAMT lies beside one of its 128 holes.
  fileprivate static func fragmentedOptimal(_ name: String, regions count: Int) -> BenchmarkMap {
    let tdmrs = (count + 127) / 128
    return fragmented(name, regions: count)
      .expecting(tdmrs: tdmrs, reservedAreas: count, pamtKiB: UInt64(tdmrs) * 4108)
  }
}
