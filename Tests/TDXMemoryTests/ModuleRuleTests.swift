import TDXMemory
import TestSupport
import Testing

/// Each rule of TDH.SYS.INIT and TDH.SYS.CONFIG, by the letters of their order: A range, B reserved areas, C PAMT
/// shape, D PAMT against PAMT, E PAMT against available memory, F PAMTs in CMRs, G memory in CMRs.
///
/// The ground that each test changes, in GiB:
///
///         0    1    2    3    4    5    6    7    8
///     CMR |#########|....|#########|....|#########|
///     TDMR     |=0==|    |=1==|
///     PAMT                          at 6 and at 7
@Suite struct ModuleRuleTests {
  private static let gib: UInt64 = 1 << 30
  private let gib = ModuleRuleTests.gib
  private let page: UInt64 = 4096

  private func ground() -> PlainConfiguration {
    func tdmr(_ base: UInt64, pamt: UInt64) -> PlanVector.TDMR {
      PlanVector.TDMR(
        base: base,
        size: gib,
        node: 0,
        pamts: [[pamt, 4 << 20], [pamt + 4 << 20, 8 << 10], [pamt + 4 << 20 + 8 << 10, 4 << 10]],
        reserved: []
      )
    }
    return PlainConfiguration(
      cmrs: [0, 3, 6].map { ConvertibleRegionSlot(base: $0 << 30, size: 2 << 30) },
      tdmrs: [tdmr(1 << 30, pamt: 6 << 30), tdmr(3 << 30, pamt: 7 << 30)]
    )
  }

  /// The refusal after a change to the ground, which the oracle must share.
  private func refusal(_ change: (inout PlainConfiguration) -> Void) -> ModuleRefusal? {
    var configuration = ground()
    change(&configuration)
    let verdict = configuration.verdict()
    #expect(hex(verdict.status) == hex(PlainModuleRules.status(configuration)))
    return verdict.refusal
  }

  /// Expect the ground to be sound.
  @Test func theGround() { #expect(refusal { _ in } == nil) }

  // MARK: - The CMR table and the call

  @Test func cmrTable() {
    let page = page
    // Unused slots anywhere, whatever their base, and abutting CMRs. Expect all accepted.
    #expect(refusal { $0.cmrs.insert(ConvertibleRegionSlot(base: 17, size: 0), at: 1) } == nil)
    #expect(refusal { $0.cmrs[1] = ConvertibleRegionSlot(base: 2 << 30, size: 3 << 30) } == nil)
    // Wraps, above 2^46, not in pages, out of order, overlapping by a page. Expect none accepted.
    for (base, size) in [
      (8 << 30, 0 &- 8 << 30), (8 << 30, .max), (1 << 46, page), ((1 << 46) - page, 2 * page),
      (8 << 30 | 512, page), (8 << 30, 512), (5 << 30, page), ((8 << 30) - page, 2 * page),
    ] as [(UInt64, UInt64)] {
      let slot = ConvertibleRegionSlot(base: base, size: size)
      #expect(refusal { $0.cmrs.append(slot) } == .cmrListInvalid, "\(slot)")
    }
    #expect(refusal { $0.cmrs.append(ConvertibleRegionSlot(base: (1 << 46) - page, size: page)) } == nil)
    // The table is refused before the call is looked at.
    #expect(refusal { ($0.cmrs[0].base, $0.tdmrs) = (1, []) } == .cmrListInvalid)
  }

  @Test func numberOfTDMRs() {
    #expect(refusal { $0.tdmrs = [] } == .tdmrCountInvalid)
    #expect(refusal { $0.limits.maxTDMRs = 2 } == nil)
    #expect(refusal { $0.limits.maxTDMRs = 1 } == .tdmrCountInvalid)
    #expect(refusal { $0.limits.maxTDMRs = 0 } == .tdmrCountInvalid)
  }

  /// Expect Dynamic PAMT to want 4 key-id bits, and a PAMT of any size that suffices.
  @Test(arguments: [(0, false, true), (0, true, false), (3, true, false), (4, true, true), (15, true, true)])
  func keyIDBits(bits: Int, dynamic: Bool, accepted: Bool) {
    let refusal = refusal { ($0.keyIDBits, $0.dynamicPAMT) = (bits, dynamic) }
    #expect(refusal == (accepted ? nil : .keyIDBitsInvalid))
  }

  // MARK: - A: the range of a TDMR

  @Test func tdmrRange() {
    #expect(refusal { $0.tdmrs[1].size = 0 &- 3 << 30 } == .invalidTDMR(1))
    #expect(refusal { $0.tdmrs[1].size = .max } == .invalidTDMR(1))
    #expect(refusal { $0.tdmrs[0].size = 0 } == .invalidTDMR(0))
    #expect(refusal { $0.tdmrs[0].base += 4096 } == .invalidTDMR(0))
    #expect(refusal { $0.tdmrs[0].size += 4096 } == .invalidTDMR(0))
    // |=0==|=1==| abut. Expect the order to be right, and the hole in the CMRs to be what is wrong.
    #expect(refusal { $0.tdmrs[1].base = 2 << 30 } == .tdmrOutsideCMRs(1))
    // Equal bases, an overlap, the wrong order; expect the order before the alignment.
    for base in [1 << 30, 0, 1 << 30 | 4096] as [UInt64] {
      #expect(refusal { $0.tdmrs[1].base = base } == .nonOrderedTDMR(1))
    }
    #expect(refusal { $0.tdmrs[0].size = 3 << 30 } == .pamtTooSmall(0))
  }

  @Test func tdmrAboveTheAddressLimit() {
    // The last GiB below 2^46 has a sound range: what is wrong is that no CMR is there.
    #expect(refusal { $0.tdmrs[1].base = (1 << 46) - (1 << 30) } == .tdmrOutsideCMRs(1))
    #expect(refusal { $0.tdmrs[1].base = 1 << 46 } == .invalidTDMR(1))
    #expect(refusal { ($0.tdmrs[1].base, $0.keyIDBits) = (1 << 46, 5) } == .tdmrOutsideCMRs(1))
    #expect(refusal { ($0.tdmrs[1].base, $0.keyIDBits) = (1 << 52, 0) } == .invalidTDMR(1))
    #expect(
      refusal { ($0.tdmrs[1].base, $0.tdmrs[1].size) = ((1 << 46) - (1 << 30), 2 << 30) } == .invalidTDMR(1)
    )
  }

