import Advice
import TDXMemory
import Testing

/// The whole bill of Dynamic PAMT.
struct DynamicPAMTBillTests {
  private func bill(_ regions: [(UInt64, UInt64)], tdMemory: UInt64 = 0) throws -> DynamicPAMTBill {
    let map = try MemoryMap(regions.map { MemoryRegion(start: $0.0, end: $0.1) })
    return try #require(
      Advice(map, convertible: nil, options: PlanOptions(), keyIDBits: 6, tdMemory: tdMemory).bill
    )
  }

  /// The series' own example: 256 GB of memory near the top of the address space, 8.01 GB with Dynamic PAMT where static
  /// PAMTs take some 0.4 %, 1.02 GB.
  @Test func sparseMemoryLoses() throws {
    let top: UInt64 = 1 << 52
    let bill = try bill([(top - 256 << 30, top)])
    #expect(bill.refcountBytes == 8 << 30)
    #expect(bill.bitmapBytes == 8 << 20)
    let gibibyte = Double(1 << 30)
    #expect(abs(Double(bill.totalBytes) / gibibyte - 8.01) < 0.005)
    #expect(abs(Double(bill.staticBytes) / gibibyte - 1.02) < 0.02)
    #expect(bill.isStaticCheaper && bill.breakEven == nil)
  }

  /// 2 MiB of reference counts for each TiB, as the source says.
  @Test(
    arguments: [
      (1 << 40, 2 << 20), (1, 4096), (0, 0), (2 << 20, 4096), (2 << 30, 4096), (2 << 30 + 1, 8192),
    ] as [(UInt64, UInt64)]
  )
  func referenceCounts(address: UInt64, bytes: UInt64) {
    #expect(DynamicPAMTBill.refcountBytes(upTo: address) == bytes)
  }

  @Test func denseMemoryWinsUntilTDsFillIt() throws {
    let end: UInt64 = 1 << 40
    let idle = try bill([(1 << 20, end)])
    #expect(!idle.isStaticCheaper && idle.inUseBytes == 0)
    #expect(idle.staticBytes == idle.bootBytes - idle.bitmapBytes + 4 << 30)
    let breakEven = try #require(idle.breakEven)
    #expect(breakEven < end && breakEven > end - end / 64)
    // A page pair less is cheaper, at the break-even it is not.
    #expect(try !bill([(1 << 20, end)], tdMemory: breakEven - 2 << 20).isStaticCheaper)
    let full = try bill([(1 << 20, end)], tdMemory: breakEven + 2 << 20)
    #expect(full.isStaticCheaper)
    #expect(full.inUseBytes == (breakEven / (2 << 20) + 1) * 8192)
  }

  @Test func tdsTakeNoMoreThanThereIs() throws {
    let bill = try bill([(1 << 20, 1 << 32)], tdMemory: .max)
    #expect(bill.tdMemory == 1 << 32 - 1 << 20)
    #expect(bill.inUseBytes == 2048 * 8192)
  }
}
