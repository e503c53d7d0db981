/// What TDX came to on a machine, by what its kernel said.
public enum TDXVerdict: Hashable, Sendable {
  case initialized
  case failed(TDXFailure)
}

/// Why TDX does not run on a machine, by what its kernel said.
public struct TDXFailure: Hashable, Sendable {
  public enum Stage: Hashable, Sendable {
    /// The BIOS or the kernel refused before the module was asked.
    case platform
    /// The module's initialisation failed.
    case initialization
    /// The module is initialised, but KVM offers no TDs.
    case guests

    /// As programs read it.
    public var name: String {
      switch self {
      case .platform: "platform"
      case .initialization: "initialization"
      case .guests: "guests"
      }
    }
  }

  public var stage: Stage
  /// What was said, the first thing that went wrong first; empty where the log does not have it.
  public var reasons: [TDXMessage]
  /// The error that the initialisation ended with, as a positive number; nil where it was not printed.
  public var errno: UInt64?
  /// Whether one of the reasons has nothing to do with memory.
  var hasOtherReason = false

  init(stage: Stage, reasons: [TDXMessage]) {
    self.stage = stage
    self.reasons = reasons
  }

  /// Whether the memory is to blame, so that a plan of the memory says the same or a better plan would help.
  public var concernsMemory: Bool {
    guard stage == .initialization, !hasOtherReason else { return false }
    // ENOSPC and ENOMEM come of TDMRs, areas and PAMTs only.
    return !reasons.isEmpty || errno == 28 || errno == 12
  }
}

extension TDXFailure {
  /// What failed and for what, as sentences without the last end: the call with its status, or the kernel's own words
  /// and what they mean.
  ///
  /// - Parameter version: the module's, where it is known; with it some statuses say more.
  public func explanation(module version: ModuleVersion?) -> String {
    guard let reason = reasons.first else {
      let error = errno.map { " with \(Self.errorName($0))" } ?? ""
      let guess =
        errno.flatMap { Self.errorMeanings[$0] }.map { ": \($0)" } ?? "; the log does not have the reason"
      return "the initialisation failed\(error)\(guess)"
    }
    switch reason.content {
    case .seamcall(let failure):
      let diagnosis = Diagnosis.of(failure, module: version)
      return "\(failure.summary): \(diagnosis?.meaning ?? failure.meaning)"
    case .known(let row): return "\(row.meaning) (`\(reason.text)`)"
    case .unknown: return "`\(reason.text)`"
    }
  }

  /// What someone at the machine can do; nil where nothing is known.
  public func remedy(module version: ModuleVersion?) -> String? {
    for reason in reasons {
      if case .seamcall(let failure) = reason.content, let diagnosis = Diagnosis.of(failure, module: version)
      {
        return diagnosis.remedy
      }
      if let remedy = reason.remedy { return remedy }
    }
    return nil
  }

  /// `EIO` for 5.
  public static func errorName(_ errno: UInt64) -> String { errorNames[errno] ?? "error \(errno)" }

  private static let errorNames: [UInt64: String] = [
    5: "EIO", 11: "EAGAIN", 12: "ENOMEM", 13: "EACCES", 14: "EFAULT", 16: "EBUSY", 19: "ENODEV", 22: "EINVAL",
    28: "ENOSPC", 95: "EOPNOTSUPP",
  ]

  /// What Linux means by an error of the initialisation (`sc_retry_prerr`, `construct_tdmrs`, `check_features`).
  private static let errorMeanings: [UInt64: String] = [
    5: "a call to the module failed; the log does not have the line that says which",
    12: "no memory for PAMTs or TDMRs",
    13: "a call to the module was made outside VMX operation",
    19: "no module is loaded, or the platform does not support TDX",
    22:
      "the module lacks something that this kernel insists on; the log does not have the line that says what",
    28: "TDMRs or reserved areas are exhausted; the log does not have the line that says which",
    95: "the processor refused a call to the module: TDX is not enabled by the BIOS",
  ]
}

extension TDXFailure {
  /// What someone who asks whether the memory fits must know, as a sentence without its end.
  ///
  /// - Parameter memoryFits: whether a plan of the memory fits; nil where there is none.
  public func verdict(memoryFits: Bool?, module version: ModuleVersion?) -> String {
    let why = explanation(module: version)
    if concernsMemory {
      guard memoryFits == true else { return "TDX failed on this machine for its memory: \(why)" }
      return "TDX failed on this machine for its memory, though what is known of it here would fit: \(why)"
    }
    let memory =
      switch memoryFits {
      case nil: ""
      case true?: "the memory would fit, but "
      case false?: "besides its memory, "
      }
    switch stage {
    case .platform: return "\(memory)there is no TDX on this machine: \(why)"
    case .initialization: return "\(memory)TDX failed on this machine: \(why)"
    case .guests: return "\(memory)KVM offers no TDs, though TDX is initialised: \(why)"
    }
  }
}