  // MARK: - B: reserved areas

  @Test func reservedAreas() {
    let (page, gib) = (page, gib)
    func refusal(_ reserved: [[UInt64]]) -> ModuleRefusal? {
      self.refusal { $0.tdmrs[1].reserved = reserved }
    }
    // |#..| |..#| |####| |##| of two that abut. Expect all accepted.
    #expect(refusal([[0, page]]) == nil)
    #expect(refusal([[gib - page, page]]) == nil)
    #expect(refusal([[0, gib]]) == nil)
    #expect(refusal([[0, page], [page, page]]) == nil)
    // Null entries after all others, whatever their offsets.
    #expect(refusal([[0, page], [17, 0], [.max, 0]]) == nil)
    // A null entry before one that is not. Expect the null entry to be named.
    #expect(refusal([[0, page], [0, 0], [page, page]]) == .nonOrderedReserved(tdmr: 1, area: 1))
    #expect(refusal([[0, 0], [0, 0], [page, page]]) == .nonOrderedReserved(tdmr: 1, area: 1))
    // Wraps, not in pages, ends after the TDMR.
    #expect(refusal([[page, .max]]) == .invalidReserved(tdmr: 1, area: 0))
    #expect(refusal([[0 &- page, page]]) == .invalidReserved(tdmr: 1, area: 0))
    #expect(refusal([[0, page], [page + 512, page]]) == .invalidReserved(tdmr: 1, area: 1))
    #expect(refusal([[0, 512]]) == .invalidReserved(tdmr: 1, area: 0))
    #expect(refusal([[gib - page, 2 * page]]) == .invalidReserved(tdmr: 1, area: 0))
    #expect(refusal([[gib, page]]) == .invalidReserved(tdmr: 1, area: 0))
    // Out of order, overlapping; expect the wrap before the order, and the order before the alignment.
    #expect(refusal([[2 * page, page], [0, page]]) == .nonOrderedReserved(tdmr: 1, area: 1))
    #expect(refusal([[0, 2 * page], [page, page]]) == .nonOrderedReserved(tdmr: 1, area: 1))
    #expect(refusal([[0, 2 * page], [512, page]]) == .nonOrderedReserved(tdmr: 1, area: 1))
    #expect(refusal([[2 * page, page], [page, .max]]) == .invalidReserved(tdmr: 1, area: 1))
  }

