extension ByteCount {
  /// A size as people write it: a number, then `B`, `K`, `KiB` and so on up to `P` and `PiB`, in either case, or
  /// nothing for bytes. A fraction is fine where it comes to whole bytes: `1.5T`. `KB` and the like are refused:
  /// for some people they are powers of ten.
  ///
  /// - Returns: nil where `text` is anything else, or 2^64 bytes or more.
  public init?(text: some StringProtocol) {
    let number = text.utf8.prefix { isDigit($0) || $0 == UInt8(ascii: ".") }
    guard let shift = Self.shift(ofUnit: text.utf8.dropFirst(number.count)) else { return nil }
    let parts = number.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = UInt64(String(decoding: parts[0], as: UTF8.self)), whole <= .max >> shift else {
      return nil
    }
    var bytes = whole << shift
    if parts.count == 2 {
      guard let fraction = Self.bytes(ofFraction: parts[1], shift: shift) else { return nil }
      bytes += fraction  // Below one unit, and the bytes so far are whole units.
    }
    self.init(bytes)
  }

  /// The size in the largest unit that divides it, without a blank: `64TiB`, `1536GiB`, `17`.
  /// `init(text:)` reads it back.
  public var exactText: String {
    guard bytes > 0 else { return "0" }
    let unit = min(bytes.trailingZeroBitCount / 10, 5)
    return "\(bytes >> UInt64(unit * 10))\(["", "KiB", "MiB", "GiB", "TiB", "PiB"][unit])"
  }

  private static func shift(ofUnit unit: some Collection<UInt8>) -> UInt64? {
    let lower = unit.map { $0 | 0x20 }
    if lower.isEmpty || lower == [UInt8(ascii: "b")] { return 0 }
    guard let index = Array("kmgtp".utf8).firstIndex(of: lower[0]) else { return nil }
    guard lower.count == 1 || lower[1...].elementsEqual("ib".utf8) else { return nil }
    return UInt64(index + 1) * 10
  }

  /// What the digits behind the point come to.
  private static func bytes(ofFraction digits: some Collection<UInt8>, shift: UInt64) -> UInt64? {
    guard !digits.isEmpty, digits.count <= 18, digits.allSatisfy(isDigit) else { return nil }
    let numerator = digits.reduce(UInt64(0)) { $0 * 10 + UInt64($1 - UInt8(ascii: "0")) }
    let denominator = digits.reduce(UInt64(1)) { one, _ in one * 10 }
    // numerator < denominator, so the quotient is below 2^shift and fits.
    let (quotient, remainder) = denominator.dividingFullWidth(
      numerator.multipliedFullWidth(by: 1 << shift)
    )
    return remainder == 0 ? quotient : nil
  }
}

private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
