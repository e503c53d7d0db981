/// The decimal digits of every number below 10,000, as text: four characters each, the first one lowest, with leading
/// zeros.
///
/// 40 KB, made once for a process. A number of 10 digits takes some 40 instructions, in place of 88 of arithmetic.
@usableFromInline
struct DecimalDigits: @unchecked Sendable {
  // Sendable: written once, before anybody has it.

  @usableFromInline let table: UnsafePointer<UInt32>

  @usableFromInline static let shared = DecimalDigits()

  private init() {
    let table = UnsafeMutablePointer<UInt32>.allocate(capacity: 10_000)
    for number: UInt32 in 0..<10_000 {
      let digits =
        (number / 1000) | (number / 100 % 10) << 8 | (number / 10 % 10) << 16 | (number % 10) << 24
      table[Int(number)] = digits | 0x3030_3030
    }
    self.table = UnsafePointer(table)
  }

  /// - Parameter number: below 10,000.
  @inlinable @inline(__always)
  subscript(number: UInt64) -> UInt32 { table[Int(truncatingIfNeeded: number)] }
}
