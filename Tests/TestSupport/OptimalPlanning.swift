import TDXMemory

/// A line of vectors/optimal.jsonl: a plan input, and the least that any plan for it can cost.
public struct OptimalVector: Sendable {
  public var id: String
  public var machine: Machine
  public var outcome: PlanOutcome
  /// Where the outcome is ok.
  public var pamtBytes: UInt64?
  public var tdmrs: Int?
}

/// An optimal plan copied out of its planner, with all that it promises checked.
public struct CopiedOptimalPlan: Sendable {
  public var outcome: PlanOutcome
  public var failure: PlanFailure?
  public var obstacle: Obstacle?
  public var proved: Bool?
  public var messages: [String]
  public var tdmrs: [PlanVector.TDMR]
  public var pamtBytes: UInt64
  /// What is wrong with the plan: empty where it keeps to the module's rules and leaves all memory available.
  public var complaints: [String]

  /// Reserved areas in all TDMRs.
  public var areas: Int { tdmrs.reduce(0) { $0 + $1.reserved.count } }
}

extension Machine {
  /// The plan of `OptimalPlanner`, checked.
  public func optimalPlan(_ planner: OptimalPlanner = OptimalPlanner()) throws -> CopiedOptimalPlan {
    var options = options
    options.policy = .optimal
    let map = try MemoryMap(regions)
    return try map.withRegions { regions in
      try convertible.withUnsafeBufferPointer { cmrs in
        let plan = planner.plan(regions, convertible: cmrs, options: options)
        var copy = CopiedOptimalPlan(
          outcome: plan.outcome,
          failure: plan.failure,
          obstacle: plan.obstacle,
          proved: plan.proved,
          messages: plan.messages.map(\.description),
          tdmrs: zip(plan.tdmrs, plan.nodes).map { PlanVector.TDMR($0, node: $1) },
          pamtBytes: plan.pamtBytes,
          complaints: []
        )
        if plan.failure == nil { copy.complaints = try complaints(about: copy, map) }
        return copy
      }
    }
  }

  /// Holds a plan against the module's rules and against its own promise.
  private func complaints(about plan: CopiedOptimalPlan, _ map: MemoryMap) throws -> [String] {
    var complaints: [String] = []
    let memory = map.compactMap { AddressRange(from: max($0.start, lowMemoryEnd), to: $0.end) }
      .filter { !$0.isEmpty }
    // Without CMRs, memory is all that may be taken as convertible.
    let cmrs = convertible.isEmpty ? memory : convertible
    // Address limits are not what this is about: no key ids.
    let configuration = PlainConfiguration(
      cmrs: cmrs.map { ConvertibleRegionSlot(base: $0.start, size: $0.size) },
      tdmrs: plan.tdmrs,
      keyIDBits: options.dynamicPAMT ? 4 : 0,
      dynamicPAMT: options.dynamicPAMT,
      limits: options.limits
    )
    let verdict = configuration.verdict()
    let top = memory.last?.end ?? 0
    if !verdict.isAccepted, top <= 1 << (options.dynamicPAMT ? 48 : 52) {
      complaints.append("the module refuses: \(verdict)")
    }
    let pamts = plan.tdmrs.flatMap(\.pamts).map { AddressRange(unchecked: $0[0], $0[0] + $0[1]) }
      .sorted { $0.start < $1.start }
    let bytes = pamts.reduce(0) { $0 + $1.size }
    if bytes != plan.pamtBytes { complaints.append("\(bytes) bytes of PAMT, said to be \(plan.pamtBytes)") }
    if common(pamts.filter { !$0.isEmpty }, memory) != bytes { complaints.append("a PAMT outside memory") }
    let available = plan.tdmrs.flatMap { tdmr in
      var start = tdmr.base
      var ranges: [AddressRange] = []
      for area in tdmr.reserved {
        ranges.append(AddressRange(unchecked: start, tdmr.base + area[0]))
        start = tdmr.base + area[0] + area[1]
      }
      return ranges + [AddressRange(unchecked: start, tdmr.base + tdmr.size)]
    }
    let total = memory.reduce(0) { $0 + $1.size }
    if common(available, memory) != total - bytes {
      complaints.append("\(total - bytes - common(available, memory)) bytes of memory are not available")
    }
    return complaints
  }
}

/// The bytes that two lists of ascending, disjoint ranges share.
private func common(_ one: [AddressRange], _ other: [AddressRange]) -> UInt64 {
  var (i, j) = (0, 0)
  var bytes: UInt64 = 0
  while i < one.count, j < other.count {
    bytes += one[i].intersection(other[j])?.size ?? 0
    if one[i].end < other[j].end { i += 1 } else { j += 1 }
  }
  return bytes
}
