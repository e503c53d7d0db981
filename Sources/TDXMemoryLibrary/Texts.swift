import Advice
import CTDXMemory
import TDXMemory

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func tdxmemory_message(_ session: OpaquePointer!) -> UnsafePointer<CChar>! {
  guard let session = Session.at(session) else {
    let text: StaticString = "the session is null, misaligned or released"
    return UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
  }
  let text = session.pointee.remarks.notice?.description ?? ""
  session.pointee.message.removeAll()
  for byte in text.utf8 { session.pointee.message.append(CChar(bitPattern: byte)) }
  session.pointee.message.append(0)
  return UnsafePointer(session.pointee.message.elements.baseAddress)
}

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func tdxmemory_text(
  _ session: OpaquePointer!,
  _ which: UInt32,
  _ buffer: UnsafeMutablePointer<CChar>!,
  _ capacity: Int
) -> Int {
  guard let session = Session.at(session), let text = session.pointee.remarks.text(which) else { return 0 }
  // A capacity of 2^63 or more comes as a negative number.
  let capacity = capacity < 0 ? Int.max : capacity
  guard capacity > 0 else { return text.utf8.count }
  guard let buffer else { return 0 }
  var next = 0
  for byte in text.utf8 where next < capacity - 1 {
    buffer[next] = CChar(bitPattern: byte)
    next += 1
  }
  buffer[next] = 0
  return text.utf8.count
}

extension Remarks {
  /// nil where there is no such text.
  fileprivate func text(_ which: UInt32) -> String? {
    switch Int(which) {
    case TDXMEMORY_TEXT_LINUX_MESSAGES: messages.map { $0.reduce("") { $0 + "\($1)\n" } }
    case TDXMEMORY_TEXT_STATUS_NAME: verdict?.name
    case TDXMEMORY_TEXT_STATUS_MEANING: verdict?.description
    case TDXMEMORY_TEXT_KERNEL_PARAMETERS: withholding?.kernelParameters
    case TDXMEMORY_TEXT_GRUB_LINE: withholding?.grubLine
    default: nil
    }
  }
}

extension Remarks.Notice: CustomStringConvertible {
  var description: String {
    switch self {
    case .problem(let problem): problem.description
    case .failure(let failure): failure.explanation
    case .obstacle(let obstacle): obstacle.description
    case .refusal(let verdict): verdict.description
    case .hopeless(let reason): reason.explanation
    }
  }
}