  /// An entry of 512 bytes has room for 28 areas. Expect the module to read as many as it has said, no more.
  @Test func onlyMaxReservedAreasAreRead() {
    let page = page
    let areas = (0..<17 as Range<UInt64>).map { [$0 * 2 * page, page] }
    func refusal(_ reserved: [[UInt64]], _ maxReserved: UInt64) -> ModuleRefusal? {
      self.refusal { ($0.tdmrs[1].reserved, $0.limits.maxReserved) = (reserved, maxReserved) }
    }
    #expect(refusal(areas, 16) == nil)
    #expect(refusal(areas.prefix(15) + [[0, page]], 16) == .nonOrderedReserved(tdmr: 1, area: 15))
    #expect(refusal(areas.prefix(15) + [[0, page]], 15) == nil)
    #expect(refusal([[0, 0], [0, page]], 1) == nil)
    #expect(refusal([[0, 17]], 0) == nil)
    // What is not read reserves nothing: a PAMT there lies in available memory.
    #expect(
      self.refusal {
        $0.tdmrs[1].reserved = [[page, page], [8 * page, page]]
        $0.tdmrs[1].pamts[2][0] = $0.tdmrs[1].base + 8 * page
      } == nil
    )
    #expect(
      self.refusal {
        $0.limits.maxReserved = 1
        $0.tdmrs[1].reserved = [[page, page], [8 * page, page]]
        $0.tdmrs[1].pamts[2][0] = $0.tdmrs[1].base + 8 * page
      } == .pamtOverlap(tdmr: 1, level: .page1G, other: 1)
    )
  }

  // MARK: - C: the shape of PAMTs

  @Test(arguments: PAMTLevel.allCases)
  func pamtShape(level: PAMTLevel) {
    let invalid = ModuleRefusal.invalidPAMT(tdmr: 1, level: level)
    func refusal(_ change: (inout [UInt64]) -> Void) -> ModuleRefusal? {
      self.refusal { change(&$0.tdmrs[1].pamts[level.rawValue]) }
    }
    #expect(refusal { $0[1] = 0 &- $0[0] } == invalid)
    #expect(refusal { $0[0] += 512 } == invalid)
    #expect(refusal { $0[1] += 512 } == invalid)
    #expect(refusal { $0[1] -= 4096 } == invalid)
    #expect(refusal { $0[1] = 0 } == invalid)
    #expect(refusal { $0[0] = 1 << 46 } == invalid)
    #expect(refusal { $0[0] = 1 << 52 } == invalid)
    #expect(refusal { $0[0] = (1 << 46) - 4096 * ($0[1] / 4096 - 1) } == invalid)
    // The last place below the limit has a sound shape, and no CMR.
    #expect(refusal { $0[0] = (1 << 46) - $0[1] } == .pamtOutsideCMRs(tdmr: 1, level: level))
    // Larger than needed is accepted, and then takes part as a whole.
    #expect(refusal { ($0[0], $0[1]) = (6 << 30 | 8 << 20, 64 << 20) } == nil)
    #expect(
      refusal { $0[1] = 3 << 30 }
        == (level == .page1G
          ? .pamtOutsideCMRs(tdmr: 1, level: level) : .pamtOverlap(tdmr: 1, level: level, other: 1))
    )
  }

  /// Expect 1G to be looked at first, then 2M, then 4K.
  @Test func pamtShapesFrom1G() {
    #expect(
      refusal { for level in 0...2 { $0.tdmrs[0].pamts[level][1] = 0 } }
        == .invalidPAMT(tdmr: 0, level: .page1G)
    )
    #expect(
      refusal { for level in 0...1 { $0.tdmrs[0].pamts[level][1] = 0 } }
        == .invalidPAMT(tdmr: 0, level: .page2M)
    )
  }

  /// Expect 32 KiB a GiB to do for Dynamic PAMT's bitmap, and a page less not.
  @Test func pamtBitmap() {
    #expect(refusal { ($0.dynamicPAMT, $0.tdmrs[1].pamts[0][1]) = (true, 32 << 10) } == nil)
    #expect(
      refusal { ($0.dynamicPAMT, $0.tdmrs[1].pamts[0][1]) = (true, 28 << 10) }
        == .invalidPAMT(tdmr: 1, level: .page4K)
    )
  }

  // MARK: - D: PAMT against PAMT

  @Test func pamtAgainstPAMT() {
    // Each level of TDMR 1 onto each of TDMR 0. Expect the level of TDMR 1 to be named.
    for level in PAMTLevel.allCases {
      for other in 0...2 {
        #expect(
          refusal { $0.tdmrs[1].pamts[level.rawValue][0] = $0.tdmrs[0].pamts[other][0] }
            == .pamtOverlap(tdmr: 1, level: level, other: 0)
        )
      }
    }
    // Within one TDMR. Expect the lower level to be named.
    for (level, higher) in [(0, 1), (0, 2), (1, 2)] {
      #expect(
        refusal { $0.tdmrs[0].pamts[level][0] = $0.tdmrs[0].pamts[higher][0] }
          == .pamtOverlap(tdmr: 0, level: PAMTLevel(rawValue: level)!, other: 0)
      )
    }
    // |4k|4k| of two TDMRs abut. Expect it accepted; and refused where they share a page.
    #expect(refusal { $0.tdmrs[1].pamts[0][0] = 6 << 30 + 8 << 20 } == nil)
    #expect(refusal { $0.tdmrs[1].pamts[0][0] = $0.tdmrs[0].pamts[2][0] + 4096 } == nil)
    #expect(
      refusal { $0.tdmrs[1].pamts[0][0] = $0.tdmrs[0].pamts[2][0] }
        == .pamtOverlap(tdmr: 1, level: .page4K, other: 0)
    )
    // With an earlier TDMR before within one.
    #expect(
      refusal {
        $0.tdmrs[1].pamts[2][0] = $0.tdmrs[0].pamts[2][0]
        $0.tdmrs[1].pamts[1][0] = $0.tdmrs[1].pamts[0][0]
      } == .pamtOverlap(tdmr: 1, level: .page1G, other: 0)
    )
  }

  // MARK: - E: PAMT against available memory

  @Test func pamtAgainstAvailableMemory() {
    let (page, gib) = (page, gib)
    // In its own TDMR, in an earlier one. Expect the PAMT's TDMR first, then whose memory it is.
    #expect(refusal { $0.tdmrs[1].pamts[2][0] = 3 * gib } == .pamtOverlap(tdmr: 1, level: .page1G, other: 1))
    #expect(refusal { $0.tdmrs[1].pamts[1][0] = gib } == .pamtOverlap(tdmr: 1, level: .page2M, other: 0))
    // In a later one. Expect to hear of it when that one is read.
    #expect(refusal { $0.tdmrs[0].pamts[0][0] = 3 * gib } == .pamtOverlap(tdmr: 0, level: .page4K, other: 1))
    // |pamt|    in a reserved area, in two that abut, across the TDMR's end.
    // |rsvd|... Expect all accepted, and a page beyond refused.
    for (reserved, base, accepted) in [
      ([[0, page]], 3 * gib, true), ([[0, page]], 3 * gib + page, false),
      ([[2 * page, page], [3 * page, page]], 3 * gib + 2 * page, true),
      ([[gib - page, page]], 4 * gib - page, true), ([[gib - page, page]], 4 * gib - 2 * page, false),
    ] as [([[UInt64]], UInt64, Bool)] {
      let refusal = refusal { ($0.tdmrs[1].reserved, $0.tdmrs[1].pamts[2][0]) = (reserved, base) }
      #expect(refusal == (accepted ? nil : .pamtOverlap(tdmr: 1, level: .page1G, other: 1)))
    }
    for offset in [page, 2 * page, 3 * page] {
      let refusal = refusal {
        $0.tdmrs[1].reserved = [[page, page], [2 * page, 2 * page]]
        $0.tdmrs[1].pamts[1][0] = 3 * gib + offset
      }
      #expect(refusal == (offset < 3 * page ? nil : .pamtOverlap(tdmr: 1, level: .page2M, other: 1)))
    }
    // Straddles the end of the TDMR: the part inside is reserved.
    #expect(
      refusal { ($0.tdmrs[1].reserved, $0.tdmrs[1].pamts[1][0]) = ([[gib - page, page]], 4 * gib - page) }
        == nil
    )
    #expect(
      refusal { ($0.tdmrs[1].reserved, $0.tdmrs[1].pamts[1][0]) = ([[gib - page, page]], 3 * gib - page) }
        == .pamtOverlap(tdmr: 1, level: .page2M, other: 1)
    )
  }

  /// |=0==|=1==|  Expect a PAMT over the border of two TDMRs to be accepted where its part of either is reserved, and
  ///      pamt     else the TDMR named whose memory it takes.
  @Test func pamtOverABorderOfTwoTDMRs() {
    let (page, gib) = (page, gib)
    for (last, first, other) in [(true, true, nil), (true, false, 1), (false, true, 0), (false, false, 0)] {
      let refusal = refusal {
        ($0.tdmrs[0].base, $0.tdmrs[1].base) = (3 * gib, 4 * gib)
        if last { $0.tdmrs[0].reserved = [[gib - page, page]] }
        if first { $0.tdmrs[1].reserved = [[0, page]] }
        $0.tdmrs[1].pamts[1][0] = 4 * gib - page
      }
      #expect(refusal == other.map { .pamtOverlap(tdmr: 1, level: .page2M, other: $0) })
    }
  }

  // MARK: - F and G: CMRs

  @Test func pamtsInCMRs() {
    let page = page
    for level in PAMTLevel.allCases {
      let outside = ModuleRefusal.pamtOutsideCMRs(tdmr: 1, level: level)
      #expect(refusal { $0.tdmrs[1].pamts[level.rawValue][0] = 9 << 30 } == outside)
      #expect(refusal { $0.tdmrs[1].pamts[level.rawValue][0] = 5 << 30 } == outside)
      // |..pamt|     at the end of the last CMR. Expect it accepted, and refused a page further up.
      // |######|....
      let end = (8 << 30) - ground().tdmrs[1].pamts[level.rawValue][1]
      #expect(refusal { $0.tdmrs[1].pamts[level.rawValue][0] = end } == nil)
      #expect(refusal { $0.tdmrs[1].pamts[level.rawValue][0] = end + page } == outside)
    }
    // |####pa|mt###|  across two CMRs that abut, with an empty slot between them. Expect it accepted.
    #expect(
      refusal {
        $0.cmrs[2].size = (1 << 30) + page
        $0.cmrs.append(ConvertibleRegionSlot(base: 0, size: 0))
        $0.cmrs.append(ConvertibleRegionSlot(base: 7 << 30 + page, size: page << 12))
      } == nil
    )
    // With a page between them. Expect the 4K level, which lies there, refused.
    #expect(
      refusal {
        $0.cmrs[2].size = (1 << 30) + page
        $0.cmrs.append(ConvertibleRegionSlot(base: 7 << 30 + 2 * page, size: page << 12))
      } == .pamtOutsideCMRs(tdmr: 1, level: .page4K)
    )
  }

  @Test func memoryInCMRs() {
    let (page, gib) = (page, gib)
    // A page of the TDMR is in no CMR. Expect it refused, unless it is reserved.
    #expect(refusal { $0.cmrs[1].base += page } == .tdmrOutsideCMRs(1))
    #expect(refusal { ($0.cmrs[1].base, $0.tdmrs[1].reserved) = (3 * gib + page, [[0, page]]) } == nil)
    #expect(
      refusal { ($0.cmrs[1].base, $0.tdmrs[1].reserved) = (3 * gib + page, [[page, page]]) }
        == .tdmrOutsideCMRs(1)
    )
    // Expect a TDMR that is reserved as a whole to need no CMR.
    #expect(refusal { ($0.cmrs[1].size, $0.tdmrs[1].reserved) = (0, [[0, gib]]) } == nil)
    // Expect conflicts of an earlier TDMR before what is wrong with a later one, and PAMTs (E) before CMRs (F).
    #expect(refusal { ($0.cmrs, $0.tdmrs[1].base) = ([], 17) } == .pamtOutsideCMRs(tdmr: 0, level: .page1G))
    #expect(
      refusal { ($0.cmrs, $0.tdmrs[0].pamts[2][0]) = ([], gib) }
        == .pamtOverlap(tdmr: 0, level: .page1G, other: 0)
    )
  }
}

extension ModuleRefusal {
  /// The refusal of a TDMR that has grown: its 2M PAMT is the first level that is too small.
  fileprivate static func pamtTooSmall(_ tdmr: Int) -> ModuleRefusal {
    .invalidPAMT(tdmr: tdmr, level: .page2M)
  }
}
