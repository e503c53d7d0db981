import BenchmarkKit
import TDXMemory

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
