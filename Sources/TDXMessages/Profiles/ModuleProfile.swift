/// The TDX module that an answer is about, and what it can do.
public struct ModuleProfile: Hashable, Sendable {
  /// How the module is known.
  public enum Origin: Hashable, Sendable {
    /// By `--module` or a request.
    case named
    /// By /sys/devices/faux/tdx_host/version.
    case sysfs
    /// By a line of the log.
    case logged
  }

  public let version: ModuleVersion
  public let origin: Origin

  public init(_ version: ModuleVersion, _ origin: Origin) {
    self.version = version
    self.origin = origin
  }

  /// - Returns: nil where nothing names the module.
  public init?(named: ModuleVersion?, sysfs: ModuleVersion?, logged: ModuleVersion?) {
    if let named {
      self.init(named, .named)
    } else if let sysfs {
      self.init(sysfs, .sysfs)
    } else if let logged {
      self.init(logged, .logged)
    } else {
      return nil
    }
  }

  /// The modules that can be asked for: 1.0 to 2.0.18.
  public static let newest = ModuleVersion(major: 2, minor: 0, update: 18)

  /// Whether it has a feature; nil where the version does not tell.
  public func has(_ subject: ModuleChange.Subject) -> Bool? {
    ModuleChange.row(subject).applies(to: version)
  }

  /// Whether the module offers Dynamic PAMT.
  public var offersDynamicPAMT: Bool? { has(.dynamicPAMT) }

  /// What it is and can do, as a sentence without its end.
  public var sentence: String {
    var text = version.description
    if version.update == nil, let release = ModuleRelease.of(version) {
      text +=
        " (release \(release.major).\(release.minor).\(release.update < 10 ? "0" : "")\(release.update))"
    }
    if version.isTooOldForLinux { return text + ", too old for Linux 6.8 and newer" }
    switch offersDynamicPAMT {
    case true?: text += ", offers Dynamic PAMT"
    case false?: text += ", without Dynamic PAMT"
    case nil: text += "; whether it offers Dynamic PAMT its version does not tell"
    }
    return text
  }
}

extension ModuleVersion {
  /// As it is named in options, in /sys and in releases: `1.5.06`, `1.0`.
  ///
  /// - Returns: nil where it is not two or three numbers with dots between them.
  public init?(named name: some Collection<UInt8>) {
    guard let version = Array(name.prefix(64)).withUnsafeBufferPointer(Self.named) else { return nil }
    self = version
  }

  private static func named(_ name: MessageBytes) -> ModuleVersion? {
    var text = MessageText(name)
    guard let major = text.takeDecimal(), text.take("."), let minor = text.takeDecimal() else { return nil }
    var version = ModuleVersion(major: major, minor: minor)
    if text.take(".") {
      guard let number = text.takeDecimal() else { return nil }
      version.update = number
    }
    text.skipBlanks()
    return text.isAtEnd ? version : nil
  }

  /// Whether it is one that is known here: 1.0 to 2.0.18.
  public var isKnown: Bool {
    let newest = ModuleProfile.newest
    return major >= 1
      && (major, minor, update ?? 0) <= (newest.major, newest.minor, newest.update ?? 0)
  }
}
