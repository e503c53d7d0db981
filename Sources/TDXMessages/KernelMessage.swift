/// A message of a kernel about TDX: how it is recognised, what it means, and what to do. A row of the table, of which there is
/// one object: what is kept of a log names it, and copies nothing.
public final class KernelMessage: Sendable {
  /// What a message decides about TDX on this machine.
  public enum Effect: Hashable, Sendable {
    /// Nothing: it tells something.
    case tells
    /// TDX is initialised.
    case succeeds
    /// The initialisation fails for this; the line that says so is still to come, or does not come.
    case causesFailure(Reason)
    /// The initialisation has failed; what it failed for was said before, or not at all.
    case endsInFailure
    /// There will be no initialisation.
    case refuses
    /// KVM offers no TDs, whatever becomes of the module.
    case refusesGuests
    /// It concerns a time after the initialisation: guests, kexec, a processor that goes offline.
    case happensLater
  }

  public enum Reason: Hashable, Sendable {
    /// The memory: what a plan tells, too.
    case memory
    /// Something that no plan of the memory can tell.
    case other
  }

  public let speaker: Speaker
  /// The message with `%` for what differs. A full stop at its end may be missing.
  let pattern: String
  private let compiled: MessagePattern
  /// Which kernels print it.
  public let kernels: String
  public let effect: Effect
  /// What it means, as a sentence without its end.
  public let meaning: String
  /// What someone at the machine can do; nil where there is nothing to do.
  public let remedy: String?

  init(
    _ speaker: Speaker,
    _ pattern: String,
    _ kernels: String,
    _ effect: Effect,
    _ meaning: String,
    remedy: String? = nil
  ) {
    self.speaker = speaker
    self.pattern = pattern
    compiled = MessagePattern(pattern)
    self.kernels = kernels
    self.effect = effect
    self.meaning = meaning
    self.remedy = remedy
  }

  /// The row that a message is of; nil where it is of none.
  static func row(of message: MessageBytes, from speaker: Speaker) -> KernelMessage? {
    guard let first = message.first else { return nil }
    return byBeginning[place(of: speaker, first)].first { $0.compiled.matches(message) }
  }

  private static func place(of speaker: Speaker, _ first: UInt8) -> Int { speaker.rawValue << 8 | Int(first) }

  /// The rows that a message may be of, by who says it and its first byte: a handful each, of all that there are.
  private static let byBeginning: [[KernelMessage]] = {
    var rows = [[KernelMessage]](repeating: [], count: Speaker.allCases.count << 8)
    for row in all {
      let first = row.compiled.first.map { $0...$0 } ?? 0...255
      for byte in first { rows[place(of: row.speaker, byte)].append(row) }
    }
    return rows
  }()
}

extension KernelMessage: Hashable {
  public static func == (one: KernelMessage, other: KernelMessage) -> Bool { one === other }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// A message with gaps.
struct MessagePattern {
  /// What stands between the gaps, all in a row.
  private let bytes: [UInt8]
  /// Where in `bytes` each part ends.
  private let ends: [Int]

  /// - Parameter text: `%` stands for anything but nothing.
  init(_ text: String) {
    var (bytes, ends): ([UInt8], [Int]) = ([], [])
    for part in text.utf8.split(separator: UInt8(ascii: "%"), omittingEmptySubsequences: false) {
      bytes += part
      ends.append(bytes.count)
    }
    (self.bytes, self.ends) = (bytes, ends)
  }

  /// The byte that the message begins with; nil where that is a gap.
  var first: UInt8? { ends[0] > 0 ? bytes[0] : nil }

  /// Whether the text is the message: every part in its order, the first at the start and the last at the end, but for
  /// a full stop and blanks.
  func matches(_ text: MessageBytes) -> Bool {
    var end = text.count
    while end > 0, text[end - 1] == UInt8(ascii: " ") || text[end - 1] == UInt8(ascii: ".") { end -= 1 }
    var position = ends[0]
    guard end >= position, isPart(0, of: text, at: 0) else { return false }
    guard ends.count > 1 else { return end == position }
    for part in 1..<(ends.count - 1) {
      let length = ends[part] - ends[part - 1]
      position += 1
      let first = bytes[ends[part - 1]]
      while position + length <= end, text[position] != first || !isPart(part, of: text, at: position) {
        position += 1
      }
      guard position + length <= end else { return false }
      position += length
    }
    let last = ends.count - 1
    let start = end - (ends[last] - ends[last - 1])
    return start > position && isPart(last, of: text, at: start)
  }

  /// Whether a part stands at a place; the text has as many bytes there.
  private func isPart(_ part: Int, of text: MessageBytes, at place: Int) -> Bool {
    let start = part > 0 ? ends[part - 1] : 0
    for index in start..<ends[part] where bytes[index] != text[place + index - start] { return false }
    return true
  }
}
