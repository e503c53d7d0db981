import TDXMemory

/// A plan copied out of the planner's buffer.
public struct CopiedPlan: Equatable, Sendable {
  public var outcome: PlanOutcome
  public var failure: PlanFailure?
  public var messages: [String]
  public var tdmrs: [PlanVector.TDMR]
  public var pamtBytes: UInt64
  /// The module's answer, where it was asked.
  public var verdict: ModuleVerdict?

  public init(
    outcome: PlanOutcome,
    failure: PlanFailure? = nil,
    messages: [String],
    tdmrs: [PlanVector.TDMR],
    pamtBytes: UInt64
  ) {
    self.outcome = outcome
    self.failure = failure
    self.messages = messages
    self.tdmrs = tdmrs
    self.pamtBytes = pamtBytes
  }
}

/// A planner wrote beyond the bytes that it had asked for.
struct StrayWrite: Error {
  var requiredBytes: Int
}

/// Checked after the planner's buffer.
private let guardBytes = 64

/// Plans with a buffer of its own, and copies the result.
///
/// - Parameter keyIDBits: where given, the module's rules are asked, with the CMRs as its table.
public func plan(
  _ regions: [MemoryRegion],
  convertible: [AddressRange] = [],
  _ options: PlanOptions = PlanOptions(),
  keyIDBits: Int? = nil,
  planner: Planner = Planner(),
  rules: ModuleRules = ModuleRules()
) throws -> CopiedPlan {
  let map = try MemoryMap(regions)
  return try map.withRegions { regions in
    try convertible.withUnsafeBufferPointer { convertible in
      let bytes = Planner.requiredBytes(regions, convertible: convertible, options: options)
      let whole = UnsafeMutableRawBufferPointer.allocate(
        byteCount: bytes + guardBytes,
        alignment: TDMRInfo.alignment
      )
      defer { whole.deallocate() }
      // What a plan does not write must not be read, and what lies after the buffer must not be written.
      whole.initializeMemory(as: UInt8.self, repeating: 0xa5)
      let buffer = UnsafeMutableRawBufferPointer(rebasing: whole[..<bytes])
      let plan = planner.plan(regions, convertible: convertible, options: options, into: buffer)
      var copy = CopiedPlan(
        outcome: plan.outcome,
        failure: plan.failure,
        messages: plan.messages.map(\.description),
        tdmrs: zip(plan.tdmrs, plan.nodes).map { PlanVector.TDMR($0, node: $1) },
        pamtBytes: plan.pamtBytes
      )
      guard whole[bytes...].allSatisfy({ $0 == 0xa5 }) else { throw StrayWrite(requiredBytes: bytes) }
      if let keyIDBits, plan.failure == nil {
        let slots = convertible.map { ConvertibleRegionSlot(base: $0.start, size: $0.size) }
        copy.verdict = slots.withUnsafeBufferPointer {
          rules.verdict(
            on: ModuleConfiguration(
              tdmrs: plan.tdmrs,
              cmrs: $0,
              keyIDBits: keyIDBits,
              dynamicPAMT: options.dynamicPAMT,
              limits: options.limits
            )
          )
        }
      }
      return copy
    }
  }
}

extension PlanVector.TDMR {
  /// Reads an entry's bytes.
  public init(_ info: TDMRInfo, node: UInt32) {
    self.init(
      base: info.base,
      size: info.size,
      node: node,
      pamts: PAMTLevel.allCases.map { [info.pamt($0).base, info.pamt($0).size] },
      reserved: (0..<info.usedReservedSlots).map { [info.reserved($0).offset, info.reserved($0).size] }
    )
  }
}

/// TDMR_INFO bytes made from a list of TDMRs, as 512-byte entries.
public final class EntryBytes {
  private let bytes: UnsafeMutableRawBufferPointer
  private let offsets: UnsafeMutableBufferPointer<Int>

  public init(_ tdmrs: [PlanVector.TDMR], maxReserved: Int = 16) {
    let stride = TDMRInfo.stride(maxReserved: UInt64(maxReserved))!
    bytes = .allocate(byteCount: max(tdmrs.count, 1) * stride, alignment: TDMRInfo.alignment)
    bytes.initializeMemory(as: UInt8.self, repeating: 0)
    offsets = .allocate(capacity: tdmrs.count + 1)
    _ = offsets.initialize(from: (0...tdmrs.count).map { $0 * stride })
    for (index, tdmr) in tdmrs.enumerated() {
      let header = [tdmr.base, tdmr.size] + tdmr.pamts[2] + tdmr.pamts[1] + tdmr.pamts[0]
      for (word, value) in (header + tdmr.reserved.flatMap { $0 }).enumerated() {
        bytes.storeBytes(of: value, toByteOffset: index * stride + word * 8, as: UInt64.self)
      }
    }
  }

  deinit {
    bytes.deallocate()
    offsets.deallocate()
  }

  public var table: TDMRInfoTable {
    TDMRInfoTable(bytes: UnsafeRawPointer(bytes.baseAddress!), offsets: UnsafeBufferPointer(offsets))
  }
}
