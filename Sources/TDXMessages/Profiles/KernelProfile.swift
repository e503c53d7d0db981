/// The kernel that an answer is about, and what follows for TDX.
public struct KernelProfile: Hashable, Sendable {
  /// How the kernel is known.
  public enum Origin: Hashable, Sendable {
    /// By `--kernel` or a request.
    case named
    /// By `Linux version` in the log.
    case logged
    /// By the words of the result in a log that does not name its kernel.
    case words
    /// It is not: the newest that is known here stands in for it.
    case newest
  }

  public let release: KernelRelease
  public let origin: Origin

  public init(_ release: KernelRelease, _ origin: Origin) {
    self.release = release
    self.origin = origin
  }

  /// The kernels that can be asked for.
  public static let oldest = KernelRelease(6, 8)
  public static let newest = KernelRelease(7, 4)

  /// Whether a kernel can be asked for: 6.8 to 7.4; after 6.19 came 7.0.
  public static func knows(_ release: KernelRelease) -> Bool {
    release.isAtLeast(oldest) && newest.isAtLeast(release) && (release.major > 6 || release.minor <= 19)
  }

  /// - Parameters:
  ///   - named: what was asked for, which counts for more than what a log says.
  ///   - logged: the log's own.
  ///   - history: what the log says of TDX, whose words tell where nothing else does.
  public init(named: KernelRelease?, logged: KernelRelease?, history: TDXHistory) {
    if let named {
      self.init(named, .named)
    } else if let logged {
      self.init(logged, .logged)
    } else if let isNew = history.usesNewResultWords {
      self.init(isNew ? Self.newest : KernelRelease(7, 0), .words)
    } else if history.usesOutOfTreeWords {
      self.init(KernelRelease(6, 7), .words)
    } else {
      self.init(Self.newest, .newest)
    }
  }

  /// Whether an input or an option says which kernel it is.
  public var isNamed: Bool { origin == .named || origin == .logged }

  private func has(_ subject: KernelChange.Subject) -> Bool {
    KernelChange.row(subject).applies(to: release)
  }

  /// Whether the kernel is one of before 6.8, with patches of Intel.
  public var isOutOfTree: Bool { !has(.host) }

  /// Whether the result is `TDX-Module initialized` and not `module initialized`.
  public var saysTDXModule: Bool { has(.resultWords) }

  /// Whether the kernel itself initialises the module while it boots, before any memory can be added.
  public var initializesAtBoot: Bool { has(.initialisedAtBoot) }

  /// Whether Linux turns Dynamic PAMT on where the module offers it.
  public var usesDynamicPAMT: Bool { has(.dynamicPAMT) }

  /// Whether the log can have the CMRs, and the kernel may check memory against them: Ubuntu's and Intel's kernels.
  public var mayPrintConvertible: Bool { isOutOfTree || release.isIntelFlavour }

  /// Whether the module is switched off before a second kernel runs, if it can be.
  public var switchesModuleOff: Bool { has(.switchedOff) }

  /// Whether a processor with the partial write erratum loads no second kernel.
  public var mayRefuseKexec: Bool { has(.kexecRefused) }

  /// Whether memblock keeps what was handed over by kexec as regions of their own.
  public var splitsHandover: Bool { has(.handover) }

  /// When the module is initialised, in words that follow the verb.
  public var momentOfInitialization: String {
    if origin == .words, !saysTDXModule { return "when KVM is loaded" }
    if initializesAtBoot { return "at boot" }
    if has(.initialisedByKVM) || isOutOfTree || release.isIntelFlavour { return "when kvm_intel is loaded" }
    return "when KVM with Intel's patches is loaded"
  }

  /// Who initialises the module, and when, as a sentence without its end.
  public var initialization: String {
    if origin == .words, !saysTDXModule { return "TDX is initialised when KVM is loaded, with tdx=1" }
    if initializesAtBoot { return "the kernel initialises TDX while it boots" }
    if has(.initialisedByKVM) { return "TDX is initialised when kvm_intel is loaded with tdx=1" }
    return isOutOfTree || release.isIntelFlavour
      ? "patches of its distributor initialise TDX, mostly when kvm_intel is loaded"
      : "nothing in mainline initialises TDX before 6.16; KVM with Intel's patches does when it is loaded"
  }
}

extension KernelProfile: CustomStringConvertible {
  /// `6.12.0-rc2+`, `6.8 to 7.0, by its words`.
  public var description: String {
    switch origin {
    case .named, .logged: release.text
    case .words where isOutOfTree: "out of tree, by its words"
    case .words: saysTDXModule ? "7.1 or newer, by its words" : "6.8 to 7.0, by its words"
    case .newest: "\(release), the newest known here"
    }
  }
}
