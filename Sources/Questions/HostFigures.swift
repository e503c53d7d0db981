import Advice
import MapReaders
import TDXMemory
import TDXMessages
import TerminalText

/// What a fleet keeps of a machine: whether TDX comes up on it, why not, what helps, and what it costs.
///
/// Machines of one group have the same figures.
public struct HostFigures: Hashable, Sendable {
  /// `ok`; the error of the plan (ENOSPC, ENOMEM, EINVAL); EIO where the module refuses it; where the machine's own log
  /// tells of another failure, the error that it names, or `failed`.
  public var outcome: String
  /// Why, in words that all machines with that trouble share; nil where TDX comes up.
  public var reason: String?
  /// The TDMR that is to blame; nil where none is.
  public var tdmr: AddressRange?
  /// Of Linux's plan, as it is; nil where there is none.
  public var tdmrs: UInt64?
  /// The most reserved areas in a TDMR of that plan.
  public var mostAreas: UInt64?
  /// What that plan takes; nil where the machine has none that works.
  public var pamtKiB: UInt64?
  /// What the plan with the fewest PAMT bytes takes.
  public var optimalPAMTKiB: UInt64?
  /// What Linux's plan takes with Dynamic PAMT.
  public var dynamicPAMTKiB: UInt64?
  /// What helps where TDX does not come up: kernel parameters, or what to do about another failure. Nil where nothing is
  /// known to.
  public var remedy: String?
  /// The memory that these parameters withhold.
  public var remedyBytes: UInt64?
  public var group: MachineGroup

  public var comesUp: Bool { outcome == Self.ok }

  public static let ok = "ok"
}

extension HostFigures {
  public init(_ advice: Advice, of machine: Machine, _ question: AdviceQuestion) {
    self.init(advice, question, layout: MachineGroup(machine, question))
    take(machine.observed)
  }

  /// The figures that all machines of a layout have in common.
  public init(_ advice: Advice, _ question: AdviceQuestion, layout: MachineGroup) {
    let today = advice.today
    let isPlan = today.outcome == .ok
    let placement = question.options.placement
    self.init(
      outcome: today.initializes ? Self.ok : isPlan ? "EIO" : today.outcome.rawValue,
      tdmrs: isPlan ? UInt64(today.tdmrs) : nil,
      mostAreas: isPlan ? UInt64(today.mostReserved) : nil,
      pamtKiB: today.initializes ? today.pamtBytes / 1024 : nil,
      optimalPAMTKiB: advice.results.first {
        $0.policy == .optimal && $0.dynamicPAMT == question.options.dynamicPAMT && $0.initializes
      }.map { $0.pamtBytes / 1024 },
      dynamicPAMTKiB: advice.results.first {
        $0.policy == .linux && $0.placement == placement && $0.dynamicPAMT && $0.initializes
      }.map { $0.pamtBytes / 1024 },
      group: layout
    )
    guard !comesUp else { return }
    if let failure = today.failure {
      (reason, tdmr) = (failure.kind, failure.tdmr)
    } else {
      reason = today.verdict.map { "module: \($0.name)" }
    }
    if let withholding = advice.withholding, withholding.placements.contains(placement),
      withholding.fitsCommandLine
    {
      (remedy, remedyBytes) = (withholding.kernelParameters, withholding.bytes)
    }
  }

  /// Takes in what a machine's own log says of TDX: a failure for something other than memory, or for memory that fits as
  /// far as it is known, counts more than what the layout lets one hope. It makes a group of its own.
  public mutating func take(_ observed: Observations) {
    guard let failure = observed.failure, comesUp || !failure.concernsMemory else { return }
    outcome = failure.errno.map(TDXFailure.errorName) ?? "failed"
    reason = failure.kind
    tdmr = nil
    (remedy, remedyBytes) = (failure.remedy(module: observed.tdx.moduleVersion), nil)
    group = group.apart([outcome, reason ?? "", remedy ?? ""])
  }
}

extension TDXFailure {
  /// What went wrong, in words that all machines with that trouble share.
  fileprivate var kind: String {
    guard !concernsMemory else { return "failed for memory that fits by what the log shows" }
    guard let reason = reasons.first else {
      return "the log does not say why" + (errno.map { " (\(Self.errorName($0)))" } ?? "")
    }
    let text =
      switch reason.content {
      case .seamcall(let call): call.summary
      case .known(let row): row.meaning
      case .unknown: reason.text
      }
    return fitForTerminal(text, limit: 200)
  }
}

extension PlanFailure {
  /// What went wrong, without where.
  var kind: String {
    switch self {
    case .tdmrsExhausted: "TDMRs exhausted"
    case .noMemoryForPAMT(_, let bytes): bytes == 0 ? "no memory to describe" : "no memory for a PAMT"
    case .reservedAreasExhausted: "reserved areas exhausted"
    case .reservedAreaNotAligned: "a hole is not page-aligned"
    case .notConvertible: "memory outside CMRs"
    case .notAddressable: "memory at the end of all addresses"
    }
  }

  /// Where.
  var tdmr: AddressRange? {
    switch self {
    case .noMemoryForPAMT(let tdmr, let bytes): bytes == 0 ? nil : tdmr
    case .reservedAreasExhausted(let tdmr), .reservedAreaNotAligned(let tdmr, _): tdmr
    case .tdmrsExhausted, .notConvertible, .notAddressable: nil
    }
  }
}
