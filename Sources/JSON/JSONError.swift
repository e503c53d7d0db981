/// Why a text is not JSON, or not the JSON that was asked for: what is wrong, and at which byte.
///
/// Made without allocation; the sentence is put together by `description`.
public struct JSONError: Error, Hashable, Sendable {
  public let problem: Problem
  /// The byte of the text, from 0.
  public let offset: Int

  public enum Problem: Hashable, Sendable {
    // The text is not JSON (RFC 8259).
    case endsEarly
    case unexpectedByte(UInt8)
    case byteOrderMark
    case textAfterValue
    case tooDeep
    case malformedNumber
    case badEscape
    case unpairedSurrogate
    case controlCharacter(UInt8)
    case invalidUTF8
    // It is, and a value is not what it should be.
    case expected(Expectation)
    case negative
    case notWhole
    case aboveUInt64
  }

  /// What a value should have been, as a message names it. Whoever reads shapes of an own kind adds their names.
  public struct Expectation: Sendable {
    private let text: StaticString

    public init(_ text: StaticString) { self.text = text }

    public static var object: Self { Self("an object") }
    public static var array: Self { Self("an array") }
    public static var string: Self { Self("a string") }
    public static var wholeNumber: Self {
      Self(#"a whole number, or one in a string ("0x…" or decimal)"#)
    }
    public static var bool: Self { Self("true or false") }
    public static var scalar: Self { Self("a string, a number, true, false or null") }
  }
}

extension JSONError.Expectation: Hashable, CustomStringConvertible {
  public var description: String { text.description }

  public static func == (left: Self, right: Self) -> Bool { left.description == right.description }

  public func hash(into hasher: inout Hasher) { hasher.combine(description) }
}

extension JSONError: CustomStringConvertible {
  /// `negative, expected a whole number (byte 120)`.
  public var description: String { "\(problem) (byte \(offset))" }
}

extension JSONError.Problem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .endsEarly: "not JSON: the text ends early"
    case .unexpectedByte(let byte) where (0x21...0x7e).contains(byte):
      "not JSON: unexpected character \(Character(UnicodeScalar(byte)))"
    case .unexpectedByte(let byte): "not JSON: unexpected byte \(Self.hex(byte))"
    case .byteOrderMark: "not JSON: starts with a byte order mark"
    case .textAfterValue: "not JSON: text after the end of the value"
    case .tooDeep: "nested deeper than \(JSONScanner.maxDepth) levels"
    case .malformedNumber: "not JSON: malformed number"
    case .badEscape: "not JSON: bad escape in a string"
    case .unpairedSurrogate: "half of a surrogate pair in a string"
    case .controlCharacter(let byte): "not JSON: control character \(Self.hex(byte)) in a string"
    case .invalidUTF8: "not JSON: invalid UTF-8"
    case .expected(let what): "expected \(what)"
    case .negative: "negative, expected a whole number"
    case .notWhole: "fraction or exponent, expected a whole number in plain digits"
    case .aboveUInt64: "above 2^64 - 1"
    }
  }

  private static func hex(_ byte: UInt8) -> String { "0x" + String(byte, radix: 16) }
}
