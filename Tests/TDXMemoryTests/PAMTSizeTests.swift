import TDXMemory
import TestSupport
import Testing

/// PAMT sizes as hosts printed them.
@Suite struct PAMTSizeTests {
  private func sizes(gib: UInt64, dynamic: Bool = false) -> PAMTSizes {
    PAMTSizes(tdmrSize: gib << 30, entryBytes: PAMTEntryBytes(), dynamic: dynamic)
  }

  /// TDMRs in GiB, and the KB that the host printed.
  @Test(
    arguments: [
      ([2, 254, 256, 256, 256], false, 4_202_516),  // 1 TiB with 5 CMRs.
      ([2, 254, 256], false, 2_101_260),  // canonical/tdx issue 206.
      ([2, 124, 126], true, 10092),  // Dynamic PAMT, 252 GiB in 3 TDMRs.
    ] as [([UInt64], Bool, UInt64)]
  )
  func totals(gibs: [UInt64], dynamic: Bool, kib: UInt64) {
    #expect(gibs.reduce(0) { $0 + sizes(gib: $1, dynamic: dynamic).total } == kib << 10)
  }

  /// The TDMRs of the Eaglestream board.
  @Test func chunks() {
    #expect(sizes(gib: 66).total == 0x1088_5000)
    #expect(sizes(gib: 2).total == 0x80_5000)
  }

  /// Expect each level to be rounded up to 4 KiB by itself.
  @Test func levels() {
    let one = sizes(gib: 1)
    #expect(PAMTLevel.allCases.map { one[$0] } == [4 << 20, 8 << 10, 4 << 10])
    let many = sizes(gib: 257)
    #expect(PAMTLevel.allCases.map { many[$0] } == [257 << 22, 257 << 13, 8 << 10])
    #expect(sizes(gib: 1, dynamic: true)[.page4K] == 32 << 10)
    #expect(sizes(gib: 0).total == 0)
    let odd = PAMTSizes(
      tdmrSize: 1 << 30,
      entryBytes: PAMTEntryBytes(page4K: 0, page2M: 9, page1G: 4097),
      dynamic: false
    )
    #expect(PAMTLevel.allCases.map { odd[$0] } == [0, 8192, 8192])
  }

  /// Expect sizes beyond 2^64 to be as large as can be said, never small.
  @Test func sizesBeyondAddresses() {
    let largest = PAMTEntryBytes(page4K: .max, page2M: .max, page1G: .max)
    let sizes = PAMTSizes(tdmrSize: 0 &- 1 << 30, entryBytes: largest, dynamic: false)
    #expect(sizes.page4K == 0 &- 4096)
    #expect(sizes.total == .max)
  }
}
