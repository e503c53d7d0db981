import RandomNumbers
import TDXMemory

extension SplitMix64 {
  /// A size in `range`, in whole pages.
  ///
  /// - Precondition: both bounds are whole pages.
  mutating func pages(in range: ClosedRange<UInt64>) -> UInt64 {
    range.lowerBound + below((range.upperBound - range.lowerBound) / pageSize + 1) * pageSize
  }
}
