import Foundation
import JSON
import RandomNumbers
import ReusableMemory
import Testing

/// Texts of many lines, unescaped into memory that is reused.
@Suite struct JSONTextTests {
  /// Every kind of escape, and random texts of all planes. Expect the bytes that Foundation reads.
  @Test func appendsWhatItStandsFor() throws {
    var random = SplitMix64(seed: 11)
    var texts = [
      #""""#, #""plain""#, #""a\nb""#, #""\"\\\/\b\f\n\r\t""#, #""\u0000\u00e9\u20ac\ud83d\ude00é€😀""#,
    ]
    for _ in 0..<200 {
      let scalars = (0..<Int.random(in: 0...40, using: &random)).compactMap { _ in
        Unicode.Scalar(
          UInt32.random(in: 0...(1 << UInt32.random(in: 5...21, using: &random)), using: &random)
        )
      }
      var text = String.UnicodeScalarView()
      text.append(contentsOf: scalars)
      texts.append(String(decoding: try JSONEncoder().encode(String(text)), as: UTF8.self))
      // The same with every character as an escape.
      texts.append("\"" + String(text).utf16.map { "\\u" + hex($0) }.joined() + "\"")
    }
    var buffer = ReusableBuffer<UInt8>(capacity: 1)
    for text in texts {
      let expected = try JSONDecoder().decode(String.self, from: Data(text.utf8))
      buffer.removeAll()
      try Array(text.utf8).withUnsafeBytes { bytes in
        var scanner = JSONScanner(bytes)
        let read = try scanner.string()
        read.append(to: &buffer)
        #expect(read.string == expected)
      }
      #expect(Array(buffer.elements) == Array(expected.utf8), "\(text)")
    }
  }

  private func hex(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}
