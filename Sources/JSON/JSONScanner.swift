/// Reads JSON (RFC 8259, strictly) from bytes, one token at a time, in one pass and without allocation.
///
/// A container is entered with `enterArray` or `enterObject` and walked with `nextElement` or `nextMember`; between
/// two of these calls exactly one value is read or skipped. Nesting beyond `maxDepth` is an error. Strings must be
/// valid UTF-8 and must not have half surrogate pairs.
public struct JSONScanner {
  /// The levels of nesting that are read; `skip` keeps one bit for each.
  public static let maxDepth = 64

  @usableFromInline let bytes: UnsafeRawBufferPointer
  @usableFromInline let count: Int
  @usableFromInline var position = 0
  @usableFromInline var depth = 0
  /// Whether the last token opened a container: then no comma is due.
  @usableFromInline var justEntered = false

  /// - Parameter bytes: must outlive the scanner and the strings it returns.
  public init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    count = bytes.count
  }

  /// The offset of the byte that is next.
  @inlinable public var offset: Int { position }

  // MARK: Containers

  @inlinable @inline(__always)
  public mutating func enterArray(or expectation: JSONError.Expectation = .array) throws(JSONError) {
    try enter(UInt8(ascii: "["), expectation)
  }

  public mutating func enterObject() throws(JSONError) {
    try enter(UInt8(ascii: "{"), .object)
  }

  /// Steps to the next element of the array.
  ///
  /// - Returns: false where there is none; the array has been left then.
  @inlinable @inline(__always)
  public mutating func nextElement() throws(JSONError) -> Bool {
    let byte = try token()
    if byte == UInt8(ascii: "]") {
      leave()
      return false
    }
    if justEntered {
      justEntered = false
    } else {
      guard byte == UInt8(ascii: ",") else { throw unexpected(byte) }
      position &+= 1
    }
    return true
  }

  /// Steps to the value of the object's next member.
  ///
  /// - Returns: the member's name; nil where there is none, the object has been left then.
  public mutating func nextMember() throws(JSONError) -> JSONText? {
    let byte = try token()
    if byte == UInt8(ascii: "}") {
      leave()
      return nil
    }
    if justEntered {
      justEntered = false
    } else {
      guard byte == UInt8(ascii: ",") else { throw unexpected(byte) }
      position += 1
    }
    let quote = try token()
    guard quote == UInt8(ascii: "\"") else { throw unexpected(quote) }
    let name = try text()
    let colon = try token()
    guard colon == UInt8(ascii: ":") else { throw unexpected(colon) }
    position += 1
    return name
  }

  @inlinable @inline(__always)
  mutating func enter(
    _ bracket: UInt8,
    _ expectation: JSONError.Expectation
  ) throws(JSONError) {
    guard try token() == bracket else { throw mismatch(expectation) }
    guard depth < Self.maxDepth else { throw failure(.tooDeep) }
    position &+= 1
    depth &+= 1
    justEntered = true
  }

  @inlinable @inline(__always)
  mutating func leave() {
    position &+= 1
    depth &-= 1
    justEntered = false
  }

  /// Checks that nothing but white space follows.
  public mutating func end() throws(JSONError) {
    skipWhiteSpace()
    guard position == count else { throw failure(.textAfterValue) }
  }
}
