import TDXMemory
import TDXMessages

/// What TDX reported about itself in a kernel log.
public struct Observations: Hashable, Sendable {
  /// `… KB allocated for PAMT`.
  public var pamtKiB: UInt64?
  /// What was said, in order, and what TDX came to.
  public var tdx = TDXHistory()
  /// The TDMRs that early out-of-tree kernels print.
  public var tdmrs: [ObservedTDMR] = []

  public init() {}

  /// Whether the log says that the TDX module was initialized, with no failure of the initialisation after it.
  public var initialized: Bool { tdx.isInitialized }
  /// What went wrong, in the kernel's words without its prefix, in order.
  public var failures: [String] { tdx.messages.filter(\.isComplaint).map(\.text) }
  /// Why TDX does not run on the machine, by what was said; nil where it does, or nothing was said.
  public var failure: TDXFailure? {
    if case .failed(let failure) = tdx.verdict { return failure }
    return nil
  }
  /// Whether TDX does not run on the machine for something that no plan of its memory can tell.
  public var failsWhateverTheMemory: Bool { failure.map { !$0.concernsMemory } ?? false }
}

extension Observations {
  /// What a log that speaks of TDX and of no memory is told: what it says, and what else is needed.
  ///
  /// - Returns: nil where it says nothing of TDX either.
  func refusalWithoutMap(keyIDBits: Int?) -> String? {
    guard !tdx.isEmpty || keyIDBits != nil else { return nil }
    var facts: [String] = []
    if let keyIDBits { facts.append("the BIOS enabled TDX with \(keyIDBits) key-id bits") }
    if let version = tdx.moduleVersion { facts.append("the module is \(version)") }
    if let pamtKiB { facts.append("PAMTs took \(pamtKiB) KB") }
    switch tdx.verdict {
    case nil: facts.append("nothing is said of how the initialisation ended")
    case .initialized?: facts.append("TDX is initialised")
    case .failed(let failure)?:
      facts.append(failure.verdict(memoryFits: nil, module: tdx.moduleVersion))
      if let remedy = failure.remedy(module: tdx.moduleVersion) { facts.append("to mend it, \(remedy)") }
    }
    return "no memory map and no CMRs, only lines about TDX. They say: \(facts.joined(separator: "; ")). "
      + "For a plan, add the memory: the whole log of the boot (`sudo journalctl -k -b > boot.log`), or "
      + "`sudo cat /sys/kernel/debug/memblock/memory > memblock.txt`, and name both files"
  }
}

/// A TDMR that a kernel printed, and the PAMT it printed for it.
public struct ObservedTDMR: Hashable, Sendable {
  public var range: AddressRange
  public var pamt: AddressRange?

  public init(range: AddressRange, pamt: AddressRange? = nil) {
    self.range = range
    self.pamt = pamt
  }
}
