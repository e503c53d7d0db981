import TDXMemory

/// What TDX reported about itself in a kernel log.
public struct Observations: Hashable, Sendable {
  /// `… KB allocated for PAMT`.
  public var pamtKiB: UInt64?
  /// Whether the log says that the TDX module was initialized, with no failure after it.
  public var initialized = false
  /// What went wrong, in the kernel's words without its prefix, in order.
  public var failures: [String] = []
  /// The TDMRs that early out-of-tree kernels print.
  public var tdmrs: [ObservedTDMR] = []

  public init() {}
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
