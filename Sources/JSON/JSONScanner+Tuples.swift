/// An array of two or three whole numbers.
public struct NumberTuple {
  public let first, second: UInt64
  public let third: UInt64?

  @inlinable @inline(__always)
  public init(_ first: UInt64, _ second: UInt64, _ third: UInt64?) {
    self.first = first
    self.second = second
    self.third = third
  }
}

extension JSONScanner {
  /// Reads an array of two whole numbers, or of three where `allowsThird`.
  @inlinable @inline(__always)
  public mutating func tuple(
    _ expectation: JSONError.Expectation,
    allowsThird: Bool
  ) throws(JSONError) -> NumberTuple {
    if let (tuple, end) = plainTuple(), allowsThird || tuple.third == nil {
      position = end
      return tuple
    }
    return try anyTuple(expectation, allowsThird: allowsThird)
  }

  @usableFromInline @inline(never)
  mutating func anyTuple(
    _ expectation: JSONError.Expectation,
    allowsThird: Bool
  ) throws(JSONError) -> NumberTuple {
    try enterArray(or: expectation)
    guard try nextElement() else { throw failure(.expected(expectation)) }
    let first = try integer()
    guard try nextElement() else { throw failure(.expected(expectation)) }
    let second = try integer()
    guard try nextElement() else { return NumberTuple(first, second, nil) }
    guard allowsThird else { throw failure(.expected(expectation)) }
    let third = try integer()
    guard try !nextElement() else { throw failure(.expected(expectation)) }
    return NumberTuple(first, second, third)
  }

  /// The tuple that is next, and where it ends, if it is one as machines write them: two or three numbers of at most
  /// 15 digits, without white space, and far from the end of the text. Nothing is consumed.
  ///
  /// Nearly all that is read are such tuples. They take a third of the time of the general path, which keeps its
  /// state in memory and checks for the end of the text at every byte.
  @inlinable @inline(__always)
  func plainTuple() -> (NumberTuple, end: Int)? {
    // Three times 15 digits and a separator, the opening bracket, and the 16 bytes that a number is looked for in.
    guard count &- position >= 64, bytes[position] == UInt8(ascii: "[") else { return nil }
    var end = position &+ 1
    guard let first = plainNumber(&end), bytes[end] == UInt8(ascii: ",") else { return nil }
    end &+= 1
    guard let second = plainNumber(&end) else { return nil }
    var third: UInt64?
    if bytes[end] == UInt8(ascii: ",") {
      end &+= 1
      guard let number = plainNumber(&end) else { return nil }
      third = number
    }
    guard bytes[end] == UInt8(ascii: "]") else { return nil }
    return (NumberTuple(first, second, third), end &+ 1)
  }

  /// A number of at most 15 digits without leading zeros; 16 bytes must be there.
  @inlinable @inline(__always)
  func plainNumber(_ offset: inout Int) -> UInt64? {
    let first = bytes[offset] &- UInt8(ascii: "0")
    // Most numbers of one digit are nodes, and every region has one.
    if !Self.isDigit(bytes[offset &+ 1]) {
      offset &+= 1
      return first < 10 ? UInt64(first) : nil
    }
    guard first &- 1 < 9 else { return nil }
    let (high, highDigits) = Self.leadingDigits(word(at: offset))
    offset &+= highDigits
    guard highDigits == 8 else { return high }
    let (low, lowDigits) = Self.leadingDigits(word(at: offset))
    offset &+= lowDigits
    guard lowDigits < 8 else { return nil }
    return high &* Self.powerOfTen(lowDigits) &+ low
  }
}
