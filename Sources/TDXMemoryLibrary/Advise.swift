import Advice
import CTDXMemory
import TDXMemory

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func tdxmemory_advise(
  _ session: OpaquePointer!,
  _ memory: UnsafePointer<tdxmemory_memory>!,
  _ options: UnsafePointer<tdxmemory_options>!,
  _ buffers: UnsafePointer<tdxmemory_advice_buffers>!,
  _ advice: UnsafeMutablePointer<tdxmemory_advice>!
) -> tdxmemory_status {
  answer(session) { (session) throws(Problem) in
    let result = try structure(advice, "advice")
    result.pointee = tdxmemory_advice()
    let memory = try structure(memory, "memory").pointee
    let options = try CallOptions.read(options)
    let buffers = try structure(buffers, "buffers").pointee
    let comparisons = try list(buffers.comparisons, buffers.comparison_capacity, "buffers.comparisons")
    let withheld = try list(buffers.withheld, buffers.withheld_capacity, "buffers.withheld")
    let regions = try session.regions(memory)
    let advice = Advice(
      // The caller's memory, or the session's: good until this call ends, as is the map.
      MemoryMap(borrowing: regions),
      convertible: try session.convertible(memory).map(Array.init),
      options: options.plan,
      keyIDBits: options.keyIDBits,
      slack: options.slack
    )
    session.remarks.set(
      Remarks.Notice(advice),
      verdict: advice.today.verdict,
      withholding: advice.withholding
    )
    result.pointee = tdxmemory_advice(advice)
    for (index, one) in advice.results.enumerated() where index < comparisons.count {
      comparisons[index] = tdxmemory_comparison(one)
    }
    let ranges = advice.withholding?.ranges ?? []
    for (index, range) in ranges.enumerated() where index < withheld.count {
      withheld[index] = tdxmemory_range(start: range.start, end: range.end)
    }
    guard advice.results.count <= comparisons.count else {
      throw .capacity("buffers.comparisons", capacity: comparisons.count, needed: advice.results.count)
    }
    guard ranges.count <= withheld.count else {
      throw .capacity("buffers.withheld", capacity: withheld.count, needed: ranges.count)
    }
  }
}

extension MemoryMap {
  /// A map of regions that have been checked, and lie still as long as it is used.
  fileprivate init(borrowing regions: UnsafeBufferPointer<MemoryRegion>) {
    guard let base = regions.baseAddress else {
      let nothing = UnsafeMutablePointer<MemoryRegion>.allocate(capacity: 1)
      self.init(checked: RegionStorage(adopting: nothing, count: 0) { nothing.deallocate() })
      return
    }
    self.init(
      checked: RegionStorage(adopting: UnsafeMutablePointer(mutating: base), count: regions.count) {}
    )
  }
}

extension Remarks.Notice {
  /// What stands in the way on a machine as it is; nil where nothing does.
  fileprivate init?(_ advice: Advice) {
    if let reason = advice.hopelessness {
      self = .hopeless(reason)
    } else if let failure = advice.today.failure {
      self = .failure(failure)
    } else if let verdict = advice.today.verdict, !verdict.isAccepted {
      self = .refusal(verdict)
    } else {
      return nil
    }
  }
}

extension tdxmemory_advice {
  fileprivate init(_ advice: Advice) {
    self.init()
    succeeds = advice.succeeds ? 1 : 0
    comparison_count = UInt64(advice.results.count)
    let remedy =
      advice.hopelessness != nil
      ? TDXMEMORY_REMEDY_NONE
      : advice.withholding != nil ? TDXMEMORY_REMEDY_WITHHOLD : TDXMEMORY_REMEDY_NOT_NEEDED
    self.remedy = UInt32(remedy)
    guard let withholding = advice.withholding else { return }
    holds_for = withholding.placements.reduce(0) { $0 | 1 << $1.code }
    fits_command_line = withholding.fitsCommandLine ? 1 : 0
    areas_to_spare = Int64(withholding.areasToSpare)
    withheld_bytes = withholding.bytes
    withheld_count = UInt64(withholding.ranges.count)
  }
}

extension tdxmemory_comparison {
  fileprivate init(_ result: PlanResult) {
    self.init(
      policy: result.policy.code,
      placement: result.placement?.code ?? UInt32(TDXMEMORY_PLACEMENT_NONE),
      dynamic_pamt: result.dynamicPAMT ? 1 : 0,
      outcome: UInt32(result.outcome.errno),
      tdmr_count: UInt64(result.tdmrs),
      most_areas: UInt64(result.mostReserved),
      pamt_bytes: result.pamtBytes,
      pamt_bytes_for_holes: result.pamtBytesForHoles,
      module: tdxmemory_verdict(result.verdict),
      is_proved: result.proved == true ? 1 : 0,
      unused: 0
    )
  }
}

extension Policy {
  fileprivate var code: UInt32 {
    switch self {
    case .linux: UInt32(TDXMEMORY_POLICY_LINUX)
    case .linuxCMR: UInt32(TDXMEMORY_POLICY_LINUX_CMR)
    case .optimal: UInt32(TDXMEMORY_POLICY_OPTIMAL)
    }
  }
}

extension Placement {
  fileprivate var code: UInt32 {
    switch self {
    case .firstFit: UInt32(TDXMEMORY_PLACEMENT_FIRST_FIT)
    case .top: UInt32(TDXMEMORY_PLACEMENT_TOP)
    case .bottom: UInt32(TDXMEMORY_PLACEMENT_BOTTOM)
    }
  }
}
