/// Which release of the module a kernel found.
public struct ModuleVersion: Hashable, Sendable {
  public var major: UInt64
  public var minor: UInt64
  /// The third number, where it was printed.
  public var update: UInt64?
  public var buildNumber: UInt64?
  /// As it was printed: 20230206.
  public var buildDate: UInt64?

  /// Whether both are of one release, as far as both say: builds and missing numbers do not tell.
  public func isSameRelease(as other: ModuleVersion) -> Bool {
    (major, minor) == (other.major, other.minor)
      && (update == nil || other.update == nil || update == other.update)
  }

  /// Whether TDH.SYS.RD is there, which Linux cannot do without from 6.8 on.
  public var isTooOldForLinux: Bool { major == 0 || major == 1 && minor < 5 }
}

extension ModuleVersion: CustomStringConvertible {
  /// `1.5.06` or `1.0, build 457 of 20230206`.
  public var description: String {
    var text = "\(major).\(minor)"
    if let update { text += update < 10 ? ".0\(update)" : ".\(update)" }
    if let buildNumber { text += ", build \(buildNumber)" }
    if let buildDate { text += " of \(buildDate)" }
    return text
  }
}

extension ModuleVersion {
  /// What follows the speaker, as kernels print it:
  ///
  ///     TDX module: attributes 0x0, vendor_id 0x8086, major_version 1, minor_version 5, build_date 20230323, …
  ///     TDX module 2.0.08.00, build number 882, build date 0134fed5
  ///     module verson: 1.5.1.0
  ///
  /// - Returns: nil where it is no such line.
  init?(_ line: MessageBytes) {
    var text = MessageText(line)
    if text.take("TDX module: ") || text.take("TDX SEAM module: ") {
      guard let major = text.number(after: "major_version "), let minor = text.number(after: "minor_version ")
      else {
        return nil
      }
      self.init(major: major, minor: minor)
      buildDate = text.number(after: "build_date ")
      buildNumber = text.number(after: "build_num ")
      return
    }
    guard
      text.take("TDX module version: ") || text.take("TDX module ") || text.take("TDX-Module ")
        || text.take("module verson: ") || text.take("module version: "),
      let major = text.takeDecimal(), text.take("."), let minor = text.takeDecimal()
    else { return nil }
    self.init(major: major, minor: minor)
    if text.take(".") { update = text.takeDecimal() }
    buildNumber = text.number(after: "build number ")
    if text.take(through: "build date ") {
      // Eight digits, hexadecimal without 0x: 0134fed5 is 20250325.
      let digits = text.takeName() ?? ""
      buildDate = UInt64(digits, radix: 16).flatMap { String($0).count == 8 ? $0 : UInt64(digits) }
    }
  }
}

extension MessageText {
  /// The number behind a word, wherever that stands.
  fileprivate func number(after word: StaticString) -> UInt64? {
    var copy = self
    guard copy.take(through: word) else { return nil }
    return copy.takeNumber()
  }
}
