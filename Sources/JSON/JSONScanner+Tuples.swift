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
    var end = position
    if let tuple = plainTuple(&end, isFar: false), allowsThird || tuple.third == nil {
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
}
