/// A message of a kernel about TDX: how it is recognised, what it means, and what to do. A row of the table.
public struct KernelMessage: Hashable, Sendable {
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
    self.kernels = kernels
    self.effect = effect
    self.meaning = meaning
    self.remedy = remedy
  }

  /// The row that a message is of; nil where it is of none.
  static func row(of message: ArraySlice<UInt8>, from speaker: Speaker) -> KernelMessage? {
    let candidates = bySpeaker[speaker] ?? []
    return candidates.first { $0.pattern.matches(message) }?.row
  }

  private static let bySpeaker = Dictionary(
    grouping: all.map { (row: $0, pattern: MessagePattern($0.pattern)) },
    by: \.row.speaker
  )
}

/// A message with gaps.
struct MessagePattern {
  private let parts: [[UInt8]]

  /// - Parameter text: `%` stands for anything but nothing.
  init(_ text: String) {
    parts = text.split(separator: "%", omittingEmptySubsequences: false).map { Array($0.utf8) }
  }

  /// Whether the text is the message: every part in its order, the first at the start and the last at the end, but for
  /// a full stop and blanks.
  func matches(_ text: ArraySlice<UInt8>) -> Bool {
    var rest = text
    while let last = rest.last, last == UInt8(ascii: " ") || last == UInt8(ascii: ".") { rest.removeLast() }
    guard let first = parts.first, rest.starts(with: first) else { return false }
    rest.removeFirst(first.count)
    guard parts.count > 1 else { return rest.isEmpty }
    for part in parts.dropFirst().dropLast() {
      guard let found = firstRange(of: part, in: rest.dropFirst()) else { return false }
      rest = rest[found.upperBound...]
    }
    let last = parts[parts.count - 1]
    return rest.count > last.count && rest.suffix(last.count).elementsEqual(last)
  }

  private func firstRange(of part: [UInt8], in text: ArraySlice<UInt8>) -> Range<Int>? {
    guard text.count >= part.count else { return nil }
    for start in text.startIndex...(text.endIndex - part.count)
    where text[start..<start + part.count].elementsEqual(part) {
      return start..<start + part.count
    }
    return nil
  }
}