/// What a certain status of a certain call means, where that is more than the status says by itself.
struct Diagnosis: Sendable {
  var leaf: String
  var status: UInt32
  /// Only where the details name this operand.
  var operand: UInt32?
  /// Only with modules that are too old; nil where the module does not matter.
  var needsOldModule = false
  var meaning: String
  var remedy: String

  static func of(_ failure: SEAMCALLFailure, module version: ModuleVersion?) -> Diagnosis? {
    all.first {
      $0.leaf == failure.leaf?.name && $0.status == failure.status.code
        && ($0.operand == nil || $0.operand == failure.status.details)
        && (!$0.needsOldModule || version?.isTooOldForLinux == true)
    } ?? (failure.initializesModule ? general(failure) : nil)
  }

  private static let biosAndModule =
    "update BIOS and microcode, and the module with them: they are released together"

  private static let all: [Diagnosis] = [
    Diagnosis(
      leaf: "TDH.SYS.RD",
      status: 0xc000_0505,
      needsOldModule: true,
      meaning:
        "the module is a 1.0, and this call came with 1.5; until it is ready, a 1.0 answers so to what it does not know",
      remedy: "update the BIOS to one with a TDX module of 1.5 or later"
    ),
    Diagnosis(
      leaf: "TDH.SYS.RD",
      status: 0xc000_0505,
      meaning: "the module is not initialised on every processor, or is a 1.0, which does not have this call",
      remedy: "update the BIOS to one with a TDX module of 1.5 or later, and boot with all processors online"
    ),
    Diagnosis(
      leaf: "TDH.SYS.RD",
      status: 0xc000_0c00,
      meaning: "the module does not have this metadata field: it is older than the kernel expects",
      remedy: "update the module, with the BIOS or on the EFI partition"
    ),
    Diagnosis(
      leaf: "TDH.SYS.INIT",
      status: 0xc000_0500,
      meaning:
        "the module was initialised before, by the kernel before a kexec: it cannot be initialised twice",
      remedy: "reboot through the firmware instead of kexec"
    ),
    Diagnosis(
      leaf: "TDH.SYS.CONFIG",
      status: 0xc000_050c,
      meaning: "the module was configured before, or a processor was not initialised",
      remedy: "reboot through the firmware, with all processors online"
    ),
    Diagnosis(
      leaf: "TDH.SYS.CONFIG",
      status: 0xc000_0100,
      operand: 0,
      meaning: "the kernel calls a version of TDH.SYS.CONFIG that this module does not have",
      remedy: "update the module, with the BIOS or on the EFI partition"
    ),
    Diagnosis(
      leaf: "TDH.SYS.CONFIG",
      status: 0xc000_0100,
      operand: 9,
      meaning: "the kernel enables a feature that is not among those of the module (TDX_FEATURES0)",
      remedy: "update the module, or boot a kernel that does not ask for the feature"
    ),
    Diagnosis(
      leaf: "TDH.SYS.CONFIG",
      status: 0xc000_0100,
      operand: 10,
      meaning: "the kernel passed something in R10, which version 1 of the call keeps for later",
      remedy: "boot a kernel that goes together with this module"
    ),
    Diagnosis(
      leaf: "TDH.SYS.CONFIG",
      status: 0xc000_0100,
      meaning:
        "the module does not take what the kernel passed: the kernel asks for a feature that it does not have, or "
        + "with Dynamic PAMT physical addresses have more than 48 bits without those of key ids",
      remedy: "update the module, or boot a kernel that does not ask for the feature"
    ),
    Diagnosis(
      leaf: "TDH.SYS.DISABLE",
      status: 0xc000_0100,
      meaning: "the module does not have this call, so it was not switched off before the second kernel",
      remedy: "update the module; until then do not use TDX after kexec"
    ),
    Diagnosis(
      leaf: "TDH.SYS.KEY.CONFIG",
      status: 0x8000_0800,
      meaning: "the processor had no random numbers left for the module's key",
      remedy: "boot again"
    ),
  ]

  /// What the BIOS or the processors have wrong, whichever call of the initialisation notices.
  private static func general(_ failure: SEAMCALLFailure) -> Diagnosis? {
    guard failure.status.classCode == 0x09 || failure.status.code == 0xc000_0a22 else { return nil }
    return Diagnosis(
      leaf: "",
      status: failure.status.code,
      meaning: failure.status.meaning,
      remedy: biosAndModule
    )
  }
}
