/// How this project writes numbers: addresses in hexadecimal, sizes in binary units.

/// `0x4080000000`.
public func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }

/// A size in bytes, printed the way people write it: `2 GiB`, `1.5 TiB`, `64 KiB`, `17 B`.
public struct ByteCount: Hashable, Sendable, CustomStringConvertible {
  public let bytes: UInt64

  public init(_ bytes: UInt64) { self.bytes = bytes }

  /// The size in its largest unit, with at most two decimals, rounded down.
  public var description: String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    let unit = bytes == 0 ? 0 : (63 - bytes.leadingZeroBitCount) / 10
    let shift = UInt64(unit * 10)
    let whole = bytes >> shift
    let rest = bytes & ((1 << shift) - 1)
    // The rest is below 2^60, so `rest >> 7` times 100 stays below 2^64; without a unit there is no rest.
    let hundredths = shift == 0 ? 0 : ((rest >> 7) * 100) >> (shift - 7)
    guard hundredths > 0 else { return "\(whole) \(units[unit])" }
    let digits =
      hundredths % 10 == 0 ? "\(hundredths / 10)" : hundredths < 10 ? "0\(hundredths)" : "\(hundredths)"
    return "\(whole).\(digits) \(units[unit])"
  }
}
