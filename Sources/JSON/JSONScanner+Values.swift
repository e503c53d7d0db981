extension JSONScanner {
  public mutating func string() throws(JSONError) -> JSONText {
    guard try token() == UInt8(ascii: "\"") else { throw mismatch(.string) }
    return try text()
  }

  public mutating func bool() throws(JSONError) -> Bool {
    switch try token() {
    case UInt8(ascii: "t"):
      try literal("true")
      return true
    case UInt8(ascii: "f"):
      try literal("false")
      return false
    default: throw mismatch(.bool)
    }
  }

  /// Reads a `null` where one is next.
  ///
  /// - Returns: whether there was one.
  public mutating func null() throws(JSONError) -> Bool {
    guard try token() == UInt8(ascii: "n") else { return false }
    try literal("null")
    return true
  }

  /// Whether a string is next.
  public mutating func isString() throws(JSONError) -> Bool { try token() == UInt8(ascii: "\"") }

  /// Whether an object is next.
  public mutating func isObject() throws(JSONError) -> Bool { try token() == UInt8(ascii: "{") }

  /// Reads a string, a number, `true`, `false` or `null` and returns its bytes as they stand.
  public mutating func scalar() throws(JSONError) -> UnsafeRawBufferPointer {
    let first = try token()
    guard first != UInt8(ascii: "["), first != UInt8(ascii: "{") else { throw mismatch(.scalar) }
    let start = position
    try skipScalar(first)
    return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
  }

  /// Reads past one value of any kind.
  ///
  /// - Complexity: O(bytes), without recursion.
  public mutating func skip() throws(JSONError) {
    // The containers that have been entered here, the innermost in the lowest bit: 1 for an object.
    var containers: UInt64 = 0
    var entered = 0
    repeat {
      switch try token() {
      case UInt8(ascii: "["):
        try enterArray()
        containers <<= 1
        entered += 1
      case UInt8(ascii: "{"):
        try enterObject()
        containers = containers << 1 | 1
        entered += 1
      case let first:
        try skipScalar(first)
      }
      while entered > 0 {
        let more = containers & 1 == 1 ? try nextMember() != nil : try nextElement()
        if more { break }
        containers >>= 1
        entered -= 1
      }
    } while entered > 0
  }

  private mutating func skipScalar(_ first: UInt8) throws(JSONError) {
    switch first {
    case UInt8(ascii: "\""): _ = try text()
    case UInt8(ascii: "t"): try literal("true")
    case UInt8(ascii: "f"): try literal("false")
    case UInt8(ascii: "n"): try literal("null")
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try skipNumber()
    default: throw unexpected(first)
    }
  }
}
