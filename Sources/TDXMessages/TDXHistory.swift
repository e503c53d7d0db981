/// What a boot said of TDX, in order, and what came of it.
///
/// The last attempt counts: a success after a failure is a success, and a call that fails after a success is that of a
/// guest or of a processor that comes online, and no failure of the initialisation.
public struct TDXHistory: Hashable, Sendable {
  /// What was said, each thing once, in the order of its first line.
  ///
  /// - Invariant: at most `mostMessages`.
  public private(set) var messages: [TDXMessage] = []
  /// Whether something was said beyond those.
  public private(set) var isCut = false
  public private(set) var moduleVersion: ModuleVersion?
  /// Whether Linux said that it uses Dynamic PAMT.
  public private(set) var usesDynamicPAMT = false
  /// What came of the module.
  private var core = Outcome.unknown
  /// Why KVM offers no TDs; nil where it said nothing of that kind since the module was last initialised.
  private var refusalOfGuests: TDXMessage?
  /// Whether the last line was a call that failed, and so the registers may follow.
  private var mayReadRegisters = false

  private enum Outcome: Hashable, Sendable {
    case unknown, succeeded
    /// The reasons so far, in order; `hasEnded` where the kernel said that the attempt is over.
    case failed(TDXFailure, hasEnded: Bool)
  }

  /// Logs of thousands of guests say the same few things; this is for those that say something new in each line.
  static let mostMessages = 256

  public init() {}

  public var isEmpty: Bool { messages.isEmpty }

  /// Whether the module is initialised, whatever KVM makes of it.
  public var isInitialized: Bool { core == .succeeded }

  /// What TDX came to; nil where nothing was said about that.
  public var verdict: TDXVerdict? {
    switch core {
    case .failed(let failure, _): return .failed(failure)
    case .succeeded, .unknown:
      if let refusalOfGuests {
        return .failed(
          TDXFailure(stage: core == .succeeded ? .guests : .platform, reasons: [refusalOfGuests])
        )
      }
      return core == .succeeded ? .initialized : nil
    }
  }

  /// Reads a line that speaks of TDX.
  ///
  /// - Returns: whether it does, and the tables know it.
  @discardableResult
  public mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, line: Int) -> Bool {
    guard let message = TDXMessage(bytes, line: line) else { return false }
    if mayReadRegisters, case .unknown = message.content, readRegisters(message) { return true }
    mayReadRegisters = false
    judge(message)
    keep(message)
    return message.content != .unknown
  }

  private mutating func keep(_ message: TDXMessage) {
    if let index = messages.lastIndex(where: { $0.repeats(message) }) {
      messages[index].count += 1
      return
    }
    guard messages.count < Self.mostMessages else {
      isCut = true
      return
    }
    messages.append(message)
    if case .seamcall = message.content { mayReadRegisters = true }
  }

  /// Registers belong to the call that failed just before.
  private mutating func readRegisters(_ line: TDXMessage) -> Bool {
    guard let index = messages.indices.last, messages[index].speaker == line.speaker,
      case .seamcall(var failure) = messages[index].content
    else { return false }
    guard line.text.withMessageBytes({ failure.readRegisters($0) }) else { return false }
    let before = messages[index]
    messages[index].content = .seamcall(failure)
    if case .failed(var whole, let hasEnded) = core, let last = whole.reasons.indices.last,
      whole.reasons[last] == before
    {
      whole.reasons[last] = messages[index]
      core = .failed(whole, hasEnded: hasEnded)
    }
    return true
  }

  // MARK: - Judging

  private mutating func judge(_ message: TDXMessage) {
    switch message.content {
    case .unknown: return
    case .seamcall(let failure): judge(failure, message)
    case .known(let row): judge(row, message)
    }
  }

  private mutating func judge(_ failure: SEAMCALLFailure, _ message: TDXMessage) {
    // Of a kernel that was initialised before its log begins, TDH.MEM and the like may be all that is left.
    guard core != .succeeded, failure.initializesModule else { return }
    addReason(message, failure.concernsMemory ? .memory : .other)
  }

  private mutating func judge(_ row: KernelMessage, _ message: TDXMessage) {
    if let version = message.text.withMessageBytes({ ModuleVersion($0) }) { moduleVersion = version }
    if row.pattern == "Enable Dynamic PAMT" { usesDynamicPAMT = true }
    switch row.effect {
    case .tells, .happensLater: break
    case .succeeds: (core, refusalOfGuests) = (.succeeded, nil)
    case .causesFailure(let reason):
      if core != .succeeded { addReason(message, reason) }
    case .refuses:
      core = .failed(TDXFailure(stage: .platform, reasons: [message]), hasEnded: true)
    case .refusesGuests: refusalOfGuests = message
    case .endsInFailure: endInFailure(message)
    }
  }

  private mutating func addReason(_ message: TDXMessage, _ reason: KernelMessage.Reason) {
    var failure = TDXFailure(stage: .initialization, reasons: [])
    if case .failed(let earlier, false) = core { failure = earlier }
    // An attempt has a handful of reasons; what says more is no kernel's log.
    guard failure.reasons.count < 16, !failure.reasons.contains(where: { $0.repeats(message) }) else {
      return
    }
    failure.reasons.append(message)
    if reason == .other { failure.hasOtherReason = true }
    core = .failed(failure, hasEnded: false)
  }

  private mutating func endInFailure(_ message: TDXMessage) {
    var failure = TDXFailure(stage: .initialization, reasons: [])
    switch core {
    case .failed(let earlier, false): failure = earlier
    // KVM says after the core that it failed: nothing new.
    case .failed(let earlier, true) where message.speaker == .kvm: failure = earlier
    default: break
    }
    failure.errno = failure.errno ?? errorNumber(in: message.text)
    core = .failed(failure, hasEnded: true)
  }

  /// `module initialization failed (-28)`: 28.
  private func errorNumber(in text: String) -> UInt64? {
    text.withMessageBytes { bytes in
      var rest = MessageText(bytes)
      guard rest.take(through: "(-") else { return nil }
      return rest.takeDecimal()
    }
  }
}

extension String {
  /// Lends the bytes of a text.
  func withMessageBytes<Result>(_ body: (MessageBytes) -> Result) -> Result {
    var copy = self
    return copy.withUTF8(body)
  }
}
