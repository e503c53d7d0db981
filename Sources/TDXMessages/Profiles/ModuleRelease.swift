/// A release of the TDX module. A row of the table.
public struct ModuleRelease: Hashable, Sendable {
  public let major: UInt64
  public let minor: UInt64
  public let update: UInt64
  /// Nil where the release's notes were not found.
  public let buildNumber: UInt64?

  init(_ major: UInt64, _ minor: UInt64, _ update: UInt64, build: UInt64? = nil) {
    self.major = major
    self.minor = minor
    self.update = update
    buildNumber = build
  }

  /// The release that a version is of: by its third number or, as old kernels print it, by its build; nil where neither
  /// tells.
  public static func of(_ version: ModuleVersion) -> ModuleRelease? {
    let candidates = all.filter { $0.major == version.major && $0.minor == version.minor }
    if let update = version.update, let row = candidates.first(where: { $0.update == update }) { return row }
    guard version.update == nil, let build = version.buildNumber else { return nil }
    return candidates.first { $0.buildNumber == build }
  }
}

/// What changed in a release of the module. A row of the table.
public struct ModuleChange: Hashable, Sendable {
  public enum Subject: Hashable, Sendable, CaseIterable {
    /// TDH.SYS.RD, which Linux reads everything with.
    case metadata
    /// Feature bit 36, TDH.PHYMEM.PAMT.ADD and the bitmap in place of the 4K PAMT.
    case dynamicPAMT
    /// Version 1 of TDH.SYS.CONFIG, with features to enable in R9.
    case configVersion1
    /// How many bits an address has is read from CPUID; 52 before.
    case physicalBits
  }

  public let subject: Subject
  /// The first third number with it, by major and minor; a line that is missing never has it.
  let since: [(line: (UInt64, UInt64), update: UInt64)]
  public let what: String
  public let source: String
  public let evidence: KernelChange.Evidence

  public static func == (one: ModuleChange, other: ModuleChange) -> Bool { one.subject == other.subject }
  public func hash(into hasher: inout Hasher) { hasher.combine(subject) }

  /// Whether a version has it; nil where the third number decides and is not known.
  func applies(to version: ModuleVersion) -> Bool? {
    let line = (version.major, version.minor)
    if let newest = since.map(\.line).max(by: <), line > newest { return true }
    guard let row = since.first(where: { $0.line == line }) else { return false }
    guard let update = version.update ?? ModuleRelease.of(version)?.update else {
      return row.update == 0 ? true : nil
    }
    return update >= row.update
  }

  static func row(_ subject: Subject) -> ModuleChange { all.first { $0.subject == subject }! }
}
