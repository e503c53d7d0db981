import TerminalText

/// Which Linux a machine runs, as it calls itself: `6.8.0-1013-intel`, `7.3-rc1`.
public struct KernelRelease: Hashable, Sendable {
  public let major: UInt64
  public let minor: UInt64
  /// As it was written, fit to be shown.
  public let text: String

  public init(_ major: UInt64, _ minor: UInt64) {
    (self.major, self.minor) = (major, minor)
    text = "\(major).\(minor)"
  }

  /// The longest name that is read; the kernel's own ends after 64 bytes (`__NEW_UTS_LEN`).
  private static let longest = 64

  /// Reads a name up to its first blank.
  ///
  /// - Returns: nil where it does not begin with two numbers and a dot between them, or one of them has a zero in front, as
  ///   in no kernel's own name.
  public init?(_ name: some Collection<UInt8>) {
    let word = Array(name.prefix(Self.longest).prefix { $0 > 32 && $0 != 127 })
    guard let numbers = word.withUnsafeBufferPointer(Self.numbers) else { return nil }
    (major, minor) = numbers
    self.text = fitForTerminal(String(decoding: word, as: UTF8.self))
  }

  public init?(_ name: String) { self.init(name.utf8) }

  private static func numbers(_ word: MessageBytes) -> (UInt64, UInt64)? {
    var text = MessageText(word)
    guard let major = takeNumber(&text), text.take("."), let minor = takeNumber(&text) else { return nil }
    // What follows the numbers parts from them: `6.8x` is no release.
    guard text.next.map({ "-.+_~".utf8.contains($0) }) ?? true else { return nil }
    return (major, minor)
  }

  private static func takeNumber(_ text: inout MessageText) -> UInt64? {
    let startsWithZero = text.next == UInt8(ascii: "0")
    guard let number = text.takeDecimal(), !startsWithZero || number == 0 else { return nil }
    return number
  }

  public func isAtLeast(_ other: KernelRelease) -> Bool {
    (major, minor) >= (other.major, other.minor)
  }

  /// Whether it is one of the kernels that Ubuntu builds for TDX hosts: `6.8.0-1013-intel`.
  public var isIntelFlavour: Bool { text.hasSuffix("-intel") }
}

extension KernelRelease: CustomStringConvertible {
  public var description: String { text }
}
