/// What was measured of a workload or a peer. Everything else is derived from these raw figures.
public struct Measurement: Sendable {
  /// The calls in each batch, on each thread.
  public let callsPerBatch: Int
  /// The threads that made them at the same time.
  public let threads: Int
  /// The time that each batch took, in nanoseconds, by round: the first of each trial was taken in the first
  /// round, and so on. Where a run was interrupted, the last may be missing.
  public let batches: [UInt64]
  /// The allocations of one call, counted apart from the timing.
  public let allocations: Allocations
  /// The nanoseconds per call; nil without samples.
  public let times: Distribution?

  public init(callsPerBatch: Int, threads: Int = 1, batches: [UInt64], allocations: Allocations) {
    precondition(callsPerBatch > 0, "a batch has at least one call")
    precondition(threads > 0, "a batch is run by at least one thread")
    self.callsPerBatch = callsPerBatch
    self.threads = threads
    self.batches = batches
    self.allocations = allocations
    times = Distribution(batches.map { Double($0) / Double(callsPerBatch) })
  }

  /// The nanoseconds per call in each batch, by round.
  public var samples: [Double] { batches.map { Double($0) / Double(callsPerBatch) } }

  /// The median of the nanoseconds per call, and its 95 % confidence interval; nil without samples.
  public var nanosecondsPerCall: Estimate? { times?.estimate }

  /// The median absolute deviation over the median, 0.01 for 1 %; nil without samples, or where the median is 0.
  public var relativeSpread: Double? {
    guard let times, times.median > 0 else { return nil }
    return times.medianAbsoluteDeviation / times.median
  }

  /// How often per second something happens of which one call does `amount`, on all threads together; nil without
  /// samples, or where the median is 0.
  public func perSecond(_ amount: Int) -> Double? {
    guard let times, times.median > 0 else { return nil }
    return Double(amount) * Double(threads) * 1e9 / times.median
  }

  /// The time of a call over the time of a call of `other`, by round: the median of the quotients of samples of
  /// the same round, and its 95 % confidence interval. Lower is faster.
  ///
  /// - Returns: nil where they have no round in common.
  public func ratio(to other: Measurement) -> Estimate? {
    Distribution(zip(samples, other.samples).compactMap { $1 > 0 ? $0 / $1 : nil })?.estimate
  }
}
