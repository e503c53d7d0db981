/// What changed about TDX in a kernel. A row of the table.
public struct KernelChange: Hashable, Sendable {
  public enum Subject: Hashable, Sendable, CaseIterable {
    /// The kernel can be a TDX host.
    case host
    /// The patches of Intel and of Ubuntu: lines with the CMRs, a check that memory lies in them, and holes from CMRs.
    case convertibleMemory
    /// The module must not overwrite RBP.
    case framePointer
    /// KVM runs TDs, and initialises the module when it is loaded.
    case initialisedByKVM
    /// memblock marks what a kernel before kexec handed over (`MEMBLOCK_KHO_SCRATCH`).
    case handover
    /// A processor with the partial write erratum refuses kexec.
    case kexecRefused
    /// The kernel itself initialises the module while it boots.
    case initialisedAtBoot
    /// What the result is called.
    case resultWords
    /// What KVM refused before is refused at boot.
    case refusedAtBoot
    /// The module is switched off at shutdown, so that a second kernel can initialise it.
    case switchedOff
    /// The module is updated while it runs.
    case moduleUpdate
    /// Dynamic PAMT turns itself on.
    case dynamicPAMT
    /// The module's extensions take memory.
    case moduleExtensions
  }

  /// How well it is known.
  public enum Evidence: Hashable, Sendable {
    /// Read in the source that is named.
    case read
    /// Said by the issue that asked for this table, and not found in a published source by its author.
    case said
  }

  public let subject: Subject
  /// The first kernel with it; nil where it is in no release that is known here.
  public let since: KernelRelease?
  /// The first kernel without it again.
  public let until: KernelRelease?
  /// What changed, as a sentence without its end.
  public let what: String
  public let source: String
  public let evidence: Evidence

  init(
    _ subject: Subject,
    since: KernelRelease?,
    until: KernelRelease? = nil,
    _ what: String,
    source: String,
    _ evidence: Evidence = .read
  ) {
    self.subject = subject
    self.since = since
    self.until = until
    self.what = what
    self.source = source
    self.evidence = evidence
  }

  /// Whether mainline of a release has it.
  func applies(to release: KernelRelease) -> Bool {
    guard let since, release.isAtLeast(since) else { return false }
    return until.map { !release.isAtLeast($0) } ?? true
  }

  static func row(_ subject: Subject) -> KernelChange { all.first { $0.subject == subject }! }
}
