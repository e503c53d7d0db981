/// The bytes of PAMT that one TDMR needs: metadata of the TDX module, one entry per page of each size.
///
/// Source: `tdmr_get_pamt_sz` in Linux, PAMT shape rule 5 in the module. Each level is rounded up to 4 KiB by
/// itself. A size that does not fit 64 bits is 2^64 - 4096, more than any memory holds.
public struct PAMTSizes: Hashable, Sendable, BitwiseCopyable {
  /// The 4K level; with Dynamic PAMT its PAMT_PAGE_BITMAP, one bit per page.
  public let page4K: UInt64
  public let page2M: UInt64
  public let page1G: UInt64

  /// - Parameters:
  ///   - tdmrSize: bytes, a multiple of 1 GiB.
  ///   - dynamic: whether the 4K level is Dynamic PAMT's bitmap.
  @inlinable @inline(__always)
  public init(tdmrSize: UInt64, entryBytes: PAMTEntryBytes, dynamic: Bool) {
    guard tdmrSize >> 59 == 0 else {
      self = PAMTSizes(huge: tdmrSize, entryBytes: entryBytes, dynamic: dynamic)
      return
    }
    // Below 2^47 pages with less than 2^16 bytes each: nothing wraps, nor does the sum of the levels.
    let pages = tdmrSize >> 12
    page4K = (dynamic ? (pages &+ 7) >> 3 : pages &* UInt64(entryBytes.page4K)).roundedUpToPages
    page2M = ((tdmrSize >> 21) &* UInt64(entryBytes.page2M)).roundedUpToPages
    page1G = ((tdmrSize >> 30) &* UInt64(entryBytes.page1G)).roundedUpToPages
  }

  /// The sizes for TDMRs of 2^59 bytes and more, which no machine has.
  @usableFromInline @inline(never)
  init(huge tdmrSize: UInt64, entryBytes: PAMTEntryBytes, dynamic: Bool) {
    let pages = tdmrSize >> 12
    page4K = wholePages(
      dynamic ? (pages &+ 7) >> 3 : pages.multipliedSaturated(by: UInt64(entryBytes.page4K))
    )
    page2M = wholePages((tdmrSize >> 21).multipliedSaturated(by: UInt64(entryBytes.page2M)))
    page1G = wholePages((tdmrSize >> 30).multipliedSaturated(by: UInt64(entryBytes.page1G)))
  }

  /// - Precondition: whole pages.
  @inline(__always)
  init(page4K: UInt64, page2M: UInt64, page1G: UInt64) {
    self.page4K = page4K
    self.page2M = page2M
    self.page1G = page1G
  }

  /// No PAMT.
  static var none: PAMTSizes { PAMTSizes(tdmrSize: 0, entryBytes: PAMTEntryBytes(), dynamic: false) }

  /// The size of one level.
  public subscript(level: PAMTLevel) -> UInt64 {
    switch level {
    case .page4K: page4K
    case .page2M: page2M
    case .page1G: page1G
    }
  }

  /// All levels together. Linux allocates them as one chunk: 4K first, then 2M, then 1G.
  @inlinable public var total: UInt64 { page4K.addingSaturated(page2M).addingSaturated(page1G) }
}

extension PAMTSizes {
  /// All levels together, of a TDMR below 2^59 bytes.
  @inline(__always)
  var unsaturatedTotal: UInt64 { page4K &+ page2M &+ page1G }
}

/// What each level of the PAMT of a GiB has of bytes before they are rounded up: the sizes of a plan's TDMRs are these
/// times their GiBs, three products each.
struct PAMTScale: BitwiseCopyable {
  /// Whole pages.
  private let page4K: UInt64
  private let page2M: UInt64
  private let page1G: UInt64

  @inline(__always)
  init(_ options: PlanOptions) {
    let entryBytes = options.limits.pamtEntryBytes
    page4K = options.dynamicPAMT ? 1 << 15 : UInt64(entryBytes.page4K) &<< 18
    page2M = UInt64(entryBytes.page2M) &<< 9
    page1G = UInt64(entryBytes.page1G)
  }

  /// Whether no TDMR has a PAMT.
  @inline(__always)
  var isZero: Bool { page4K | page2M | page1G == 0 }

  /// The sizes of a TDMR's PAMT.
  ///
  /// - Parameter tdmrSize: a multiple of 1 GiB below 2^59.
  @inline(__always)
  func sizes(of tdmrSize: UInt64) -> PAMTSizes {
    let gibs = tdmrSize >> 30
    return PAMTSizes(
      page4K: gibs &* page4K,
      page2M: (gibs &* page2M).roundedUpToPages,
      page1G: (gibs &* page1G).roundedUpToPages
    )
  }
}

/// Whole pages, in bytes, that hold so many bytes; 2^64 - 4096 where they do not fit 64 bits.
@usableFromInline
func wholePages(_ bytes: UInt64) -> UInt64 {
  bytes.roundedUp(to: pageSize) ?? UInt64.max.roundedDown(to: pageSize)
}

extension UInt64 {
  /// - Precondition: 2^64 - 4096 at the most.
  @usableFromInline
  var roundedUpToPages: UInt64 { (self &+ (pageSize &- 1)) & ~(pageSize &- 1) }
}
