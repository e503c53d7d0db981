import JSON
import TDXMemory

/// The values of members that stand for options of the command line.
extension RequestScanner {
  /// Bytes: a number, or text as people write sizes.
  ///
  /// - Returns: nil for `null`.
  mutating func size(_ member: RequestError.Member) throws(RequestError) -> UInt64? {
    place = .init(member)
    guard try !null() else { return nil }
    let start = position
    guard try isString() else { return try integer() }
    let text = try string()
    let hexadecimal = text.string.hasPrefix("0x") ? UInt64(text.string.dropFirst(2), radix: 16) : nil
    guard let bytes = hexadecimal ?? ByteCount(text: text.string)?.bytes else {
      throw failure(.noSize(text.excerpt), at: start)
    }
    return bytes
  }

  mutating func flag(_ member: RequestError.Member, default value: Bool) throws(RequestError) -> Bool {
    place = .init(member)
    return try null() ? value : bool()
  }

  /// Text, or a whole number as its digits: nodes are often just one.
  ///
  /// - Returns: nil for `null`.
  mutating func text(_ member: RequestError.Member) throws(RequestError) -> String? {
    place = .init(member)
    guard try !null() else { return nil }
    return try isString() ? string().string : String(integer(or: .string))
  }

  /// A text, or a list of them.
  ///
  /// - Parameter element: what messages call an element.
  /// - Returns: nil for `null`.
  mutating func texts(
    _ member: RequestError.Member,
    each element: RequestError.Member
  ) throws(RequestError) -> [String]? {
    place = .init(member)
    if try isString() { return [try string().string] }
    var texts: [String] = []
    let isThere = try elements(of: member, each: element) { (scanner) throws(RequestError) in
      texts.append(try scanner.string().string)
    }
    return isThere ? texts : nil
  }

  /// A script: its text, or its lines.
  ///
  /// - Returns: nil for `null`.
  mutating func script() throws(RequestError) -> String? {
    try texts(.script, each: .scriptLine)?.joined(separator: "\n")
  }
}
