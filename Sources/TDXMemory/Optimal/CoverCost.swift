/// What TDMRs cost, in the order in which an optimal plan weighs it.
struct CoverCost: BitwiseCopyable {
  var pamtBytes: UInt64
  var tdmrs: Int
  /// Reserved areas.
  var areas: Int

  static var zero: CoverCost { CoverCost(pamtBytes: 0, tdmrs: 0, areas: 0) }

  @inline(__always)
  static func < (one: CoverCost, other: CoverCost) -> Bool {
    if one.pamtBytes != other.pamtBytes { return one.pamtBytes < other.pamtBytes }
    if one.tdmrs != other.tdmrs { return one.tdmrs < other.tdmrs }
    return one.areas < other.areas
  }

  @inline(__always)
  static func + (one: CoverCost, other: CoverCost) -> CoverCost {
    CoverCost(
      pamtBytes: one.pamtBytes.addingSaturated(other.pamtBytes),
      tdmrs: one.tdmrs &+ other.tdmrs,
      areas: one.areas &+ other.areas
    )
  }
}

/// The bytes of PAMT for a TDMR of so many GiB: f(n) = linear x n, and what rounding the 1G and the 2M level up to
/// whole pages adds. The 4K level needs no rounding. f never falls, and f(a + b) <= f(a) + f(b).
struct PAMTCost {
  /// The exact bytes per GiB of each level.
  let perGiB: (page4K: UInt64, page2M: UInt64, page1G: UInt64)
  /// Their sum.
  let linear: UInt64

  init(_ options: PlanOptions) {
    let entry = options.limits.pamtEntryBytes
    let page4K = options.dynamicPAMT ? tdmrAlignment >> 15 : (tdmrAlignment >> 12) * UInt64(entry.page4K)
    perGiB = (page4K, (tdmrAlignment >> 21) * UInt64(entry.page2M), UInt64(entry.page1G))
    linear = perGiB.page4K + perGiB.page2M + perGiB.page1G
  }

  /// Rounding adds less than this to a TDMR.
  static var mostRounding: UInt64 { 2 * pageSize }

  /// Whether a GiB costs more than any joining of two TDMRs can save: then no gap is covered but to save a TDMR.
  var gapsNeverPay: Bool { linear >= 2 * Self.mostRounding }

  /// - Parameter gibs: below 2^34.
  @inline(__always)
  func bytes(_ gibs: Int) -> UInt64 {
    // 2^34 GiB x 65535 x 2^18 is more than 64 bits: no memory holds it, and 2^64 - 1 stands for it.
    let count = UInt64(gibs)
    return count.multipliedSaturated(by: linear)
      .addingSaturated(padding(count &* perGiB.page2M) &+ padding(count &* perGiB.page1G))
  }

  private func padding(_ bytes: UInt64) -> UInt64 { (0 &- bytes) & (pageSize &- 1) }

  /// No cover of so many GiB by so many TDMRs costs less: each level has at least a page in each TDMR.
  func least(_ gibs: Int, tdmrs: Int) -> UInt64 {
    func level(_ perGiB: UInt64) -> UInt64 {
      guard perGiB > 0 else { return 0 }
      return max(
        wholePages(UInt64(gibs).multipliedSaturated(by: perGiB)),
        UInt64(tdmrs).multipliedSaturated(by: pageSize)
      )
    }
    return UInt64(gibs).multipliedSaturated(by: perGiB.page4K)
      .addingSaturated(level(perGiB.page2M)).addingSaturated(level(perGiB.page1G))
  }

  /// After so many GiB the rounding repeats: a power of two, at most 4096.
  var period: Int {
    let zeros2M = perGiB.page2M == 0 ? 12 : min(12, perGiB.page2M.trailingZeroBitCount)
    let zeros1G = perGiB.page1G == 0 ? 12 : min(12, perGiB.page1G.trailingZeroBitCount)
    return 1 << (12 - min(zeros2M, zeros1G))
  }

  /// The most GiB of a TDMR whose PAMT levels are each at most `largest` bytes, a multiple of 4 KiB.
  func mostGiBs(levelsUpTo largest: UInt64) -> Int {
    func most(_ perGiB: UInt64) -> Int { perGiB == 0 ? .max : Int(clamping: largest / perGiB) }
    return min(most(perGiB.page4K), most(perGiB.page2M), most(perGiB.page1G))
  }
}
