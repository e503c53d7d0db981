/// What comes next, a byte at a time, and what is wrong with it.
extension JSONScanner {
  @inlinable @inline(__always)
  mutating func skipWhiteSpace() {
    while position < count, bytes[position] <= 0x20 {
      switch bytes[position] {
      case 0x20, 0x09, 0x0a, 0x0d: position &+= 1
      default: return
      }
    }
  }

  /// The byte that the next token starts with; it is not consumed.
  @inlinable @inline(__always)
  mutating func token() throws(JSONError) -> UInt8 {
    skipWhiteSpace()
    guard position < count else { throw failure(.endsEarly) }
    return bytes[position]
  }

  func isNext(_ text: StaticString) -> Bool {
    count - position >= text.utf8CodeUnitCount
      && (0..<text.utf8CodeUnitCount).allSatisfy { bytes[position + $0] == text.utf8Start[$0] }
  }

  mutating func literal(_ text: StaticString) throws(JSONError) {
    for index in 0..<text.utf8CodeUnitCount {
      guard position < count else { throw failure(.endsEarly) }
      guard bytes[position] == text.utf8Start[index] else { throw unexpected(bytes[position]) }
      position += 1
    }
  }

  // MARK: Errors

  /// An error at the byte that is next.
  public func failure(_ problem: JSONError.Problem) -> JSONError { failure(problem, at: position) }

  public func failure(_ problem: JSONError.Problem, at offset: Int) -> JSONError {
    JSONError(problem: problem, offset: offset)
  }

  @usableFromInline @inline(never)
  func unexpected(_ byte: UInt8) -> JSONError {
    let isMark = position == 0 && count >= 3 && bytes[..<3].elementsEqual([0xef, 0xbb, 0xbf])
    return failure(isMark ? .byteOrderMark : .unexpectedByte(byte))
  }

  /// The error for a value of the wrong kind, or for what is no value at all.
  @usableFromInline @inline(never)
  func mismatch(_ expectation: JSONError.Expectation) -> JSONError {
    guard position < count else { return failure(.endsEarly) }
    // A copy, so that the error says where the value starts, unless it is not JSON.
    var rest = self
    do { try rest.skip() } catch { return error }
    return failure(.expected(expectation))
  }
}
