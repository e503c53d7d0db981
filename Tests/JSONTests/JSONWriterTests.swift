import Foundation
import JSON
import RandomNumbers
import Testing

@Suite struct JSONWriterTests {
  @Test func writesWholeNumbers() {
    var generator = SplitMix64(seed: 6)
    let values: [UInt64] =
      [0, 1 << 52, .max - 1, .max] + (0..<1000).map { generator.next() >> UInt64($0 % 64) }
      // Around every border between lengths.
      + (0..<20).flatMap { digits in
        let power = (0..<digits).reduce(1 as UInt64) { product, _ in product * 10 }
        return [power - 1, power, power + 1]
      }
    for value in values {
      var writer = JSONWriter(capacity: 1)
      writer.append(value)
      writer.append(" ")
      writer.appendHex(value)
      #expect(writer.bytes.text == "\(value) 0x\(String(value, radix: 16))")
    }
  }

  @Test func escapesWhatJSONAsksFor() throws {
    let everything =
      String(String.UnicodeScalarView((0...0x2ff).compactMap { UnicodeScalar(UInt32($0)) })) + "€😀"
    for text in [everything, "", "plain", "\"", "a\"b\\c\nd", "\u{1f}\u{2028}"] {
      var writer = JSONWriter(capacity: 1)
      writer.appendString(text)
      #expect(scan(Array(writer.bytes)) == nil)
      let read = try JSONSerialization.jsonObject(with: Data(writer.bytes), options: .fragmentsAllowed)
      #expect(read as? String == text)
    }
  }

  /// DEL and U+0080 to U+009F, which a terminal takes for commands, beside letters that begin with the same byte. Expect
  /// escapes that read as the same text, in strings and in JSON that is passed on, and nothing else to change.
  @Test func terminalsAreGivenNoCommands() throws {
    let text = "a\u{7f}\u{80}\u{9b}2J\u{9f}\u{a0}\u{c2}é"
    var writer = JSONWriter(capacity: 1)
    writer.appendString(text)
    #expect(writer.bytes.text == #""a\u007f\u0080\u009b2J\u009f\#u{a0}\#u{c2}é""#)
    #expect(
      try JSONSerialization.jsonObject(with: Data(writer.bytes), options: .fragmentsAllowed) as? String
        == text
    )
    let value = JSONValue.string(text)
    #expect(!value.text.unicodeScalars.contains { 0x7f...0x9f ~= $0.value })
    for (raw, expected) in [
      (#"["\#u{9b}31m", "\n", 7]"#, #"["\u009b31m", "\n", 7]"#), (#""é""#, #""é""#), ("12", "12"),
    ] {
      writer.removeAll()
      Array(raw.utf8).withUnsafeBytes { writer.appendJSON($0) }
      #expect(writer.bytes.text == expected)
    }
    // A byte that begins a character and ends the text.
    writer.removeAll()
    [UInt8](arrayLiteral: 0x61, 0xc2).withUnsafeBytes { writer.appendJSON($0) }
    #expect(Array(writer.bytes) == [0x61, 0xc2])
  }
}
