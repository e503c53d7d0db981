import TerminalText

/// A line about TDX in a log, and what it is.
public struct TDXMessage: Hashable, Sendable {
  public enum Content: Hashable, Sendable {
    /// A row of the table of messages.
    case known(KernelMessage)
    /// A call to the module that failed.
    case seamcall(SEAMCALLFailure)
    /// A line of a part of the kernel that speaks of TDX only; the table does not have it.
    case unknown
  }

  public var speaker: Speaker
  /// What was said, without who said it, fit to be shown.
  public var text: String
  /// Counted from 1, of the first line that said it.
  public var line: Int
  /// How many lines said it.
  public var count = 1
  public var content: Content

  /// The most bytes of a line that are looked at; longer ones are not the kernel's.
  static let longest = 1024

  /// What a line says.
  ///
  /// - Parameters:
  ///   - bytes: the line, with whatever stands before the message.
  ///   - line: its number.
  /// - Returns: nil where it says nothing of TDX.
  public init?(_ bytes: UnsafeBufferPointer<UInt8>, line: Int) {
    guard let (speaker, message, content) = Self.recognize(bytes) else { return nil }
    self.speaker = speaker
    text = fitForTerminal(String(decoding: message, as: UTF8.self))
    self.line = line
    self.content = content
  }

  /// Whether a line says something of TDX that the tables know. Takes no text out of it, unlike `init`.
  public static func isKnown(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    recognize(bytes).map { $0.content != .unknown } ?? false
  }

  private static func recognize(
    _ bytes: UnsafeBufferPointer<UInt8>
  ) -> (speaker: Speaker, message: MessageBytes, content: Content)? {
    let whole = MessageBytes(rebasing: bytes.prefix(longest))
    guard let (speaker, message) = Speaker.split(whole) else { return nil }
    let trimmed = trimmed(message)
    if let failure = SEAMCALLFailure(trimmed) { return (speaker, trimmed, .seamcall(failure)) }
    if let row = KernelMessage.row(of: trimmed, from: speaker) { return (speaker, trimmed, .known(row)) }
    return speaker == .core && !trimmed.isEmpty ? (speaker, trimmed, .unknown) : nil
  }

  private static func trimmed(_ message: MessageBytes) -> MessageBytes {
    var message = message[...]
    while let last = message.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") || last == 13 {
      message.removeLast()
    }
    return MessageBytes(rebasing: message)
  }

  /// What it means, as a sentence without its end; nil where it is not known.
  public var meaning: String? {
    switch content {
    case .known(let row): row.meaning
    case .seamcall(let failure): failure.meaning
    case .unknown: nil
    }
  }

  /// Whether it tells of something that went wrong.
  public var isComplaint: Bool {
    switch content {
    case .seamcall: true
    case .unknown: false
    case .known(let row):
      switch row.effect {
      case .tells, .succeeds, .happensLater: false
      case .causesFailure, .endsInFailure, .refuses, .refusesGuests: true
      }
    }
  }

  /// Whether a plan of the memory has something to say about it: what is wrong with the memory, or that it ended so.
  public var concernsPlan: Bool {
    switch content {
    case .seamcall(let failure): failure.concernsMemory
    case .unknown: false
    case .known(let row):
      row.effect == .causesFailure(.memory) || row.effect == .endsInFailure && speaker == .core
    }
  }

  public var remedy: String? {
    if case .known(let row) = content { return row.remedy }
    return nil
  }

  /// The same said again says nothing new, whatever registers come with it.
  func repeats(_ other: TDXMessage) -> Bool {
    switch (content, other.content) {
    case (.seamcall(let one), .seamcall(let two)):
      speaker == other.speaker && one.rax == two.rax && one.spelled == two.spelled && one.status == two.status
    default: speaker == other.speaker && text == other.text
    }
  }
}
