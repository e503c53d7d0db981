import Testing

@testable import TDXMemory

/// Memory of system management mode against every CMR around it.
@Suite struct ManagementRangeTests {
  /// ```
  ///     SMRR            |####|            at 8 MiB, of 4 MiB
  ///     CMR    |....|    every start and size from 0 to 20 MiB, in MiB
  /// ```
  /// Expect a refusal wherever a byte is in both, of the first CMR that has one.
  @Test func everyRelation() {
    let mib: UInt64 = 1 << 20
    let ranges = SystemManagementRanges(SystemManagementRange(base: 8 * mib, size: 4 * mib))
    for start: UInt64 in 0..<20 {
      for size: UInt64 in 0..<20 {
        let slots = [
          ConvertibleRegionSlot(base: 0, size: 0), ConvertibleRegionSlot(base: start * mib, size: size * mib),
          ConvertibleRegionSlot(base: 8 * mib, size: 0),
        ]
        let shares = (8..<12).contains { $0 >= start && $0 < start + size }
        let refusal = slots.withUnsafeBufferPointer { ranges.refusal(beside: $0) }
        #expect(refusal == (shares ? .smrrOverlapsCMR(smrr: 0, cmr: 1) : nil), "\(start), \(size)")
      }
    }
  }

  @Test(
    arguments: [
      (0, 4096, true), (4096, 4096, true), (0x7000_0000, 0x1000_0000, true), (0x8000_0000, 0x8000_0000, true),
      (0, 0, false), (0, 2048, false), (0, 12288, false), (4096, 8192, false), (0, 1 << 32, false),
      (1 << 32, 4096, false), (.max, .max, false),
    ] as [(UInt64, UInt64, Bool)]
  )
  func whatRegistersCanSay(base: UInt64, size: UInt64, isRange: Bool) {
    let range = SystemManagementRange(base: base, size: size)
    #expect(range.isValid == isRange)
    let none = UnsafeBufferPointer<ConvertibleRegionSlot>(start: nil, count: 0)
    let refusal = SystemManagementRanges(nil, range).refusal(beside: none)
    #expect(refusal == (isRange ? nil : .invalidSMRR(1)))
  }
}
