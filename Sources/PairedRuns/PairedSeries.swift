import BenchmarkComparison
import BenchmarkKit

/// What came of a workload's turns, round by round.
struct PairedSeries {
  let name: String
  /// The median ratio of each round.
  private(set) var ratios: [Double] = []
  private var timesBefore: [Double] = []
  private var timesAfter: [Double] = []
  private var sides: (before: PreparedWorkload, after: PreparedWorkload)?
  /// The time that it took so far, its set-up included.
  var spent: Duration = .zero
  /// Why there will be no more rounds of it.
  private(set) var end: End?

  enum End {
    case failed(TurnFailure)
    case different(before: String, after: String)
    /// Its set-up takes too long beside the others'.
    case tooCostly
  }

  init(_ name: String) { self.name = name }

  mutating func append(_ turns: PairedTurns) {
    sides = (turns.before, turns.after)
    guard turns.isSameWork else {
      end = .different(before: turns.before.work, after: turns.after.work)
      return
    }
    guard let ratio = turns.ratio else { return }
    ratios.append(ratio)
    timesBefore.append(Distribution(turns.timesBefore)!.median)
    timesAfter.append(Distribution(turns.timesAfter)!.median)
  }

  mutating func stop(_ reason: End) { if end == nil { end = reason } }

  /// The median over the rounds, and its interval; nil without rounds.
  func ratio(confidence: Double = Distribution.usualConfidence) -> Estimate? {
    Distribution(ratios)?.estimate(confidence: confidence)
  }

  /// The row of a table; nil where there is nothing to put in it.
  func row(_ rule: VerdictRule) -> ComparedRow? {
    if case .failed(let failure) = end { return ComparedRow(name, error: failure.description) }
    guard let sides, let ratio = ratio() else { return nil }
    return ComparedRow(
      name,
      ratio: ratio,
      rule: rule,
      samples: ratios.count,
      before: Side(sides.before, timesBefore),
      after: Side(sides.after, timesAfter)
    )
  }
}

extension Side {
  fileprivate init(_ prepared: PreparedWorkload, _ times: [Double]) {
    self.init(
      time: Distribution(times)?.estimate,
      allocations: prepared.allocations,
      allocatedBytes: prepared.allocatedBytes
    )
  }
}
