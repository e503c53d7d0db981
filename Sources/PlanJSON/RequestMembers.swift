import JSON
import TDXMemory

/// The members that both kinds of request have beside `id`.
struct CommonMembers {
  var limits: ModuleLimits
  var dynamicPAMT: Bool
  var keyIDBits: Int

  /// Reads the member that is next, if it is one of these; what it does not say is taken from `defaults`.
  @inline(__always)
  mutating func read(
    _ name: JSONText,
    from scanner: inout RequestScanner,
    defaults: CommonMembers
  ) throws(RequestError) -> Bool {
    switch name {
    case "dynamic_pamt": dynamicPAMT = try scanner.dynamicPAMT(default: defaults.dynamicPAMT)
    case "limits": limits = try scanner.limits(defaults: defaults.limits)
    case "keyid_bits": keyIDBits = try scanner.keyIDBits(default: defaults.keyIDBits)
    default: return false
    }
    return true
  }
}

extension RequestScanner {
  /// Reads the one object of a line. Members come in any order; of one that comes twice the last one counts.
  ///
  /// - Parameters:
  ///   - id: becomes the object's, also after an error and as far as the line can be read.
  ///   - readMember: reads the value of any other member that it knows; returns false, and reads nothing, where it
  ///     does not know the name. Then the value is passed over.
  @inline(__always)
  static func readRequest(
    _ line: UnsafeRawBufferPointer,
    id: inout UnsafeRawBufferPointer,
    _ readMember: (JSONText, inout RequestScanner) throws(RequestError) -> Bool
  ) throws(RequestError) {
    id = RequestID.null
    var scanner = RequestScanner(line)
    do throws(RequestError) {
      try scanner.enterObject()
      while let name = try scanner.nextMember() {
        if case "id" = name {
          scanner.place = .init(.id)
          id = try scanner.scalar()
        } else if try !readMember(name, &scanner) {
          try scanner.skip()
        }
        scanner.place = .init(.request)
      }
      try scanner.end()
    } catch {
      id = RequestID.find(in: line)
      throw error
    }
  }
}

/// The values of members that both kinds of request have, and the shapes that members are made of. `null` is the same
/// as leaving an optional member out.
extension RequestScanner {
  /// `dynamic_pamt`.
  fileprivate mutating func dynamicPAMT(default value: Bool) throws(RequestError) -> Bool {
    place = .init(.dynamicPAMT)
    return try null() ? value : bool()
  }

  /// `keyid_bits`: 0...52, as an address has 52 bits.
  fileprivate mutating func keyIDBits(default value: Int) throws(RequestError) -> Int {
    place = .init(.keyIDBits)
    return try null() ? value : Int(integer(upTo: 52))
  }

  /// `limits`: what it does not name stays as in `defaults`.
  fileprivate mutating func limits(defaults: ModuleLimits) throws(RequestError) -> ModuleLimits {
    place = .init(.limits)
    var limits = defaults
    guard try !null() else { return limits }
    try enterObject()
    while let name = try nextMember() {
      switch name {
      case "max_tdmrs":
        place = .init(.maxTDMRs)
        limits.maxTDMRs = try null() ? defaults.maxTDMRs : integer()
      case "max_reserved":
        place = .init(.maxReserved)
        limits.maxReserved = try null() ? defaults.maxReserved : integer()
      case "pamt_entry_bytes":
        place = .init(.entryBytes)
        limits.pamtEntryBytes = try null() ? defaults.pamtEntryBytes : entryBytes(defaults.pamtEntryBytes)
      default: try skip()
      }
      place = .init(.limits)
    }
    return limits
  }

  /// `limits.pamt_entry_bytes`: a number for all levels, or an object with a number for some.
  private mutating func entryBytes(_ defaults: PAMTEntryBytes) throws(RequestError) -> PAMTEntryBytes {
    guard try isObject() else {
      let bytes = try integer16(or: .entryBytes)
      return PAMTEntryBytes(page4K: bytes, page2M: bytes, page1G: bytes)
    }
    var entryBytes = defaults
    try enterObject()
    while let name = try nextMember() {
      switch name {
      case "4k":
        place = .init(.entryBytes4K)
        entryBytes.page4K = try null() ? defaults.page4K : integer16()
      case "2m":
        place = .init(.entryBytes2M)
        entryBytes.page2M = try null() ? defaults.page2M : integer16()
      case "1g":
        place = .init(.entryBytes1G)
        entryBytes.page1G = try null() ? defaults.page1G : integer16()
      default: try skip()
      }
      place = .init(.entryBytes)
    }
    return entryBytes
  }

  private mutating func integer16(
    or expectation: JSONError.Expectation = .wholeNumber
  ) throws(RequestError) -> UInt16 {
    UInt16(try integer(upTo: UInt64(UInt16.max), or: expectation))
  }

  mutating func integer(
    upTo limit: UInt64,
    or expectation: JSONError.Expectation = .wholeNumber
  ) throws(RequestError) -> UInt64 {
    let start = position
    let value = try integer(or: expectation)
    guard value <= limit else { throw failure(.above(limit: limit, value: value), at: start) }
    return value
  }

  /// An array of exactly two whole numbers.
  @inline(__always)
  mutating func pair(_ expectation: JSONError.Expectation) throws(RequestError) -> (UInt64, UInt64) {
    let pair = try tuple(expectation, allowsThird: false)
    return (pair.first, pair.second)
  }
}

/// The id of a request: the bytes that an answer repeats.
public enum RequestID {
  /// What is echoed where a line has no id.
  public static var null: UnsafeRawBufferPointer {
    let text: StaticString = "null"
    return UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }

  /// Looks for the id in a line that is no request, as far as it is JSON, so that the answer can name it.
  static func find(in line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var scanner = JSONScanner(line)
    var id = null
    do throws(JSONError) {
      try scanner.enterObject()
      while let name = try scanner.nextMember() {
        if case "id" = name { id = try scanner.scalar() } else { try scanner.skip() }
      }
    } catch {
      // Where the text stops making sense the search ends; what it has found stays.
    }
    return id
  }
}
