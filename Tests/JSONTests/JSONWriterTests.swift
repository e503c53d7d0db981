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
}
