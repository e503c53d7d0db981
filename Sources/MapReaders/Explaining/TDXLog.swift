import TDXMemory
import TDXMessages

/// The lines of a log that are about TDX, in order, boot by boot.
public struct TDXLog: Sendable {
  public var file: String
  /// Those that say something of TDX, in the order of the file.
  public var boots: [TDXBoot] = []
  public var notes: [String] = []
  /// Whether a line is one that a kernel prints while it boots.
  public var hasKernelLines = false

  public var isEmpty: Bool { boots.allSatisfy { $0.lines.isEmpty } }
}

/// What one boot said of TDX.
public struct TDXBoot: Sendable {
  public var kernel: KernelRelease?
  public var lines: [TDXLogLine] = []
  /// How many lines more there are than are kept.
  public var hidden = 0
  /// What it came to.
  public var observed = Observations()
  /// The CMRs as the log lists them.
  public var convertible: [AddressRange] = []

  /// The most lines of a boot that are kept: logs of thousands of guests say the same few things.
  static let mostLines = 1024
}

/// A line of a log about TDX, or lines that are one thing: the CMRs, a kernel's TDMRs, a call with its registers.
public struct TDXLogLine: Sendable {
  public enum Content: Sendable {
    case message(TDXMessage)
    /// Convertible memory regions.
    case convertible([AddressRange])
    /// TDMRs and PAMTs of a kernel that prints them.
    case layout(tdmrs: Int, pamtBytes: UInt64)
    /// A line of another part of the kernel.
    case other(OtherLine)
    /// A line that speaks of TDX, and nobody knows.
    case unknown
  }

  /// Counted from 1: the first and the last of them.
  public var first: Int
  public var last: Int
  /// How many they are.
  public var count = 1
  /// The first of them from where the kernel's part begins, fit to be shown.
  public var text: String
  public var content: Content

  init(_ content: Content, line: Int, text: String) {
    self.content = content
    self.text = text
    (first, last) = (line, line)
  }
}
