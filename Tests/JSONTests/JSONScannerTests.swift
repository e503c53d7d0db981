import Foundation
import RandomNumbers
import Testing

@testable import JSON

@Suite struct JSONScannerTests {
  @Test(arguments: [
    "{}", "[]", "0", "-0", "1", "-1.5e+10", "1E400", "0.0", "0e0", "123456789012345678901234567890", "true",
    "false",
    "null", "\"\"", " \t\r\n[ 1 , 2 ]\n ", #""\"\\\/\b\f\n\r\t\u0041""#, #""\u0000""#, #""\ud83d\ude00""#,
    #""\uD83D\uDE00""#, "\"é€😀\u{10ffff}\"", "\"\u{7f}\"", #"{"a":1,"a":2}"#, #"{"":{"":[[],{}]}}"#,
    #"["0123456789abcdefghijklmnopqrstuvwxyz",{"long enough for words of eight":[1,2,3]}]"#,
  ])
  func accepts(_ text: String) {
    #expect(scan(Array(text)) == nil)
  }

  @Test(arguments: [
    ("", "not JSON: the text ends early (byte 0)"),
    ("  ", "not JSON: the text ends early (byte 2)"),
    ("[", "not JSON: the text ends early (byte 1)"),
    ("[1", "not JSON: the text ends early (byte 2)"),
    ("[1,", "not JSON: the text ends early (byte 3)"),
    (#"{"a""#, "not JSON: the text ends early (byte 4)"),
    (#"{"a":"#, "not JSON: the text ends early (byte 5)"),
    (#""abc"#, "not JSON: the text ends early (byte 4)"),
    ("tru", "not JSON: the text ends early (byte 3)"),
    ("-", "not JSON: the text ends early (byte 1)"),
    ("1.", "not JSON: the text ends early (byte 2)"),
    ("1e", "not JSON: the text ends early (byte 2)"),
    (#""\"#, "not JSON: the text ends early (byte 2)"),
    (#""\u00"#, "not JSON: the text ends early (byte 5)"),
    ("[1,]", "not JSON: unexpected character ] (byte 3)"),
    ("[,1]", "not JSON: unexpected character , (byte 1)"),
    ("[1,,2]", "not JSON: unexpected character , (byte 3)"),
    ("[1 2]", "not JSON: unexpected character 2 (byte 3)"),
    ("[1}", "not JSON: unexpected character } (byte 2)"),
    ("{]", "not JSON: unexpected character ] (byte 1)"),
    (#"{"a":1,}"#, "not JSON: unexpected character } (byte 7)"),
    (#"{"a" 1}"#, "not JSON: unexpected character 1 (byte 5)"),
    (#"{a:1}"#, "not JSON: unexpected character a (byte 1)"),
    (#"{1:1}"#, "not JSON: unexpected character 1 (byte 1)"),
    (#"{,}"#, "not JSON: unexpected character , (byte 1)"),
    ("]", "not JSON: unexpected character ] (byte 0)"),
    ("'a'", "not JSON: unexpected character ' (byte 0)"),
    ("NaN", "not JSON: unexpected character N (byte 0)"),
    ("nan", "not JSON: unexpected character a (byte 1)"),
    ("Infinity", "not JSON: unexpected character I (byte 0)"),
    ("+1", "not JSON: unexpected character + (byte 0)"),
    (".5", "not JSON: unexpected character . (byte 0)"),
    ("\u{b}1", "not JSON: unexpected byte 0xb (byte 0)"),
    ("[1]\0", "not JSON: text after the end of the value (byte 3)"),
    ("{} {}", "not JSON: text after the end of the value (byte 3)"),
    ("1 //", "not JSON: text after the end of the value (byte 2)"),
    ("truefalse", "not JSON: text after the end of the value (byte 4)"),
    ("01", "not JSON: malformed number (byte 0)"),
    ("-01", "not JSON: malformed number (byte 0)"),
    ("00", "not JSON: malformed number (byte 0)"),
    ("1.e1", "not JSON: malformed number (byte 2)"),
    ("-a", "not JSON: malformed number (byte 1)"),
    ("1e+", "not JSON: the text ends early (byte 3)"),
    ("0x10", "not JSON: text after the end of the value (byte 1)"),
    (#""\a""#, "not JSON: bad escape in a string (byte 1)"),
    (#""\u12g4""#, "not JSON: bad escape in a string (byte 1)"),
    (#""\ud83d""#, "half of a surrogate pair in a string (byte 1)"),
    (#""\ud83dx\ude00""#, "half of a surrogate pair in a string (byte 1)"),
    (#""\ud83d\u0041""#, "half of a surrogate pair in a string (byte 1)"),
    (#""\ude00""#, "half of a surrogate pair in a string (byte 1)"),
    ("\"a\tb\"", "not JSON: control character 0x9 in a string (byte 2)"),
    ("\"a\0\"", "not JSON: control character 0x0 in a string (byte 2)"),
    ("\"0123456789\n\"", "not JSON: control character 0xa in a string (byte 11)"),
    ("\u{feff}{}", "not JSON: starts with a byte order mark (byte 0)"),
  ])
  func rejects(_ text: String, _ message: String) {
    #expect(scan(Array(text))?.description == message)
  }

  @Test(
    arguments: [
      [0x80], [0xbf], [0xc0, 0x80], [0xc1, 0xbf], [0xc2], [0xc2, 0x41], [0xe0, 0x9f, 0x80], [0xe2, 0x82],
      [0xe2, 0x82, 0x41], [0xed, 0xa0, 0x80], [0xf0, 0x8f, 0x80, 0x80], [0xf4, 0x90, 0x80, 0x80],
      [0xf5, 0x80, 0x80, 0x80], [0xf0, 0x9f, 0x98], [0xff], [0xfe],
    ] as [[UInt8]]
  )
  func rejectsWhatIsNotUTF8(_ bytes: [UInt8]) {
    // At every distance from the words of eight bytes that strings are read in.
    for before in 0..<9 {
      let text = [0x22] + Array(repeating: 0x61, count: before) + bytes + [0x22]
      #expect(scan(text)?.problem == .invalidUTF8)
      #expect(scan(text)?.offset == 1 + before)
    }
  }

  @Test func nestingHasALimit() {
    func nested(_ levels: Int) -> [UInt8] {
      Array(repeating: UInt8(ascii: "["), count: levels) + Array(repeating: UInt8(ascii: "]"), count: levels)
    }
    #expect(scan(nested(JSONScanner.maxDepth)) == nil)
    #expect(scan(nested(JSONScanner.maxDepth + 1))?.problem == .tooDeep)
    #expect(scan(nested(100_000))?.offset == JSONScanner.maxDepth)
    let objects = String(repeating: #"{"a":"#, count: 100_000)
    #expect(scan(Array(objects))?.problem == .tooDeep)
  }

  @Test(
    arguments: [
      ("0", 0), ("7", 7), ("12", 12), ("12345678", 12_345_678), ("123456789", 123_456_789),
      ("4503599627370495", 1 << 52 - 1), ("4503599627370496", 1 << 52), ("4503599627370497", 1 << 52 + 1),
      ("9007199254740993", 1 << 53 + 1), ("18446744073709551614", .max - 1), ("18446744073709551615", .max),
      (#""0""#, 0), (#""0012""#, 12), (#""18446744073709551615""#, .max), (#""0x0""#, 0), (#""0xfF""#, 255),
      (#""0x0000000000000000ff""#, 255), (#""0xffffffffffffffff""#, .max),
      (#""0x4080000000""#, 0x40_8000_0000),
    ] as [(String, UInt64)]
  )
  func readsWholeNumbers(_ text: String, _ value: UInt64) throws {
    // Alone, and with something behind it to read eight bytes at once.
    for suffix in ["", ",", " ", "]        "] {
      try withScanner(text + suffix) { scanner in
        let read = try scanner.integer()
        #expect(read == value)
        #expect(scanner.offset == text.utf8.count)
      }
    }
  }

  @Test func readsEveryCountOfDigits() throws {
    var generator = SplitMix64(seed: 1)
    for _ in 0..<20_000 {
      let value = generator.next() >> UInt64.random(in: 0..<64, using: &generator)
      for text in ["\(value)", "\(value),1234567", "\"0x\(String(value, radix: 16))\"", "\"000\(value)\""] {
        let read = try withScanner(text) { try $0.integer() }
        #expect(read == value, "\(text)")
      }
    }
  }

  /// Tuples are read in one step where they are plain; expect the same behind a space, where they are not, and at
  /// the end of the text, where there is no room for that.
  @Test func tuplesReadTheSameOnEveryPath() throws {
    var generator = SplitMix64(seed: 7)
    let faults = ["", "", "", "", "-", ".", "e1", "0", "00", "x", "]", "[", ",", "\"", "\u{0}"]
    var outcomes = (read: 0, refused: 0)
    for _ in 0..<20_000 {
      var parts = (0..<Int.random(in: 2...3, using: &generator)).flatMap { _ in
        [[",", ",", ", ", ",\n", " ,"].randomElement(using: &generator)!, randomNumber(&generator)]
      }
      parts[0] = "["
      parts.append("]")
      let fault = faults.randomElement(using: &generator)!
      parts.insert(fault, at: Int.random(in: 0...parts.count, using: &generator))
      let allowsThird = Bool.random(using: &generator)
      // The error without its offset: the space moves it.
      func read(_ text: String) -> String {
        do {
          let tuple = try withScanner(text) { try $0.tuple(.array, allowsThird: allowsThird) }
          return "\(tuple)"
        } catch {
          return (error as? JSONError)?.problem.description ?? ""
        }
      }
      let tail = String(repeating: " ", count: 80)
      let text = parts.joined()
      let plain = read(text + tail)
      #expect(plain == read(" " + text + tail), "\(text)")
      // A fault near the end may be noticed as an early end.
      if fault.isEmpty { #expect(plain == read(text), "\(text)") }
      if plain.hasPrefix("NumberTuple") { outcomes.read += 1 } else { outcomes.refused += 1 }
    }
    #expect(outcomes.read > 2000 && outcomes.refused > 2000, "\(outcomes)")
  }

  /// A whole number of any length as a text may have it.
  private func randomNumber(_ generator: inout SplitMix64) -> String {
    let value = generator.next() >> UInt64.random(in: 0..<64, using: &generator)
    return switch Int.random(in: 0..<4, using: &generator) {
    case 0: "\"0x\(String(value, radix: 16))\""
    case 1: "\"0x00\(String(value, radix: 16, uppercase: true))\""
    default: "\(value)"
    }
  }

  /// Elements of an array are read in one step where they are plain and follow another. Expect what the way without
  /// such steps reads, and its errors, wherever the text ends.
  @Test func elementsReadTheSameOnEveryPath() throws {
    func read(_ bytes: [UInt8], plainly: Bool) -> String {
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
      defer { copy.deallocate() }
      copy.copyBytes(from: bytes)
      var scanner = JSONScanner(UnsafeRawBufferPointer(copy))
      var tuples: [NumberTuple] = []
      do throws(JSONError) {
        try scanner.enterArray()
        while try scanner.nextElement() {
          tuples.append(try scanner.tuple(.array, allowsThird: true))
          while plainly, let next = scanner.nextPlainTuple(where: { $0.first != 7 }) { tuples.append(next) }
        }
        try scanner.end()
        return "\(tuples)"
      } catch {
        return "\(tuples) \(error)"
      }
    }
    var generator = SplitMix64(seed: 8)
    var outcomes = (read: 0, refused: 0)
    for _ in 0..<300 {
      let space = ["", "", " ", "\n", "\r\n"]
      let tuples = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
        let count = generator.oneIn(9) ? generator.pick([1, 4]) : generator.pick([2, 3])
        let numbers = (0..<count).map { _ in
          generator.oneIn(9) ? "7" : randomNumber(&generator)
        }
        return "[" + numbers.joined(separator: "," + generator.pick(space)) + "]" + generator.pick(space)
      }
      let text = Array("[" + tuples.joined(separator: "," + generator.pick(space)) + "]")
      for end in 1...text.count {
        let piece = Array(text[..<end])
        let plain = read(piece, plainly: true)
        #expect(plain == read(piece, plainly: false), "\(piece.text)")
        if plain.hasSuffix("]") { outcomes.read += 1 } else { outcomes.refused += 1 }
      }
    }
    #expect(outcomes.read > 100 && outcomes.refused > 1000, "\(outcomes)")
  }

  @Test(arguments: [
    (#"plain"#, "plain"), (#""#, ""), (#"\u0069\u0064"#, "id"),
    (#"a\"\\\/\b\f\n\r\tz"#, "a\"\\/\u{8}\u{c}\n\r\tz"),
    (#"é\u00e9€\u20ac"#, "éé€€"), (#"😀\ud83d\ude00\u0000"#, "😀😀\0"),
  ])
  func unescapes(_ text: String, _ expected: String) throws {
    let read = try withScanner("\"\(text)\"") { try $0.string().string }
    #expect(read == expected)
  }

  @Test(arguments: [
    ("-1", "negative, expected a whole number (byte 0)"),
    ("-0", "negative, expected a whole number (byte 0)"),
    ("1.0", "fraction or exponent, expected a whole number in plain digits (byte 0)"),
    ("1e3", "fraction or exponent, expected a whole number in plain digits (byte 0)"),
    ("0E0", "fraction or exponent, expected a whole number in plain digits (byte 0)"),
    ("1.", "not JSON: the text ends early (byte 2)"),
    ("007", "not JSON: malformed number (byte 0)"),
    ("18446744073709551616", "above 2^64 - 1 (byte 0)"),
    ("99999999999999999999", "above 2^64 - 1 (byte 0)"),
    ("184467440737095516150", "above 2^64 - 1 (byte 0)"),
    (#""0x10000000000000000""#, "above 2^64 - 1 (byte 1)"),
    (#""18446744073709551616""#, "above 2^64 - 1 (byte 1)"),
    ("true", #"expected a whole number, or one in a string ("0x…" or decimal) (byte 0)"#),
    ("[1]", #"expected a whole number, or one in a string ("0x…" or decimal) (byte 0)"#),
    (#""""#, #"expected a whole number, or one in a string ("0x…" or decimal) (byte 0)"#),
    (#""0x""#, #"expected a whole number, or one in a string ("0x…" or decimal) (byte 0)"#),
    (#""0X1""#, #"expected a whole number, or one in a string ("0x…" or decimal) (byte 0)"#),
    (#""x1""#, #"expected a whole number, or one in a string ("0x…" or decimal) (byte 0)"#),
    (#""-1""#, #"expected a whole number, or one in a string ("0x…" or decimal) (byte 0)"#),
    (#"" 1""#, #"expected a whole number, or one in a string ("0x…" or decimal) (byte 0)"#),
    (#""1 ""#, #"expected a whole number, or one in a string ("0x…" or decimal) (byte 0)"#),
    (#""12g""#, #"expected a whole number, or one in a string ("0x…" or decimal) (byte 0)"#),
    (#""12"#, "not JSON: the text ends early (byte 3)"),
  ])
  func refusesOtherNumbers(_ text: String, _ message: String) {
    for suffix in ["", "        "] {
      let whole = text + (message.contains("early") ? "" : suffix)
      let error = #expect(throws: JSONError.self) { try withScanner(whole) { try $0.integer() } }
      #expect(error?.description == message)
    }
  }

  @Test func namesMayBeSpeltWithEscapes() throws {
    try withScanner(#"{"\u0069\u0064":1,"i\u0064x":2,"\u00e9":3,"\/\b\f\n\r\t\"\\":4}"#) { scanner in
      try scanner.enterObject()
      var found: [String] = []
      while let name = try scanner.nextMember() {
        switch name {
        case "id": found.append("id")
        case "idx": found.append("idx")
        case "/\u{8}\u{c}\n\r\t\"\\": found.append("all")
        default: found.append("other")
        }
        try scanner.skip()
      }
      #expect(found == ["id", "idx", "other", "all"])
    }
  }
}

/// The scanner against Foundation's parser.
@Suite struct ScannerAgainstFoundationTests {
  private func foundationAccepts(_ bytes: [UInt8]) -> Bool {
    (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
  }

  /// Whether Foundation follows RFC 8259 here: it takes a comma before a closing bracket, and refuses numbers that
  /// no Double holds. The generator stays clear of its other habits (deep nesting, byte order marks).
  private func foundationIsStrict(_ bytes: [UInt8]) throws -> Bool {
    let text = bytes.text
    return try text.firstMatch(of: Regex(#",\s*[\]}]"#)) == nil
      && text.firstMatch(of: Regex(#"[eE]\+?\d{3}"#)) == nil
  }

  @Test func agreeOnRandomValuesAndMutations() throws {
    var generator = SplitMix64(seed: 2)
    var accepted = 0
    var rejected = 0
    for round in 0..<4000 {
      let text = randomValue(depth: 4, &generator)
      let valid = Array(text)
      #expect(scan(valid) == nil, "round \(round): \(text)")
      #expect(foundationAccepts(valid), "round \(round): \(text)")
      let mutant = mutated(valid, &generator)
      guard try foundationIsStrict(mutant) else { continue }
      let accepts = scan(mutant) == nil
      if accepts { accepted += 1 } else { rejected += 1 }
      #expect(accepts == foundationAccepts(mutant), "round \(round): \(mutant.text) \(mutant)")
    }
    // Expect both kinds in numbers, or the comparison says nothing.
    #expect(accepted > 500 && rejected > 500, "\(accepted) accepted, \(rejected) rejected")
  }

  private func randomValue(depth: Int, _ generator: inout SplitMix64) -> String {
    let space = [" ", "", "", "\n", "\t\r"].randomElement(using: &generator)!
    switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &generator) {
    case 0: return ["true", "false", "null"].randomElement(using: &generator)!
    case 1: return "\(generator.next() >> UInt64.random(in: 0..<64, using: &generator))"
    case 2: return ["-0", "0.5", "-12.25e-3", "1E+5", "0e1", "10"].randomElement(using: &generator)!
    case 3, 4, 5: return randomString(&generator)
    case 6, 7:
      let elements = (0..<Int.random(in: 0..<5, using: &generator)).map { _ in
        randomValue(depth: depth - 1, &generator) + space
      }
      return space + "[" + elements.joined(separator: "," + space) + "]" + space
    default:
      // Names differ: Foundation and this scanner agree on duplicates only in that they are JSON.
      let members = (0..<Int.random(in: 0..<5, using: &generator)).map { index in
        "\"m\(index)\"" + space + ":" + randomValue(depth: depth - 1, &generator)
      }
      return "{" + space + members.joined(separator: ",") + "}"
    }
  }

  private func randomString(_ generator: inout SplitMix64) -> String {
    let pieces = [
      "a", "0x10", "é", "€", "😀", #"\n"#, #"\""#, #"\\"#, #"\/"#, #"\u00e9"#, #"\ud83d\ude00"#, " ", "[", "}",
      "longer plain text",
    ]
    let text = (0..<Int.random(in: 0..<6, using: &generator)).map { _ in
      pieces.randomElement(using: &generator)!
    }
    return "\"" + text.joined() + "\""
  }

  private func mutated(_ bytes: [UInt8], _ generator: inout SplitMix64) -> [UInt8] {
    // No control characters outside of white space, and no NUL: Foundation guesses an encoding from NULs.
    let alphabet = Array(#"[]{},:"\u0123456789-+.eE truefalsn"#) + [0x0a, 0x1f, 0x80, 0xc3, 0xe2]
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...2, using: &generator) {
      let position = Int.random(in: 0...bytes.count, using: &generator)
      switch Int.random(in: 0..<3, using: &generator) {
      case 0 where position < bytes.count: bytes[position] = alphabet.randomElement(using: &generator)!
      case 1 where position < bytes.count: bytes.remove(at: position)
      default: bytes.insert(alphabet.randomElement(using: &generator)!, at: position)
      }
    }
    return bytes
  }
}
