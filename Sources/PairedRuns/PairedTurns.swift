import BenchmarkKit
import RandomNumbers

/// What came of one workload's turns in a round.
struct PairedTurns {
  var before: PreparedWorkload
  var after: PreparedWorkload
  /// Nanoseconds per call, pair by pair.
  var timesBefore: [Double] = []
  var timesAfter: [Double] = []

  /// The median of the times of `after` over those of `before`, pair by pair: what slows the machine down for longer
  /// than a pair takes has slowed both.
  var ratio: Double? {
    Distribution(zip(timesAfter, timesBefore).compactMap { $1 > 0 ? $0 / $1 : nil })?.median
  }

  /// Whether both sides expect the same of the same input.
  var isSameWork: Bool { before.work == after.work }
}

/// Two children that take turns on one workload after the other.
final class PairOfChildren {
  private let builds: [Build]
  private let plan: TurnPlan
  private let places: StackPlaces
  /// Whether both lie at the addresses at which they lay before, but for their stacks.
  private(set) var hasFixedAddresses = false
  /// Which of the builds is started first.
  private let order: [Int]
  private var children: [TurnChild?] = [nil, nil]
  private var hangs = 0
  private let isInterrupted: () -> Bool

  /// - Parameters:
  ///   - builds: before, after.
  ///   - places: where their stacks begin.
  ///   - isReversed: whether the second is started, prepared and by default asked first.
  ///   - isInterrupted: asked between turns, and while a side is waited for.
  init(
    _ builds: [Build],
    _ plan: TurnPlan,
    _ places: StackPlaces,
    isReversed: Bool,
    isInterrupted: @escaping () -> Bool
  ) {
    self.isInterrupted = isInterrupted
    self.builds = builds
    self.plan = plan
    self.places = places
    order = isReversed ? [1, 0] : [0, 1]
  }

  /// The child of a build. Where there is none, or the last ones were ended, both are started: at the same time, for
  /// starting takes as long as many turns.
  func child(_ side: Int) throws(TurnFailure) -> TurnChild {
    if let child = children[side] { return child }
    var started: [TurnChild?] = [nil, nil]
    hasFixedAddresses = try StackPlaces.withFixedAddresses { () throws(TurnFailure) in
      for side in order {
        started[side] = try TurnChild(
          builds[side],
          limit: patience,
          variable: places.variable(of: side),
          isInterrupted: isInterrupted
        )
      }
    }
    for side in order {
      try started[side]!.greet(side == 1 ? plan.otherProcessor ?? plan.processor : plan.processor)
    }
    children = started
    return started[side]!
  }

  /// Ends both: the next workload has new ones.
  func restart(after failure: TurnFailure) {
    if failure.kind == .hung { hangs += 1 }
    children = [nil, nil]
  }

  /// How long a child may take to answer. Where several workloads hang, most do, and the comparison is to end.
  private var patience: Duration { hangs < Self.fewHangs ? plan.answerLimit : plan.answerLimit / 10 }
  private static let fewHangs = 3

  /// Takes turns on a workload: pairs of batches of equally many calls, the order in each pair by the toss of a coin.
  ///
  /// - Returns: without times where the builds do not expect the same.
  /// - Throws: `TurnFailure` where a side is wrong, crashes or hangs, or nobody waits any longer. Then both are to be restarted.
  func run(_ workload: String, using random: inout SplitMix64) throws(TurnFailure) -> PairedTurns {
    let sides = [try child(0), try child(1)]
    // Whoever asks runs there too: on another processor it would leave this one idle between turns, and wake it up.
    let places = Processors.allowed
    if let processor = plan.processor { Processors.pin(0, to: [processor]) }
    defer { if plan.processor != nil { Processors.pin(0, to: places) } }
    var prepared: [PreparedWorkload?] = [nil, nil]
    for side in order { prepared[side] = try sides[side].prepare(workload) }
    var turns = PairedTurns(before: prepared[0]!, after: prepared[1]!)
    guard turns.isSameWork else { return turns }

    let calls = max(turns.before.calls, turns.after.calls)
    let request = "run \(calls)"
    for side in order { _ = try sides[side].time(request) }
    let end = ContinuousClock.now + plan.slice
    while turns.timesAfter.count < plan.fewestPairs || ContinuousClock.now < end {
      if isInterrupted() { break }
      let first = Bool.random(using: &random) ? order[0] : order[1]
      var times = [0.0, 0.0]
      times[first] = Double(try sides[first].time(request)) / Double(calls)
      times[1 - first] = Double(try sides[1 - first].time(request)) / Double(calls)
      turns.timesBefore.append(times[0])
      turns.timesAfter.append(times[1])
    }
    for side in order { try sides[side].check() }
    return turns
  }
}
