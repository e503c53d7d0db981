import BenchmarkComparison
import BenchmarkKit
import RandomNumbers

/// The rounds of a run: in each, a new pair of processes takes turns on every workload that is not decided yet.
///
/// So time goes where it is needed: most rows are the same after the fewest rounds, and what they leave is for those that
/// are near the threshold, or that the machine disturbs.
struct Rounds {
  let copies: FreshCopies
  let plan: TurnPlan
  /// Whether the sides are started, prepared and by default asked in the other order.
  let isReversed: Bool
  let rule: VerdictRule
  /// Of the intervals that decide a row.
  let confidence: Double
  /// When the last round is to be over, except that each workload gets ``fewest``.
  let deadline: ContinuousClock.Instant
  let progress: (Progress) -> Void
  let isInterrupted: () -> Bool

  /// Fewer have no interval of this confidence.
  var fewest: Int { max(plan.fewestRounds, Distribution.fewestValues(confidence: confidence)) }

  /// - Returns: what came of each workload, in their order.
  func take(_ names: [String], _ random: inout SplitMix64) -> [PairedSeries] {
    take(names.map(PairedSeries.init), from: 0, &random)
  }

  /// More rounds of workloads that have had the fewest, as far as they are not decided.
  func go(on all: [PairedSeries], _ random: inout SplitMix64) -> [PairedSeries] {
    take(all, from: fewest, &random)
  }

  private func take(_ series: [PairedSeries], from firstRound: Int, _ random: inout SplitMix64)
    -> [PairedSeries]
  {
    var all = series
    let begin = ContinuousClock.now
    let share = max(.zero, begin.duration(to: deadline)) / max(all.count, 1)
    var lastRound: Duration = .zero
    for round in firstRound..<firstRound + max(plan.mostRounds, fewest) where !isInterrupted() {
      let start = ContinuousClock.now
      var open = all.indices.filter { all[$0].end == nil }
      if round >= fewest {
        open.removeAll { isDecided(all[$0]) }
        if start + lastRound > deadline { break }
      }
      guard !open.isEmpty else { break }
      // One that costs much more than the others rests meanwhile, or there would be few rounds of any.
      let fair = open.reduce(Duration.zero) { $0 + all[$1].spent } / open.count * 2
      let isFair = open.filter { round < fewest || all[$0].spent <= fair }
      // Which side is started first may matter for where its pages lie: each is in turn.
      let builds = copies.next(using: &random)
      let pair = PairOfChildren(
        builds,
        plan,
        .drawn(for: builds, using: &random),
        isReversed: isReversed != !round.isMultiple(of: 2),
        isInterrupted: isInterrupted
      )
      for index in isFair.shuffled(using: &random) where !isInterrupted() {
        progress(
          Progress(
            step: step(all[index].name, round, open: open.count, of: all.count),
            timeLeft: timeLeft(round, since: begin)
          )
        )
        takeTurns(&all[index], pair, &random)
        // Those that cost much more than their share would have the time of all others.
        let cost = all[index].spent * fewest
        if round == 0, all.count > 1, cost > max(share * 8, .seconds(2)) { all[index].stop(.tooCostly) }
      }
      lastRound = start.duration(to: .now)
    }
    return all
  }

  /// Whether more rounds would hardly change what is said of a workload.
  ///
  /// Who looks after each round and stops at the first that says so is told of changes that chance made: a change has to
  /// stand in an interval of ``confidenceBeforeTime`` before the time is over. That of the run is for one look, at the end.
  func isDecided(_ series: PairedSeries) -> Bool {
    guard let ratio = series.ratio(confidence: confidence) else { return false }
    if rule.verdict(on: ratio) == .same { return true }
    guard series.ratios.count >= Distribution.fewestValues(confidence: Self.confidenceBeforeTime) else {
      return false
    }
    return series.ratio(confidence: Self.confidenceBeforeTime).map(rule.isDecided) ?? false
  }

  private static let confidenceBeforeTime = 0.999

  private func step(_ name: String, _ round: Int, open: Int, of all: Int) -> String {
    round < fewest ? "round \(round + 1), \(name)" : "\(open) of \(all) not decided: \(name)"
  }

  /// Until the fewest rounds are over, as long as those so far took; then until the time is over, at most.
  private func timeLeft(_ round: Int, since begin: ContinuousClock.Instant) -> Duration {
    let now = ContinuousClock.now
    guard round > 0, round < fewest else { return max(.zero, now.duration(to: deadline)) }
    let spent = begin.duration(to: now)
    return spent / round * (fewest - round)
  }

  private func takeTurns(_ series: inout PairedSeries, _ pair: PairOfChildren, _ random: inout SplitMix64) {
    var start = ContinuousClock.now
    do throws(TurnFailure) {
      // The start of the processes is no workload's.
      _ = try pair.child(0)
      start = .now
      series.append(try pair.run(series.name, using: &random))
    } catch {
      pair.restart(after: error)
      if error.kind != .interrupted { series.stop(.failed(error)) }
    }
    series.spent += start.duration(to: .now)
  }
}
