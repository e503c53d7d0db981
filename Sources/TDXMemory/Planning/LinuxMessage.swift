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
  /// The line without its time stamp.
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

/// The lines of one plan. Iterating them allocates nothing; rendering one does.
public struct LinuxMessages: Sequence, Sendable {
  /// How many TDMRs are used, where that is near the limit; else 0.
  private var used: UInt64 = 0
  private var limit: UInt64 = 0
  /// An empty memory list counts as one TDMR of size 0, which has no node.
  private var isEmptyList = false
  /// Linux does not plan so: there is nothing that it would log.
  private var isSilent = false
  var failure: PlanFailure?

  package init() {}

  /// No lines, of a plan that Linux would not make.
  static func silent(failure: PlanFailure?) -> LinuxMessages {
    var messages = LinuxMessages()
    messages.isSilent = true
    messages.failure = failure
    return messages
  }

  /// Linux's warnings about the TDMRs.
  mutating func note(tdmrs: Int, limit: UInt64) {
    let used = UInt64(Swift.max(tdmrs, 1))
    if limit <= used &+ 3 { (self.used, self.limit) = (used, limit) }
    isEmptyList = tdmrs == 0
  }

  /// Whether there is no line.
  public var isEmpty: Bool { isSilent || used == 0 && !isEmptyList && failure == nil }

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
    if isSilent { return nil }
    return switch step {
    case 0: used > 0 ? .consumedTDMRsReachingLimit(used: used, limit: limit) : nil
    case 1: isEmptyList ? .noLocalNode(tdmr: AddressRange(unchecked: 0, 0)) : nil
    case 2: failure.flatMap { $0.isLogged ? .failure($0) : nil }
    default: failure.map { .initializationFailed(errno: $0.outcome.errno) }
    }
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
