import JSON
import TDXMemory

/// The values of members that all kinds of request have, and the shapes that members are made of. `null` is the same
/// as leaving an optional member out.
extension RequestScanner {
  /// `dynamic_pamt`; nil for `null`.
  mutating func dynamicPAMT() throws(RequestError) -> Bool? {
    place = .init(.dynamicPAMT)
    return try null() ? nil : bool()
  }

  /// `keyid_bits`: 0...52, as an address has 52 bits.
  mutating func keyIDBits(default value: Int?) throws(RequestError) -> Int? {
    place = .init(.keyIDBits)
    return try null() ? value : Int(integer(upTo: 52))
  }

  /// `limits`: what it does not name stays as in `defaults`.
  mutating func limits(defaults: ModuleLimits) throws(RequestError) -> ModuleLimits {
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

  /// An array, element by element.
  ///
  /// - Parameters:
  ///   - list, element: what messages call the array and an element of it.
  ///   - read: reads an element.
  /// - Returns: false for `null`.
  @inline(__always)
  mutating func elements(
    of list: RequestError.Member,
    each element: RequestError.Member,
    _ read: (inout RequestScanner) throws(RequestError) -> Void
  ) throws(RequestError) -> Bool {
    place = .init(list)
    guard try !null() else { return false }
    try enterArray()
    var index = 0
    while try nextElement() {
      place = .init(element, element: index)
      try read(&self)
      index += 1
    }
    return true
  }

  /// An array of exactly two whole numbers.
  @inline(__always)
  mutating func pair(_ expectation: JSONError.Expectation) throws(RequestError) -> (UInt64, UInt64) {
    let pair = try tuple(expectation, allowsThird: false)
    return (pair.first, pair.second)
  }
}
