import TDXMessages

extension Machine {
  /// The kernel that the machine is planned for: the one that was asked about, its own, or the newest that is known.
  public var kernel: KernelProfile {
    KernelProfile(named: namedKernel, logged: loggedKernel, history: observed.tdx)
  }

  /// The module; nil where nothing names it.
  public var module: ModuleProfile? {
    ModuleProfile(named: namedModule, sysfs: installedModule?.version, logged: observed.tdx.moduleVersion)
  }

  /// Whether a kernel or a module is named that is not the machine's own.
  private var isAskedAboutOthers: Bool {
    let kernel = namedKernel.map { named in
      loggedKernel.map { ($0.major, $0.minor) != (named.major, named.minor) } ?? true
    }
    let ownModule = installedModule?.version ?? observed.tdx.moduleVersion
    return kernel ?? false || namedModule.map { $0 != ownModule } ?? false
  }

  /// Why Dynamic PAMT is on or off, where nobody says by an option.
  public enum DynamicPAMTReason: Hashable, Sendable {
    /// The log says `Enable Dynamic PAMT`.
    case logged
    /// The kernel turns it on and the module offers it.
    case profiles
  }

  /// Whether the machine has Dynamic PAMT without being asked, and why; nil where it has not.
  ///
  /// What a log says of a boot that came to PAMTs counts, unless another kernel or module is asked about.
  ///
  /// - Parameter keyIDBits: with fewer than 4 the module refuses it.
  public func dynamicPAMT(keyIDBits: Int) -> DynamicPAMTReason? {
    if !isAskedAboutOthers {
      if observed.tdx.usesDynamicPAMT { return .logged }
      if observed.initialized || observed.pamtKiB != nil { return nil }
    }
    let kernel = kernel
    guard kernel.isNamed, kernel.usesDynamicPAMT, module?.offersDynamicPAMT == true, keyIDBits >= 4 else {
      return nil
    }
    return .profiles
  }
}
