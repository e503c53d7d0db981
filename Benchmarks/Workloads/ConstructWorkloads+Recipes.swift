import BenchmarkKit
import ReferencePeer
import SyntheticMaps
import TDXMemory

// Every recipe, planned: machines as they exist, rows of regions, and adversaries. Where a recipe asks for more than
// a module takes, its limits are raised, so that the whole of it is planned, and the 4K PAMTs are bitmaps, which fit
// between its holes. What must come out is what the C peer makes of the same map; the recipe's own claim, with the
// limits of a module, is held by the tests of the recipes. A surprise to look for: unpredictable-runs near long-runs,
// which have the same work; the difference between them is what mispredicted branches cost.

func recipeWorkloads() -> [Workload] {
  Recipe.all.flatMap { recipe in
    var recipe = recipe
    // On one node, the PAMTs of thousands of TDMRs would lie in one of them, and the entries take gigabytes.
    if recipe.name.hasSuffix("-runs") { recipe.parameters.nodes = 64 }
    guard recipe.claim == .fits else {
      let limits = ModuleLimits(maxTDMRs: 1 << 20, maxReserved: 1 << 10)
      return [
        Workload.construct(recipe, "raised-limits", PlanOptions(dynamicPAMT: true, limits: limits))
      ]
    }
    // These take a PAMT from one region, and those of `touching` are smaller than any PAMT.
    let placements: [Placement] = recipe.name == "touching" ? [] : [.top, .bottom]
    return Policy.ofLinux.map { .construct(recipe, nil, PlanOptions(policy: $0)) }
      + placements.map { .construct(recipe, $0.rawValue, PlanOptions(placement: $0)) }
  }
}

extension Workload {
  fileprivate static func construct(_ recipe: Recipe, _ variant: String?, _ options: PlanOptions) -> Workload
  {
    let name = (["construct", options.policy.rawValue, recipe.name] + (variant.map { [$0] } ?? []))
      .joined(separator: "/")
    let regions = Int(recipe.parameters.regionCount)
    let bytes = regions * MemoryLayout<MemoryRegion>.stride
    // The peer walks the list for every TDMR. Beyond this many steps, some 50 ms, it is asked once and not timed.
    let steps = min(recipe.parameters.totalBytes >> 30, recipe.parameters.regionCount) * UInt64(regions)
    let reference = steps <= 20_000_000 ? [Peer.construct(recipe, options, of: name)] : []
    return Workload(
      name,
      why: recipe.why,
      itemsPerCall: regions,
      bytesPerCall: bytes,
      peers: reference + Peer.memory(bytes: bytes),
      runsOnThreads: true
    ) {
      let machine = try recipe.make()
      let expected = try outcome(of: machine, options)
      let planning = Planning(machine.map, convertible: machine.convertible ?? [], options)
      return Subject(call: planning.plan) { expected.complaint(about: $0) }.expecting("\(expected)")
    }
  }
}

extension Peer {
  fileprivate static func construct(_ recipe: Recipe, _ options: PlanOptions, of workload: String) -> Peer {
    Peer(.reference, "reference/\(workload)") {
      let machine = try recipe.make()
      let peer = ReferencePeer(machine.map, convertible: machine.convertible ?? [], options: options)
      let regions = machine.map.count
      return Subject(call: peer.plan) { plan in
        plan.outcome == .ok && plan.tdmrs > 0
          ? nil : "expected a plan of \(regions) regions, got \(plan.outcome.rawValue)"
      }
    }
  }
}

/// What the C peer makes of a machine.
private func outcome(of machine: SyntheticMachine, _ options: PlanOptions) throws -> BenchmarkMap.Expected {
  let peer = ReferencePeer(machine.map, convertible: machine.convertible ?? [], options: options)
  let plan = peer.plan()
  guard plan.outcome == .ok else { throw NoPlan(outcome: plan.outcome) }
  return BenchmarkMap.Expected(
    tdmrs: plan.tdmrs,
    reservedAreas: peer.tdmrs(of: plan).reduce(0) { $0 + $1.usedReservedSlots },
    pamtKiB: plan.pamt_bytes / 1024
  )
}

/// The suite's recipes all fit under the limits that they are planned with.
private struct NoPlan: Error, CustomStringConvertible {
  var outcome: PlanOutcome
  var description: String { "the reference finds no plan: \(outcome.rawValue)" }
}
