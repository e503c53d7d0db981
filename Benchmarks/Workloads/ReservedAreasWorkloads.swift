import BenchmarkKit
import TDXMemory

// A step of a plan by itself, to tell whether a change of construct comes from it: reserved areas are the part of a plan
// that Linux does in time TDMRs x regions. A surprise to look for: construct has changed and neither this nor pamt-sizes
// has, then it is the choice of TDMRs or the placing of PAMTs.

func reservedAreasWorkloads() -> [Workload] {
  [
    .reservedAreas(.server2S, why: "Reserved areas of the common case, from TDMRs and PAMTs that are there."),
    .reservedAreas(
      .tdmrs64Holes16,
      why: "Reserved areas of all that a module takes: what one sweep gains over a walk for each TDMR."
    ),
  ]
}

extension Workload {
  /// Writes the entries of a plan with their reserved areas, the TDMRs and PAMTs being there.
  fileprivate static func reservedAreas(_ map: BenchmarkMap, why: String) -> Workload {
    let name = "reserved-areas/linux/\(map.name)"
    let options = PlanOptions(limits: map.limits)
    let bytes = map.regionCount * MemoryLayout<MemoryRegion>.stride
    return Workload(
      name,
      why: why,
      itemsPerCall: map.regionCount,
      bytesPerCall: bytes,
      peers: [.reservedAreas(map, options, of: name)] + Peer.memory(bytes: bytes),
      runsOnThreads: true
    ) {
      let planning = try Planning(map, options, tuning: .inSteps)
      let plan = planning.plan()
      return Subject(call: planning.rewriteEntries) { map.expected.complaint(about: plan) }
        .expecting("\(map.expected)")
    }
  }
}
