/// What was measured of a workload. Everything else is derived from these raw figures.
public struct Measurement: Sendable {
  /// The calls in each batch.
  public let callsPerBatch: Int
  /// The time that each batch took, in nanoseconds, in the order they were taken.
  public let batches: [UInt64]
  /// The allocations of one call, counted apart from the timing.
  public let allocations: Allocations

  public init(callsPerBatch: Int, batches: [UInt64], allocations: Allocations) {
    precondition(callsPerBatch > 0, "a batch has at least one call")
    self.callsPerBatch = callsPerBatch
    self.batches = batches
    self.allocations = allocations
  }

  /// The nanoseconds per call in each batch.
  public var samples: [Double] { batches.map { Double($0) / Double(callsPerBatch) } }

  /// The median of the nanoseconds per call; nil without samples.
  public var nanosecondsPerCall: Double? { median(samples) }

  /// The median absolute deviation over the median, 0.01 for 1 %; nil without samples, or where the median is 0.
  public var relativeSpread: Double? {
    let samples = samples
    guard let center = median(samples), center > 0, let spread = medianAbsoluteDeviation(samples) else {
      return nil
    }
    return spread / center
  }

  /// How often per second something happens of which one call does `amount`; nil without samples, or where the
  /// median is 0.
  public func perSecond(_ amount: Int) -> Double? {
    guard let time = nanosecondsPerCall, time > 0 else { return nil }
    return Double(amount) * 1e9 / time
  }
}

/// A workload's row in the results.
public struct Row: Sendable {
  /// What came of a workload. A wrong result has no time.
  public enum Outcome: Sendable {
    case measured(Measurement)
    /// What is wrong, in a sentence.
    case wrong(String)
  }

  public let workload: Workload
  public let outcome: Outcome

  public init(workload: Workload, outcome: Outcome) {
    self.workload = workload
    self.outcome = outcome
  }
}

/// What came of a run of a suite: a row for each workload, in the suite's order.
public struct Report: Sendable {
  public let rows: [Row]

  public init(rows: [Row]) { self.rows = rows }

  /// Whether no result was wrong.
  public var isSuccess: Bool { failures.isEmpty }

  /// The workloads whose result was wrong, and what was wrong with it.
  public var failures: [(workload: Workload, reason: String)] {
    rows.compactMap { row in
      guard case .wrong(let reason) = row.outcome else { return nil }
      return (row.workload, reason)
    }
  }
}
