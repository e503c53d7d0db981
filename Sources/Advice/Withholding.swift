import TDXMemory

/// Memory that the kernel is told not to use, so that Linux's own algorithm succeeds.
public struct Withholding: Sendable {
  /// By address: islands between two holes, pages at a border of a GiB where a TDMR is cut in two, memory that opens
  /// a TDMR too many, memory outside CMRs.
  public var ranges: [AddressRange]
  /// What comes of the rest under each placement.
  public var results: [PlanResult]
  /// The TDMR with the fewest reserved areas to spare, and how many those are, whatever the placement.
  public var tightest: AddressRange?
  public var areasToSpare: Int
  /// What else to withhold for each further PAMT that lands in that TDMR, in this order.
  public var next: [AddressRange]

  public var bytes: UInt64 { ranges.reduce(0) { $0 + $1.size } }
  /// The placements that it holds for.
  public var placements: [Placement] { results.filter(\.initializes).compactMap(\.placement) }

  /// As kernel parameters: `memmap=64K$0x619e0000 …`.
  public var kernelParameters: String { ranges.map { Self.parameter($0) }.joined(separator: " ") }

  /// Whether Linux can read all of the parameters: it takes 2047 characters on x86 (COMMAND_LINE_SIZE).
  public var fitsCommandLine: Bool { kernelParameters.utf8.count < 2048 }

  /// As a line of /etc/default/grub. The shell that reads the file takes `\\` for a backslash and `\$` for a dollar, and
  /// GRUB takes the `\$` that remains for a dollar.
  public var grubLine: String {
    let escaped = ranges.map { Self.parameter($0, dollar: #"\\\$"#) }.joined(separator: " ")
    return #"GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX \#(escaped)""#
  }

  /// The size in the largest unit of K, M and G that divides it.
  private static func parameter(_ range: AddressRange, dollar: String = "$") -> String {
    let unit = min(range.size.trailingZeroBitCount / 10, 3)
    let size = "\(range.size >> UInt64(10 * unit))\(["", "K", "M", "G"][unit])"
    return "memmap=\(size)\(dollar)\(hex(range.start))"
  }
}

/// Why nothing that is withheld helps.
public enum Hopelessness: Sendable, Hashable {
  /// Linux opens a TDMR for every region that adds a GiB. The least memory without which they are few enough, where
  /// that is known: more than anyone would give up.
  case tdmrsExhausted(allowed: UInt64, least: UInt64?)
  case noMemoryForPAMT(AddressRange)
  /// The TDMR has no island left between two holes: its areas are taken by PAMTs and by holes at its ends.
  case areasTakenByPAMTs(AddressRange)
  /// Nothing would be left.
  case nothingLeft
  /// The module refuses the rest as well.
  case refused(ModuleVerdict)
  case other(PlanFailure)
}

/// Carries a `Hopelessness` out of the search.
struct WithholdingFailure: Error {
  let reason: Hopelessness

  init(_ reason: Hopelessness) { self.reason = reason }
}
