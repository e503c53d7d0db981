import Advice
import CTDXMemory
import Requests
import ReusableMemory
import TDXMemory

/// What a `tdxmemory_session` points to: workspace that is kept from call to call, and what there is to say of the last
/// one.
struct Session: ~Copyable {
  /// Where it is not this, a pointer is not one to a session.
  private var mark = Session.mark
  private static let mark: UInt64 = 0x7464_786d_656d_3031

  let planner = PlanSession()
  let rules = ModuleRules()
  /// The memory of a machine whose regions or CMRs cannot be read as they lie at the caller's.
  var regions = ReusableBuffer<MemoryRegion>(capacity: 64)
  var convertible = ReusableBuffer<AddressRange>(capacity: 32)
  /// TDMR_INFO, as the module would read it, of a configuration to validate.
  var table = TDMRInfoBuffer()

  var remarks = Remarks()
  /// The last message that was asked for, with a NUL.
  var message = ReusableBuffer<CChar>(capacity: 256)

  /// The session that a caller's pointer points to; nil where it cannot be one.
  @inline(__always)
  static func at(_ pointer: OpaquePointer?) -> UnsafeMutablePointer<Session>? {
    guard let pointer, UInt(bitPattern: pointer).isMultiple(of: UInt(MemoryLayout<Session>.alignment)) else {
      return nil
    }
    let session = UnsafeMutablePointer<Session>(pointer)
    return session.pointee.mark == mark ? session : nil
  }

  /// Makes it no session, before it is released.
  mutating func revoke() { mark = 0 }
}

/// What a session can say of its last call, rendered when it is asked for.
struct Remarks {
  /// What there is to say in `tdxmemory_message`.
  enum Notice {
    case problem(Problem)
    case failure(PlanFailure)
    case obstacle(Obstacle)
    case refusal(ModuleVerdict)
    case hopeless(Hopelessness)

    /// A refusal, if it is one.
    @inline(__always)
    static func refusal(_ verdict: ModuleVerdict?) -> Notice? {
      guard let verdict, !verdict.isAccepted else { return nil }
      return .refusal(verdict)
    }
  }

  // What is not there keeps its old value behind a flag: to write all of a value that is nil cost a tenth of a plan.
  private var hasNotice = false
  private var lastNotice = Notice.obstacle(.noMemory)
  private var hasMessages = false
  private var lastMessages = LinuxMessages()
  private var hasVerdict = false
  private var lastVerdict = ModuleVerdict(refusal: nil)
  private(set) var withholding: Withholding?

  var notice: Notice? { hasNotice ? lastNotice : nil }
  /// nil where there is no line.
  var messages: LinuxMessages? { hasMessages ? lastMessages : nil }
  var verdict: ModuleVerdict? { hasVerdict ? lastVerdict : nil }

  /// What there is to say of a call, and nothing of those before.
  @inline(__always)
  mutating func set(
    _ notice: Notice? = nil,
    messages: LinuxMessages? = nil,
    verdict: ModuleVerdict? = nil,
    withholding: Withholding? = nil
  ) {
    hasNotice = notice != nil
    if let notice { lastNotice = notice }
    hasMessages = messages.map { !$0.isEmpty } ?? false
    if let messages, hasMessages { lastMessages = messages }
    hasVerdict = verdict != nil
    if let verdict { lastVerdict = verdict }
    if self.withholding != nil || withholding != nil { self.withholding = withholding }
  }
}

/// Makes a call with a session: what `body` throws is what the call returns.
@inline(__always)
func answer(
  _ pointer: OpaquePointer?,
  _ body: (inout Session) throws(Problem) -> Void
) -> tdxmemory_status {
  guard let session = Session.at(pointer) else { return tdxmemory_status(TDXMEMORY_ERROR_SESSION) }
  do throws(Problem) {
    try body(&session.pointee)
    return tdxmemory_status(TDXMEMORY_OK)
  } catch {
    session.pointee.remarks.set(.problem(error))
    return error.status
  }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func tdxmemory_abi_version() -> UInt32 { UInt32(TDXMEMORY_ABI_VERSION) }

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func tdxmemory_create() -> OpaquePointer! {
  let session = UnsafeMutablePointer<Session>.allocate(capacity: 1)
  session.initialize(to: Session())
  return OpaquePointer(session)
}

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func tdxmemory_destroy(_ session: OpaquePointer!) {
  guard let session = Session.at(session) else { return }
  session.pointee.revoke()
  session.deinitialize(count: 1)
  session.deallocate()
}
