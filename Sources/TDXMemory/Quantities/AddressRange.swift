/// A half-open range of physical memory, `[start, end)`, in bytes.
///
/// The layout is fixed: two 64-bit words, so an array of ranges can be memory-mapped.
///
/// - Invariant: `start <= end`. The bounds need not be page-aligned.
public struct AddressRange: Hashable, Sendable, BitwiseCopyable {
  /// The first byte.
  public let start: UInt64
  /// The byte after the last one. Memory whose last byte is 2^64 - 1 ends at 2^64 - 1 here: its last byte is
  /// lost, which no page-wise rule can notice.
  public let end: UInt64

  /// A range from untrusted bounds.
  ///
  /// - Returns: nil where `end < start`.
  @inlinable
  public init?(from start: UInt64, to end: UInt64) {
    guard start <= end else { return nil }
    self.init(unchecked: start, end)
  }

  /// A range from bounds that are known to be in order.
  @inlinable
  public init(unchecked start: UInt64, _ end: UInt64) {
    assert(start <= end, "a range ends before it starts")
    self.start = start
    self.end = end
  }

  /// The length in bytes.
  @inlinable public var size: UInt64 { end &- start }
  @inlinable public var isEmpty: Bool { start == end }

  /// Whether every byte of `other` is a byte of this range. An empty range lies inside wherever its start does.
  @inlinable
  public func contains(_ other: AddressRange) -> Bool {
    start <= other.start && other.end <= end
  }

  /// Whether the two ranges have a byte in common.
  @inlinable
  public func overlaps(_ other: AddressRange) -> Bool {
    start < other.end && other.start < end && !isEmpty && !other.isEmpty
  }

  /// The bytes that the two ranges have in common; nil where there are none.
  @inlinable
  public func intersection(_ other: AddressRange) -> AddressRange? {
    overlaps(other) ? AddressRange(unchecked: max(start, other.start), min(end, other.end)) : nil
  }
}

extension AddressRange: CustomStringConvertible {
  /// `[0x40000000, 0x80000000)`, as Linux writes it.
  public var description: String { "[\(hex(start)), \(hex(end)))" }
}
