import RandomNumbers
import Testing

@testable import MapReaders

/// Numbers in text, of every length, before every kind of byte.
struct NumberTests {
  /// What is read off the front of a text, and how many bytes are left.
  private func take(_ text: String, _ number: (inout TextCursor) -> UInt64?) -> (value: UInt64?, left: Int) {
    withCursor(text) { cursor in
      var cursor = cursor
      let value = number(&cursor)
      return (value, cursor.count)
    }
  }

  @Test(arguments: [1, 2] as [UInt64])
  func everyLength(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let rests = [
      "", " ", ",", "]", "-0x1", "g", "G", ":", "/", "@", "`", "\u{0}", "é", ", 0x406e000000)", "]          ",
    ]
    for length in 0...20 {
      for rest in rests {
        for radix in [10, 16] {
          let alphabet = radix == 10 ? "0123456789" : "0123456789abcdefABCDEF"
          let zeros = Int.random(in: 0...length, using: &random)
          let digits =
            String(repeating: "0", count: zeros)
            + String((zeros..<length).map { _ in alphabet.randomElement(using: &random)! })
          let expected = length == 0 ? nil : UInt64(digits, radix: radix)
          let (value, left) = take(digits + rest) { radix == 10 ? $0.takeDecimal() : $0.takeHexDigits() }
          #expect(value == expected, "\(digits) before \(rest)")
          // Expect that a number that does not fit is not taken, and no byte of any other is left.
          #expect(left == rest.utf8.count + (expected == nil ? length : 0), "\(digits) before \(rest)")
        }
      }
    }
  }

  @Test func largest() {
    #expect(take("ffffffffffffffff") { $0.takeHexDigits() }.value == .max)
    #expect(take("00000ffffffffffffffff-") { $0.takeHexDigits() }.value == .max)
    #expect(take("10000000000000000 ") { $0.takeHexDigits() }.value == nil)
    #expect(take("18446744073709551615") { $0.takeDecimal() }.value == .max)
    #expect(take("0018446744073709551615") { $0.takeDecimal() }.value == .max)
    #expect(take("18446744073709551616") { $0.takeDecimal() }.value == nil)
  }
}
