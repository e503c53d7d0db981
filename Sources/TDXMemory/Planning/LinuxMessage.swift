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
  var consumedTDMRs: LinuxMessage?
  var noLocalNode: LinuxMessage?
  var failure: PlanFailure?

  public func makeIterator() -> Iterator { Iterator(messages: self) }

  public struct Iterator: IteratorProtocol {
    var messages: LinuxMessages
    private var step = 0

    init(messages: LinuxMessages) { self.messages = messages }

    public mutating func next() -> LinuxMessage? {
      while step < 4 {
        defer { step += 1 }
        switch step {
        case 0: if let message = messages.consumedTDMRs { return message }
        case 1: if let message = messages.noLocalNode { return message }
        case 2: if let failure = messages.failure, failure.isLogged { return .failure(failure) }
        default:
          if let failure = messages.failure { return .initializationFailed(errno: failure.outcome.errno) }
        }
      }
      return nil
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
