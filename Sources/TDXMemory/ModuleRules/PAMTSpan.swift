/// A PAMT, and where it stands in the table: 3 x TDMR + level.
struct PAMTSpan: RadixSortable {
  var range: AddressRange
  var position: Int

  var key: UInt64 { range.start }
}

extension PAMTLevel {
  /// 4K, 2M, 1G: the order in which the module looks for overlaps.
  static var ascending: [3 of PAMTLevel] { [.page4K, .page2M, .page1G] }
  /// 1G, 2M, 4K: the order in which the module looks at shapes and CMRs.
  static var descending: [3 of PAMTLevel] { [.page1G, .page2M, .page4K] }
}

extension TDMRInfo {
  /// One PAMT as a range.
  ///
  /// - Precondition: its shape has been checked: it does not wrap.
  func pamtRange(_ level: PAMTLevel) -> AddressRange {
    let (base, size) = pamt(level)
    return AddressRange(unchecked: base, base &+ size)
  }
}
