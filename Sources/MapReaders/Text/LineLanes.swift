/// Sixteen bytes of a line.
typealias LineLanes = SIMD16<UInt8>

extension SIMD16<UInt8> {
  /// The bytes at a place; 16 must be there.
  @inline(__always)
  init(at place: UnsafePointer<UInt8>) {
    self = UnsafeRawPointer(place).loadUnaligned(as: SIMD16<UInt8>.self)
  }

  @inline(__always)
  var isZero: Bool {
    let words = unsafeBitCast(self, to: SIMD2<UInt64>.self)
    return words[0] | words[1] == 0
  }

  /// 0xff for digits, dots, slashes and blanks, of which time stamps are made.
  @inline(__always)
  var stampBytes: LineLanes {
    let digits = self &- LineLanes(repeating: UInt8(ascii: ".")) .< LineLanes(repeating: 12)
    let blanks = self .== LineLanes(repeating: UInt8(ascii: " "))
    return unsafeBitCast(digits .| blanks, to: LineLanes.self)
  }

  /// 0xff for what is between `[` and `]` at the start of a line, if it is a time stamp.
  var leadingStamp: LineLanes {
    var stamp = LineLanes(repeating: 0)
    guard self[0] == UInt8(ascii: "["),
      let end = (1..<16).first(where: { self[$0] == UInt8(ascii: "]") })
    else { return stamp }
    for lane in 1..<end { stamp[lane] = 0xff }
    return (stamp & ~stampBytes).isZero ? stamp : LineLanes(repeating: 0)
  }
}
