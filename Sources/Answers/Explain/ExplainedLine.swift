import MapReaders
import TDXMemory
import TDXMessages

/// A line of a log about TDX with what is said of it.
public struct ExplainedLine: Sendable {
  public let line: TDXLogLine
  public let explanation: Explanation

  init(_ line: TDXLogLine, in context: ExplanationContext) {
    self.line = line
    explanation =
      switch line.content {
      case .message(let message): message.explanation(in: context)
      case .other(let other): other.explanation
      case .unknown: .unknown
      case .convertible(let ranges): Self.convertible(ranges, context)
      case .layout(let tdmrs, let pamtBytes): Self.layout(tdmrs, pamtBytes)
      }
  }

  private static func convertible(_ ranges: [AddressRange], _ context: ExplanationContext) -> Explanation {
    let bytes = ranges.reduce(0 as UInt64) {
      let (sum, wraps) = $0.addingReportingOverflow($1.size)
      return wraps ? .max : sum
    }
    var explanation = Explanation(
      what: "convertible memory regions: the memory that firmware has found fit for TDX",
      kernels: "distributions and out of tree; mainline does not print them",
      here: "\(ranges.count) of them, \(ByteCount(bytes)): the module refuses TDMRs and PAMTs outside"
    )
    if context.kernel.isNamed, !context.kernel.mayPrintConvertible {
      explanation.here! +=
        "; Linux \(context.kernel) does not print them in mainline, so it carries a patch that does"
    }
    return explanation
  }

  private static func layout(_ tdmrs: Int, _ pamtBytes: UInt64) -> Explanation {
    Explanation(
      what: "the TDMRs that the kernel made, and where it put the PAMT of each",
      kernels: "out of tree",
      here: "\(counted(tdmrs, "TDMR")), \(ByteCount(pamtBytes)) of PAMT"
    )
  }
}

/// What inputs say of TDX, line by line in words.
public struct ExplainedLogs: Sendable {
  public struct Boot: Sendable {
    public var kernel: KernelProfile
    public var module: ModuleProfile?
    public var lines: [ExplainedLine]
    public var hidden: Int
    public var verdict: TDXVerdict?
    /// All that was said.
    var history: TDXHistory
  }

  public struct Log: Sendable {
    public var file: String
    public var boots: [Boot]
    public var notes: [String]
  }

  public var logs: [Log]

  /// - Parameters:
  ///   - namedKernel: in place of those of the logs.
  ///   - namedModule: the same.
  public init(_ logs: TDXLogs, namedKernel: KernelRelease?, namedModule: ModuleVersion?) {
    self.logs = logs.logs.map { log in
      var notes = log.notes
      if let note = logs.installedModule?.note { notes.append(note) }
      let boots = log.boots.map { boot in
        let history = boot.observed.tdx
        let kernel = KernelProfile(named: namedKernel, logged: boot.kernel, history: history)
        let module = ModuleProfile(
          named: namedModule,
          sysfs: logs.installedModule?.version,
          logged: history.moduleVersion
        )
        let context = ExplanationContext(
          kernel: kernel,
          module: module,
          history: history,
          convertible: boot.convertible.map { $0.start..<$0.end }
        )
        return Boot(
          kernel: kernel,
          module: module,
          lines: boot.lines.map { ExplainedLine($0, in: context) },
          hidden: boot.hidden,
          verdict: history.verdict,
          history: history
        )
      }
      return Log(file: log.file, boots: boots, notes: notes)
    }
    // What /sys says of the module, where no log is beside it.
    if self.logs.isEmpty, let installed = logs.installedModule {
      let module = ModuleProfile(named: namedModule, sysfs: installed.version, logged: nil)
      let notes = [module.map { "The module: \($0.sentence)." }, installed.note].compactMap { $0 }
      self.logs = [Log(file: installed.source, boots: [], notes: notes)]
    }
  }

  /// Whether TDX failed in the last boot of a log.
  public var isFailure: Bool {
    logs.contains {
      if case .failed? = $0.boots.last?.verdict { return true }
      return false
    }
  }
}
