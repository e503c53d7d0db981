/// What came of a workload or a peer.
public enum Outcome: Sendable {
  case measured(Measurement)
  /// What is wrong, in a sentence. A wrong result has no time.
  case wrong(String)
  /// The run was interrupted before.
  case notReached

  public var measurement: Measurement? {
    if case .measured(let measurement) = self { measurement } else { nil }
  }
}

/// A workload's time over that of one of its peers.
public struct Ratio: Hashable, Sendable {
  public let peer: PeerKind
  /// The peer's name.
  public let name: String
  /// Time of the workload over time of the peer, from samples of the same rounds. Below 1 the workload is faster.
  public let estimate: Estimate

  public init(peer: PeerKind, name: String, estimate: Estimate) {
    self.peer = peer
    self.name = name
    self.estimate = estimate
  }
}

/// A workload's row in the results.
public struct Row: Sendable {
  public let workload: Workload
  /// The threads that its calls were made on at the same time.
  public let threads: Int
  public let outcome: Outcome
  /// What the workload expects: see ``Subject/expectation``.
  public let expectation: String
  /// In the order of the workload's peers; those that were not measured are missing.
  public let ratios: [Ratio]
  /// The instructions of one call; nil where they were not counted.
  public var instructions: UInt64?

  public init(
    workload: Workload,
    threads: Int = 1,
    outcome: Outcome,
    expectation: String = "",
    ratios: [Ratio] = [],
    instructions: UInt64? = nil
  ) {
    self.workload = workload
    self.threads = threads
    self.outcome = outcome
    self.expectation = expectation
    self.ratios = ratios
    self.instructions = instructions
  }

  /// Whether anything came of it: false where the run was interrupted before.
  public var isReached: Bool {
    if case .notReached = outcome { false } else { true }
  }

  /// The workload's name, and on several threads `/threads:N` after it.
  public var name: String {
    threads == 1 ? workload.name : "\(workload.name)/threads:\(threads)"
  }

  /// The ratio to the first peer of `kind`.
  public func ratio(to kind: PeerKind) -> Estimate? {
    ratios.first { $0.peer == kind }?.estimate
  }
}

/// A peer's row in the results.
public struct PeerRow: Sendable {
  public let kind: PeerKind
  public let name: String
  /// The large workload that it was measured beside; nil for the peers of all others.
  public let group: String?
  public let outcome: Outcome

  public init(kind: PeerKind, name: String, group: String?, outcome: Outcome) {
    self.kind = kind
    self.name = name
    self.group = group
    self.outcome = outcome
  }
}

/// What came of a run of a suite.
public struct Report: Sendable {
  /// A row for each workload, in the suite's order; after a workload its row on several threads, if any.
  public var rows: [Row]
  /// A row for each peer, once for each group that it was measured in.
  public let peers: [PeerRow]
  /// What makes the figures doubtful, and what to do about it: a sentence or two each.
  public var warnings: [String]
  /// Whether the run came to its end: false after an interruption.
  public var isComplete: Bool
  public let plan: MeasuringPlan
  /// The time that the run took, its set-up included.
  public let wallTime: Duration
  /// The finest step that the clock showed, in nanoseconds.
  public let clockGrain: UInt64

  public init(
    rows: [Row],
    peers: [PeerRow] = [],
    warnings: [String] = [],
    isComplete: Bool = true,
    plan: MeasuringPlan = MeasuringPlan(),
    wallTime: Duration = .zero,
    clockGrain: UInt64 = 0
  ) {
    self.rows = rows
    self.peers = peers
    self.warnings = warnings
    self.isComplete = isComplete
    self.plan = plan
    self.wallTime = wallTime
    self.clockGrain = clockGrain
  }

  /// Fixed the order of the samples.
  public var seed: UInt64 { plan.seed }

  /// Whether no result was wrong.
  public var isSuccess: Bool { failures.isEmpty }

  /// The workloads and peers whose result was wrong, and what was wrong with it.
  public var failures: [(name: String, reason: String)] {
    let outcomes = rows.map { ($0.name, $0.outcome) } + peers.map { ($0.name, $0.outcome) }
    return outcomes.compactMap { name, outcome in
      guard case .wrong(let reason) = outcome else { return nil }
      return (name, reason)
    }
  }
}
