import BenchmarkComparison
import BenchmarkKit
import RandomNumbers

/// A comparison of two builds that run at the same time and take turns.
public struct PairedRun {
  private let builds: [Build]
  private let plan: TurnPlan
  private let rule: VerdictRule
  private let chosen: ([String]) throws -> Set<String>
  private let progress: (Progress) -> Void
  private let isInterrupted: () -> Bool

  /// - Parameters:
  ///   - chosen: those of the workloads' names that are to be compared. What it throws ends the comparison.
  ///   - progress: told of every step, off the clock.
  ///   - isInterrupted: asked between turns. Once it is true, the comparison ends with what it has.
  public init(
    before: Build,
    after: Build,
    plan: TurnPlan,
    rule: VerdictRule,
    chosen: @escaping ([String]) throws -> Set<String>,
    progress: @escaping (Progress) -> Void = { _ in },
    isInterrupted: @escaping () -> Bool = { false }
  ) {
    builds = [before, after]
    self.plan = plan
    self.rule = rule
    self.chosen = chosen
    self.progress = progress
    self.isInterrupted = isInterrupted
  }

  /// Compares the builds, then once more, with the sides reversed, what seems to have changed.
  ///
  /// - Throws: `TurnFailure` where a build cannot be asked at all; what `chosen` throws.
  public func run() throws -> Comparison {
    let start = ContinuousClock.now
    var comparison = Comparison(rule: rule, before: builds[0].label, after: builds[1].label)
    let names = try commonNames(&comparison)
    var random = SplitMix64(seed: plan.seed)
    let first = takeRounds(names, isReversed: false, until: start + plan.firstBudget(names.count), &random)
    for series in first { note(series, &comparison) }

    let changed = comparison.rows.filter(\.verdict.isChange).map(\.name)
    for series in takeRounds(changed, isReversed: true, until: start + plan.budget, &random) {
      guard let index = comparison.rows.firstIndex(where: { $0.name == series.name }) else { continue }
      let second = series.ratios.count < plan.fewestRounds ? nil : series.ratio
      comparison.rows[index].confirm(second, rule)
      if case .failed(let failure) = series.end {
        comparison.rows[index].fail("in the second run: \(failure)")
      }
    }
    comparison.isComplete = !isInterrupted()
    return comparison
  }

  /// The names that both sides know and that are chosen, in the order of the second; what only one knows is noted.
  private func commonNames(_ comparison: inout Comparison) throws -> [String] {
    let pair = PairOfChildren(builds, plan, isReversed: false)
    let (before, after) = (try pair.child(0).list(), try pair.child(1).list())
    let configurations = [try pair.child(0).greeting.configuration, try pair.child(1).greeting.configuration]
    if configurations != ["release", "release"] {
      comparison.notes.append(
        "\(builds[0].label) is a \(configurations[0]) build, \(builds[1].label) a \(configurations[1]) build: only "
          + "release builds have the times of the code."
      )
    }
    let (old, new) = (Set(before.map(\.name)), Set(after.map(\.name)))
    let chosen = try chosen(after.map(\.name) + before.map(\.name).filter { !new.contains($0) })
    comparison.onlyBefore = before.map(\.name).filter { chosen.contains($0) && !new.contains($0) }
    comparison.onlyAfter = after.map(\.name).filter { chosen.contains($0) && !old.contains($0) }
    let shared = after.filter { chosen.contains($0.name) && old.contains($0.name) }
    // The largest take seconds to set up, twice a round, and gigabytes.
    let small = shared.filter { !$0.isLarge }
    return (small.isEmpty ? shared : small).map(\.name)
  }

  /// Puts what came of a workload where it belongs.
  private func note(_ series: PairedSeries, _ comparison: inout Comparison) {
    switch series.end {
    case .different(let before, let after):
      comparison.different.append((series.name, "before: \(before); after: \(after)"))
    case .tooCostly:
      comparison.notes.append(
        "\(series.name) is left out, because its set-up takes too long beside the others'; --filter by itself compares it."
      )
    case .failed, nil:
      if let row = series.row(rule) { comparison.rows.append(row) }
    }
  }

  /// Takes rounds until the time is over: in each, a new pair of processes takes turns on every workload.
  private func takeRounds(
    _ names: [String],
    isReversed: Bool,
    until deadline: ContinuousClock.Instant,
    _ random: inout SplitMix64
  ) -> [PairedSeries] {
    var all = names.map(PairedSeries.init)
    let share = max(.zero, ContinuousClock.now.duration(to: deadline)) / max(names.count, 1)
    var lastRound: Duration = .zero
    for round in 0..<plan.mostRounds where !names.isEmpty && !isInterrupted() {
      let start = ContinuousClock.now
      if round >= plan.fewestRounds, start + lastRound > deadline { break }
      // Which side is started first may matter for where its pages lie: each is in turn.
      let pair = PairOfChildren(builds, plan, isReversed: isReversed != !round.isMultiple(of: 2))
      for index in all.indices.shuffled(using: &random) where all[index].end == nil && !isInterrupted() {
        if round >= plan.fewestRounds, all[index].spent > share * 2 { continue }
        let left = max(.zero, ContinuousClock.now.duration(to: deadline))
        progress(Progress(step: "round \(round + 1), \(all[index].name)", timeLeft: left))
        takeTurns(&all[index], pair, &random)
        // Those that cost much more than their share would have the time of all others.
        let cost = all[index].spent * plan.fewestRounds
        if round == 0, names.count > 1, cost > max(share * 8, .seconds(2)) { all[index].stop(.tooCostly) }
      }
      lastRound = start.duration(to: .now)
    }
    return all
  }

  private func takeTurns(_ series: inout PairedSeries, _ pair: PairOfChildren, _ random: inout SplitMix64) {
    var start = ContinuousClock.now
    do throws(TurnFailure) {
      // The start of the processes is no workload's.
      _ = try pair.child(0)
      start = .now
      series.append(try pair.run(series.name, using: &random, isInterrupted: isInterrupted))
    } catch {
      pair.restart(after: error)
      series.stop(.failed(error))
    }
    series.spent += start.duration(to: .now)
  }
}
