import BenchmarkComparison
import BenchmarkKit
import RandomNumbers

/// A comparison of two builds that run at the same time and take turns.
public struct PairedRun {
  private let builds: [Build]
  private let copies: FreshCopies
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
    copies = FreshCopies(of: builds)
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
    var random = SplitMix64(seed: plan.seed)
    let names: [String]
    do {
      names = try commonNames(&comparison, &random)
    } catch let failure as TurnFailure where failure.kind == .interrupted {
      comparison.isComplete = false
      return comparison
    }
    let first = rounds(isReversed: false, until: start + plan.firstBudget(names.count))
    var firstSeries = first.take(names, &random)
    // The time that is kept for a second run goes to those that wait, where there is nothing to run again.
    if !firstSeries.contains(where: { $0.row(rule)?.verdict.isChange == true }) {
      firstSeries = rounds(isReversed: false, until: start + plan.budget).go(on: firstSeries, &random)
    }
    for series in firstSeries { note(series, &comparison) }

    let changed = comparison.rows.filter(\.verdict.isChange).map(\.name)
    copies.startOver()
    let second = rounds(
      isReversed: true,
      confidence: VerdictRule.confidenceOfSecondRun(rows: names.count),
      until: start + plan.budget
    )
    for series in second.take(changed, &random) {
      guard let index = comparison.rows.firstIndex(where: { $0.name == series.name }) else { continue }
      let ratio = series.ratios.count < second.fewest ? nil : series.ratio(confidence: second.confidence)
      let both = firstSeries.first { $0.name == series.name }.flatMap {
        Distribution($0.ratios + series.ratios)
      }
      comparison.rows[index].confirm(ratio, together: both?.estimate, rule)
      if case .failed(let failure) = series.end {
        comparison.rows[index].fail("in the second run: \(failure)")
      }
    }
    if let note = copies.note { comparison.notes.append(note) }
    noteUndecided(&comparison)
    comparison.isComplete = !isInterrupted()
    return comparison
  }

  private func rounds(
    isReversed: Bool,
    confidence: Double = Distribution.usualConfidence,
    until deadline: ContinuousClock.Instant
  ) -> Rounds {
    Rounds(
      copies: copies,
      plan: plan,
      isReversed: isReversed,
      rule: rule,
      confidence: confidence,
      deadline: deadline,
      progress: progress,
      isInterrupted: isInterrupted
    )
  }

  /// Names what the time was over for.
  private func noteUndecided(_ comparison: inout Comparison) {
    let open = comparison.rows.filter { $0.verdict == .unknown && $0.error == nil }
    guard let widest = open.max(by: { $0.width < $1.width }), !isInterrupted() else { return }
    comparison.notes.append(
      "\(open.count) of \(comparison.rows.count) were not decided when the time was over, least of all \(widest.name): "
        + "give them more --time."
    )
  }

  /// The names that both sides know and that are chosen, in the order of the second; what only one knows is noted.
  private func commonNames(_ comparison: inout Comparison, _ random: inout SplitMix64) throws -> [String] {
    let (pair, before, after) = try firstPair(&random)
    let configurations = [try pair.child(0).greeting.configuration, try pair.child(1).greeting.configuration]
    if configurations != ["release", "release"] {
      comparison.notes.append(
        "\(builds[0].label) is a \(configurations[0]) build, \(builds[1].label) a \(configurations[1]) build: only "
          + "release builds have the times of the code."
      )
    }
    if !pair.hasFixedAddresses {
      comparison.notes.append(
        "This system puts programs where chance has it and cannot be asked not to (personality), so ratios differ more "
          + "from round to round, and it takes more of them."
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

  /// A pair of children, and the workloads that each knows. Where they do not start from copies, from their files: a
  /// system may refuse the former, and a build may look for what lies beside it.
  private func firstPair(_ random: inout SplitMix64) throws(TurnFailure) -> (
    PairOfChildren, before: [ListedWorkload], after: [ListedWorkload]
  ) {
    func ask() throws(TurnFailure) -> (PairOfChildren, before: [ListedWorkload], after: [ListedWorkload]) {
      let builds = copies.next(using: &random)
      let pair = PairOfChildren(
        builds,
        plan,
        StackPlaces(for: builds, place: 0),
        isReversed: false,
        isInterrupted: isInterrupted
      )
      return (pair, try pair.child(0).list(), try pair.child(1).list())
    }
    do throws(TurnFailure) {
      return try ask()
    } catch {
      guard copies.areMade, error.kind == .failed else { throw error }
      copies.giveUp("The builds do not start from copies in memory")
      return try ask()
    }
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
}
