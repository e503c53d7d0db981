/// A line about TDX in words: what it is, what it means on this machine, and what someone there can do.
public struct Explanation: Hashable, Sendable {
  /// What the line is, as a sentence without its end.
  public var what: String
  /// Which kernels print it; nil where that says nothing.
  public var kernels: String?
  /// What it means here; nil where it means no more than it says.
  public var here: String?
  /// What to do; nil where there is nothing to do.
  public var remedy: String?
  /// Whether the tables know the line.
  public var isKnown = true

  public init(what: String, kernels: String? = nil, here: String? = nil, remedy: String? = nil) {
    self.what = what
    self.kernels = kernels
    self.here = here
    self.remedy = remedy
  }

  /// A line of which nothing is known.
  public static let unknown: Explanation = {
    var explanation = Explanation(what: "a line about TDX that the tables do not have")
    explanation.isKnown = false
    explanation.here = "nothing is decided by it"
    explanation.remedy = "read it as it stands"
    return explanation
  }()
}

/// What is known of a boot when its lines are explained.
public struct ExplanationContext: Sendable {
  public var kernel: KernelProfile
  public var module: ModuleProfile?
  /// All that the boot said.
  public var history: TDXHistory
  /// The CMRs, `[start, end)` in bytes, in the order of the log.
  public var convertible: [Range<UInt64>]

  public init(
    kernel: KernelProfile,
    module: ModuleProfile?,
    history: TDXHistory,
    convertible: [Range<UInt64>] = []
  ) {
    self.kernel = kernel
    self.module = module
    self.history = history
    self.convertible = convertible
  }
}
