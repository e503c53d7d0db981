/// The outcome of a plan: what Linux would return.
public enum PlanOutcome: String, CaseIterable, Sendable {
  case ok
  case noSpace = "ENOSPC"
  case noMemory = "ENOMEM"
  case invalid = "EINVAL"

  /// The number that Linux logs, negative: 28, 12 or 22; 0 for `ok`.
  public var errno: Int {
    switch self {
    case .ok: 0
    case .noSpace: 28
    case .noMemory: 12
    case .invalid: 22
    }
  }
}

/// Why there is no plan.
public enum PlanFailure: Error, Hashable, Sendable {
  /// More TDMRs than the module takes (`fill_out_tdmrs`).
  case tdmrsExhausted
  /// No node has room in one piece for this TDMR's PAMT (`tdmr_set_up_pamt`).
  case noMemoryForPAMT(tdmr: AddressRange, bytes: UInt64)
  /// More holes and PAMTs in a TDMR than the module takes (`tdmr_add_rsvd_area`).
  case reservedAreasExhausted(tdmr: AddressRange)
  /// A hole that does not start or end on a page; only CMRs can cause it (`tdmr_add_rsvd_area`).
  case reservedAreaNotAligned(tdmr: AddressRange, area: AddressRange)
  /// Memory that does not lie inside one CMR (the `linux-cmr` patch).
  case notConvertible(AddressRange)
  /// Memory in the last GiB below 2^64: the TDMR over it would end at 2^64. No machine has it.
  case notAddressable(AddressRange)

  public var outcome: PlanOutcome {
    switch self {
    case .tdmrsExhausted, .reservedAreasExhausted: .noSpace
    case .noMemoryForPAMT: .noMemory
    case .reservedAreaNotAligned, .notConvertible, .notAddressable: .invalid
    }
  }
}

/// A plan: views of the bytes that the planner wrote, good until the planner or its buffer is used again.
///
/// It is no larger than what compilers copy in place, 128 bytes: a small plan is handed on by three functions, and four
/// calls of memcpy were a tenth of it.
public struct Plan {
  /// The TDMR_INFO entries; empty where there is no plan. They start 512-byte aligned and take 512 bytes each, or
  /// more where a TDMR has more than 28 reserved areas (the module takes an array of pointers to them).
  public let tdmrs: TDMRInfoTable
  /// As many as there are TDMRs.
  private let firstNode: UnsafePointer<UInt32>
  /// All PAMTs together, in bytes. Linux prints this / 1024.
  public let pamtBytes: UInt64
  private let warnings: LinuxWarnings
  private let end: End
  /// Whether no plan costs less; nil for the policies that do not look for the least, and where there is no plan.
  public let proved: Bool?

  /// What there is instead of a plan.
  enum End {
    case planned
    case failed(PlanFailure)
    /// The policy `optimal` has no plan: the failure follows from the obstacle.
    case impossible(Obstacle)
  }

  /// - Parameter nodes: as many as there are TDMRs.
  @inline(__always)
  init(
    tdmrs: TDMRInfoTable,
    nodes: UnsafePointer<UInt32>,
    pamtBytes: UInt64,
    warnings: LinuxWarnings,
    end: End = .planned,
    proved: Bool? = nil
  ) {
    self.tdmrs = tdmrs
    firstNode = nodes
    self.pamtBytes = pamtBytes
    self.warnings = warnings
    self.end = end
    self.proved = proved
  }

  /// What Linux would log, in order, without the PAMT total and "module initialized".
  public var messages: LinuxMessages { LinuxMessages(warnings, failure: failure) }

  /// The node that Linux prefers for the PAMT of each TDMR.
  public var nodes: UnsafeBufferPointer<UInt32> {
    UnsafeBufferPointer(start: firstNode, count: tdmrs.count)
  }

  /// nil where the plan fits.
  public var failure: PlanFailure? {
    switch end {
    case .planned: nil
    case .failed(let failure): failure
    case .impossible(let obstacle): obstacle.failure
    }
  }

  public var outcome: PlanOutcome { failure?.outcome ?? .ok }

  /// Why the policy `optimal` has no plan; nil where it has one, and where the input is invalid.
  public var obstacle: Obstacle? {
    if case .impossible(let obstacle) = end { obstacle } else { nil }
  }
}
