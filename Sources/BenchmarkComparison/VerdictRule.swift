import BenchmarkKit

/// What is said of a workload that was measured twice, before a change and after it.
public enum Verdict: String, CaseIterable, Hashable, Sendable {
  case slower
  case faster
  case same
  case unknown

  /// Whether it says that the time has changed.
  public var isChange: Bool { self == .slower || self == .faster }
}

/// When a change of time counts.
///
/// An interval alone is no reason: code that did not change moves by where the linker put it, with a standard deviation of
/// 0.5 to 3 % in four of five workloads and 7 % in one, between links of one build; and enough samples make any such
/// difference significant. A threshold alone is none either: a noisy ratio crosses it by chance.
public struct VerdictRule: Hashable, Sendable {
  /// A ratio must be further from 1 than this share.
  public var threshold: Double

  public static let defaultThreshold = 0.03

  /// - Precondition: the threshold is finite and not negative.
  public init(threshold: Double = Self.defaultThreshold) {
    precondition(threshold >= 0 && threshold.isFinite, "a threshold is a share, 0 or more")
    self.threshold = threshold
  }

  private var limit: Double { 1 + threshold }

  /// The verdict on a ratio of times, after over before, with its 95 % interval.
  public func verdict(on ratio: Estimate) -> Verdict {
    if ratio.low > 1, ratio.value > limit { return .slower }
    if ratio.high < 1, ratio.value < 1 / limit { return .faster }
    if ratio.low >= 1 / limit, ratio.high <= limit { return .same }
    return .unknown
  }

  /// The verdict on two ratios that must agree: a first run and a second one, or times and ratios to a peer.
  public func verdict(on first: Estimate, and second: Estimate) -> Verdict {
    let verdict = verdict(on: first)
    return verdict == self.verdict(on: second) ? verdict : .unknown
  }

  /// Whether more samples would hardly change the verdict: the interval lies within the threshold, or beyond it.
  public func isDecided(_ ratio: Estimate) -> Bool {
    verdict(on: ratio) == .same || ratio.low > limit || ratio.high < 1 / limit
  }

  /// What the interval of a second run has to have, so that in at most one of a hundred comparisons of equal builds any
  /// row is called slower or faster, whatever their number.
  ///
  /// The first run calls a row changed by chance in at most 2.5 % of cases each way, for its interval has 95 %. The
  /// second, which is independent, has to say the same.
  public static func confidenceOfSecondRun(rows: Int) -> Double {
    let each = falseAlarms / 2 / Double(max(rows, 1)) / firstByChance
    return 1 - 2 * min(firstByChance, each)
  }

  private static let falseAlarms = 0.01
  private static let firstByChance = 0.025

  /// The rule, as it stands below a table.
  ///
  /// - Parameters:
  ///   - what: what is compared.
  ///   - second: what has to agree with it, as a clause.
  public func sentence(_ what: String, second: String) -> String {
    let percent = Figures.percent(threshold)
    return
      "slower: \(what) is above 1 by more than \(percent) and its interval "
      + "lies above 1, \(second); faster: likewise below 1; same: the interval lies within \(percent) of 1; unknown: "
      + "anything else."
  }
}
