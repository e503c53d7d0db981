import JSON
import TDXMemory
import TDXMessages

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

  /// `kernel`, `module` and `phys_bits`.
  ///
  /// - Returns: false, with nothing read, where the name is none of them.
  mutating func readProfile(
    _ name: JSONText,
    into profiles: inout NamedProfiles,
    defaults: NamedProfiles
  ) throws(RequestError) -> Bool {
    switch name {
    case "kernel":
      profiles.kernel = try release(.kernel, default: defaults.kernel) {
        KernelRelease($0).flatMap { KernelProfile.knows($0) ? $0 : nil }
      }
    case "module":
      profiles.module = try release(.module, default: defaults.module) {
        ModuleVersion(named: $0.utf8).flatMap { $0.isKnown ? $0 : nil }
      }
    case "phys_bits":
      place = .init(.physBits)
      guard try !null() else { return true }
      let start = position
      let bits = try integer(upTo: UInt64(NamedProfiles.knownPhysBits.upperBound))
      guard NamedProfiles.knownPhysBits.contains(Int(bits)) else {
        throw failure(.below(limit: UInt64(NamedProfiles.knownPhysBits.lowerBound), value: bits), at: start)
      }
      profiles.physBits = Int(bits)
    default: return false
    }
    return true
  }

  /// The name of a release.
  ///
  /// - Parameter named: the release of that name; nil where it is none that is known.
  private mutating func release<Release>(
    _ member: RequestError.Member,
    default release: Release?,
    _ named: (String) -> Release?
  ) throws(RequestError) -> Release? {
    place = .init(member)
    guard try !null() else { return release }
    let start = position
    let text = try string()
    guard let release = named(text.string) else {
      throw failure(.unknownRelease(text.excerpt, of: member), at: start)
    }
    return release
  }

  /// Ranges of whole pages, `[start, end)` each.
  ///
  /// - Returns: nil for `null`.
  mutating func pages(
    _ member: RequestError.Member,
    each element: RequestError.Member
  ) throws(RequestError) -> [AddressRange]? {
    var ranges: [AddressRange] = []
    let isThere = try elements(of: member, each: element) { (scanner) throws(RequestError) in
      let offset = scanner.position
      let (start, end) = try scanner.pair(.range)
      guard let range = AddressRange(from: start, to: end), !range.isEmpty,
        (start | end).isMultiple(of: pageSize)
      else {
        throw scanner.failure(.noPages(start: start, end: end), at: offset)
      }
      ranges.append(range)
    }
    return isThere ? ranges : nil
  }

  /// A script: its text, or its lines.
  ///
  /// - Returns: nil for `null`.
  mutating func script() throws(RequestError) -> String? {
    try texts(.script, each: .scriptLine)?.joined(separator: "\n")
  }
}
