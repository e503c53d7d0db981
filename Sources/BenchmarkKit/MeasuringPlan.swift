/// How much is measured.
public struct MeasuringPlan: Sendable {
  /// The time for all workloads together, their set-up included. A round that has begun is finished, and
  /// ``minimumRounds`` are taken whatever they cost.
  public var budget: Duration = .seconds(55)
  /// The least time of a batch. Where the clock is too coarse for it, batches are longer: see
  /// ``grainsPerBatch``.
  ///
  /// Far below the few milliseconds after which the scheduler takes a busy processor away: most batches then run through.
  /// Beside a busy loop, batches of 1 ms gave ratios that differed by 8 % from run to run, these by 0.4 %.
  public var batch: Duration = .microseconds(100)
  /// A round takes up to this many samples of what is short: about a millisecond of each workload.
  public var samplesPerRound = 8
  /// The rounds are at least this many: fewer samples have no 95 % confidence interval,
  public var minimumRounds = 6
  /// and at most this many.
  public var maximumRounds = 3000
  /// Workloads that may run on several threads are also measured on this many, if it is more than one.
  public var threads = 1
  /// Fixes the order in which the workloads of each round are measured.
  public var seed: UInt64 = 1

  public init() {}

  /// A batch takes at least this many grains of the clock, so that the clock's error is below 0.1 %.
  public static let grainsPerBatch: UInt64 = 1000
}
