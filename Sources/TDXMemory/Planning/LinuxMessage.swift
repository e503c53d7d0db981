/// A line that Linux logs while it describes its memory to the TDX module.
public enum LinuxMessage: Hashable, Sendable {
  /// Fewer than 4 TDMRs are left (`TDMR_NR_WARN`).
  case consumedTDMRsReachingLimit(used: UInt64, limit: UInt64)
  /// The TDMR holds no memory: only the one of an empty memory list.
  case noLocalNode(tdmr: AddressRange)
  case failure(PlanFailure)
  case initializationFailed(errno: Int)
}

extension LinuxMessage: CustomStringConvertible {
  /// The line without its time stamp, in the words of Linux 6.8 to 7.0.
  public var description: String {
    switch self {
    case .consumedTDMRsReachingLimit(let used, let limit):
      "virt/tdx: consumed TDMRs reaching limit: \(used) used out of \(limit)"
    case .noLocalNode(let tdmr):
      "virt/tdx: TDMR \(tdmr): unable to find local NUMA node for PAMT allocation, fallback to use node 0."
    case .failure(.tdmrsExhausted):
      "virt/tdx: initialization failed: TDMRs exhausted."
    case .failure(.reservedAreasExhausted(let tdmr)):
      "virt/tdx: initialization failed: TDMR \(tdmr): reserved areas exhausted."
    case .failure(.notConvertible(let region)):
      "virt/tdx: memory region \(region) is not TDX convertible memory."
    case .failure(.noMemoryForPAMT(let tdmr, let bytes)):
      "virt/tdx: TDMR \(tdmr): no node has \(bytes) contiguous bytes for the PAMT"
    case .failure(.reservedAreaNotAligned(let tdmr, let area)):
      "virt/tdx: TDMR \(tdmr): reserved area \(area) is not 4 KiB aligned"
    case .failure(.notAddressable(let region)):
      "virt/tdx: memory region \(region) reaches into the last GiB below 2^64"
    case .initializationFailed(let errno):
      "virt/tdx: module initialization failed (-\(errno))"
    }
  }
}

extension LinuxMessage {
  /// The line as a kernel prints it. From 7.1 on the result is that of the `TDX-Module`.
  public func text(saysTDXModule: Bool) -> String {
    if saysTDXModule, case .initializationFailed(let errno) = self {
      return "virt/tdx: TDX-Module initialization failed (-\(errno))"
    }
    return description
  }
}

/// What Linux warns of when it has chosen the TDMRs of a plan.
struct LinuxWarnings: Sendable {
  /// How many TDMRs the module takes, where few are left; else 0.
  fileprivate let limit: UInt64
  /// How many TDMRs are left of them; -1 where one is taken of none.
  fileprivate let left: Int8
  /// An empty memory list counts as one TDMR of size 0, which has no node.
  fileprivate let isEmptyList: Bool
  /// Linux does not plan so: there is nothing that it would log.
  fileprivate let isSilent: Bool

  private init(limit: UInt64 = 0, left: Int8 = .max, isEmptyList: Bool = false, isSilent: Bool = false) {
    self.limit = limit
    self.left = left
    self.isEmptyList = isEmptyList
    self.isSilent = isSilent
  }

  /// No TDMRs were chosen.
  static var none: LinuxWarnings { LinuxWarnings() }

  /// No lines at all, of a plan that Linux would not make.
  static var silent: LinuxWarnings { LinuxWarnings(isSilent: true) }

  /// Of so many TDMRs, which the limit allows.
  @inline(__always)
  init(tdmrs: Int, limit: UInt64) {
    let left = Int64(bitPattern: limit &- UInt64(truncatingIfNeeded: Swift.max(tdmrs, 1)))
    // Beyond 2^63 left it is negative as well.
    let isNear = left <= 3 && left >= -1
    self.init(
      limit: isNear ? limit : 0,
      left: isNear ? Int8(truncatingIfNeeded: left) : .max,
      isEmptyList: tdmrs == 0
    )
  }
}

/// The lines of one plan. Iterating them allocates nothing; rendering one does.
public struct LinuxMessages: Sequence, Sendable {
  private let warnings: LinuxWarnings
  private let failure: PlanFailure?

  /// No lines.
  package init() { self.init(.none, failure: nil) }

  init(_ warnings: LinuxWarnings, failure: PlanFailure?) {
    self.warnings = warnings
    self.failure = failure
  }

  /// Whether there is no line.
  public var isEmpty: Bool { message(0) == nil && message(1) == nil && failure == nil || warnings.isSilent }

  public func makeIterator() -> Iterator { Iterator(messages: self) }

  public struct Iterator: IteratorProtocol {
    fileprivate let messages: LinuxMessages
    private var step = 0

    fileprivate init(messages: LinuxMessages) { self.messages = messages }

    public mutating func next() -> LinuxMessage? {
      while step < 4 {
        defer { step += 1 }
        if let message = messages.message(step) { return message }
      }
      return nil
    }
  }

  private func message(_ step: Int) -> LinuxMessage? {
    if warnings.isSilent { return nil }
    return switch step {
    case 0: warnings.consumedTDMRsReachingLimit
    case 1: warnings.isEmptyList ? .noLocalNode(tdmr: AddressRange(unchecked: 0, 0)) : nil
    case 2: failure.flatMap { $0.isLogged ? .failure($0) : nil }
    default: failure.map { .initializationFailed(errno: $0.outcome.errno) }
    }
  }
}

extension LinuxWarnings {
  fileprivate var consumedTDMRsReachingLimit: LinuxMessage? {
    left == .max
      ? nil : .consumedTDMRsReachingLimit(used: limit &- UInt64(bitPattern: Int64(left)), limit: limit)
  }
}

extension PlanFailure {
  /// Whether Linux logs a line of its own for it, before it logs that the initialization failed.
  var isLogged: Bool {
    switch self {
    case .tdmrsExhausted, .reservedAreasExhausted, .notConvertible: true
    case .noMemoryForPAMT, .reservedAreaNotAligned, .notAddressable: false
    }
  }
}
