/// A TDMR of an optimal plan while its PAMT is placed.
struct CoveredTDMR: BitwiseCopyable {
  var range: AddressRange
  /// The first stretch of memory in it.
  var stretch: Int
  /// The node of its first memory, which its PAMT should lie on.
  var node: UInt32
  /// The reserved areas that its holes take, and those that PAMTs take beside them.
  var holes: Int
  var extraAreas = 0
  var sizes: PAMTSizes
  /// Where the levels of its PAMT start.
  var page4K: UInt64 = 0
  var page2M: UInt64 = 0
  var page1G: UInt64 = 0

  /// The parts of its PAMT that are placed one by one where they do not fit in one piece.
  func size(_ level: PAMTLevel) -> UInt64 { sizes[level] }

  func base(_ level: PAMTLevel) -> UInt64 {
    switch level {
    case .page4K: page4K
    case .page2M: page2M
    case .page1G: page1G
    }
  }

  mutating func place(_ level: PAMTLevel, at base: UInt64) {
    switch level {
    case .page4K: page4K = base
    case .page2M: page2M = base
    case .page1G: page1G = base
    }
  }

  /// Places all levels side by side.
  mutating func place(at base: UInt64) {
    page4K = base
    page2M = base + sizes.page4K
    page1G = page2M + sizes.page2M
  }
}

/// The part of a stretch that lies in one TDMR.
struct StretchPart {
  var range: AddressRange
  /// Whether a hole of the same TDMR is next to it, before and behind: a PAMT there costs no reserved area.
  var hasHoleBefore: Bool
  var hasHoleAfter: Bool

  var isBesideHole: Bool { hasHoleBefore || hasHoleAfter }

  init(_ stretches: borrowing MemoryStretches, _ index: Int, in tdmr: AddressRange) {
    let stretch = stretches[index]
    range = AddressRange(unchecked: max(stretch.start, tdmr.start), min(stretch.end, tdmr.end))
    let holeEnd = index > 0 ? stretches[index - 1].holeEnd : stretches.leadingHoleEnd
    hasHoleBefore = stretch.start >= tdmr.start && holeEnd > tdmr.start
    hasHoleAfter = stretch.end <= tdmr.end && stretch.holeStart < tdmr.end
  }
}
