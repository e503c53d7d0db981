/// Powers of two that the architecture works in, and rounding that never wraps.

/// 4 KiB, the page of every rule in this module.
public let pageSize: UInt64 = 1 << 12
/// 2 MiB.
public let largePageSize: UInt64 = 1 << 21
/// 1 GiB: TDMR bases and sizes are multiples of it.
public let tdmrAlignment: UInt64 = 1 << 30
/// The first MiB is never convertible; Linux leaves it out of the TDX memory list (`build_tdx_memlist`).
public let lowMemoryEnd: UInt64 = 1 << 20
/// MAX_PA of the module's checks: addresses have at most this many bits, the key-id bits among them.
public let maxAddressBits = 52

extension UInt64 {
  /// The largest multiple of `alignment` that is not above this value.
  ///
  /// - Parameter alignment: a power of two.
  @inlinable
  public func roundedDown(to alignment: UInt64) -> UInt64 { self & ~(alignment &- 1) }

  /// The smallest multiple of `alignment` that is not below this value; nil where that is 2^64.
  ///
  /// - Parameter alignment: a power of two.
  @inlinable
  public func roundedUp(to alignment: UInt64) -> UInt64? {
    let (sum, wraps) = addingReportingOverflow(alignment &- 1)
    return wraps ? nil : sum & ~(alignment &- 1)
  }

  @inlinable
  public func isMultiple(ofPowerOfTwo alignment: UInt64) -> Bool { self & (alignment &- 1) == 0 }

  /// The sum, or 2^64 - 1 where it does not fit.
  @inlinable
  public func addingSaturated(_ other: UInt64) -> UInt64 {
    let (sum, wraps) = addingReportingOverflow(other)
    return wraps ? .max : sum
  }

  /// The product, or 2^64 - 1 where it does not fit.
  @inlinable
  public func multipliedSaturated(by other: UInt64) -> UInt64 {
    let (product, wraps) = multipliedReportingOverflow(by: other)
    return wraps ? .max : product
  }
}
