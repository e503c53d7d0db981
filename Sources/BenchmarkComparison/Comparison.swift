import BenchmarkKit

/// What one side of a comparison knows of a workload.
public struct Side: Hashable, Sendable {
  /// Nanoseconds per call.
  public var time: Estimate?
  /// Of one call; nil where they were not counted, or are not the same each time.
  public var allocations: Int?
  public var allocatedBytes: Int?
  public var instructions: UInt64?

  public init(
    time: Estimate? = nil,
    allocations: Int? = nil,
    allocatedBytes: Int? = nil,
    instructions: UInt64? = nil
  ) {
    self.time = time
    self.allocations = allocations
    self.allocatedBytes = allocatedBytes
    self.instructions = instructions
  }
}

/// A workload on both sides.
public struct ComparedRow: Hashable, Sendable {
  public let name: String
  /// The time after over the time before; nil where times could not be compared.
  public let ratio: Estimate?
  /// The same from a second run, or from the ratios to a peer, which must agree.
  public private(set) var second: Estimate?
  public private(set) var verdict: Verdict
  /// Pairs of batches, or the fewer samples of the two sides.
  public let samples: Int
  public let before: Side
  public let after: Side
  /// Why the row has no verdict: a crash, a hang, a wrong result.
  public private(set) var error: String?

  /// A row whose verdict rests on `ratio`, and on `second` where there is one.
  public init(
    _ name: String,
    ratio: Estimate?,
    second: Estimate? = nil,
    rule: VerdictRule,
    samples: Int,
    before: Side,
    after: Side
  ) {
    self.name = name
    self.ratio = ratio
    self.second = second
    self.samples = samples
    self.before = before
    self.after = after
    // Fewer have no 95 % interval.
    if let ratio, samples >= Self.fewestSamples {
      verdict = second.map { rule.verdict(on: ratio, and: $0) } ?? rule.verdict(on: ratio)
    } else {
      verdict = .unknown
    }
  }

  private static let fewestSamples = 6

  public init(_ name: String, error: String) {
    self.name = name
    self.error = error
    ratio = nil
    verdict = .unknown
    samples = 0
    before = Side()
    after = Side()
  }

  /// Takes the second run's ratio into account; nil where there was none, which leaves the change unconfirmed.
  public mutating func confirm(_ second: Estimate?, _ rule: VerdictRule) {
    self.second = second
    verdict = ratio.flatMap { first in second.map { rule.verdict(on: first, and: $0) } } ?? .unknown
  }

  public mutating func fail(_ error: String) {
    self.error = error
    verdict = .unknown
  }

  /// Whether the change is for the worse: a slower call, or one that allocates more. Allocations are exact, so one is
  /// enough.
  public var isRegression: Bool { verdict == .slower || allocatesMore }

  public var allocatesMore: Bool {
    func grew(_ figure: KeyPath<Side, Int?>) -> Bool {
      guard let old = before[keyPath: figure], let new = after[keyPath: figure] else { return false }
      return new > old
    }
    return grew(\.allocations) || grew(\.allocatedBytes)
  }
}

/// Two runs or two builds, side by side.
public struct Comparison: Sendable {
  public let rule: VerdictRule
  /// What the sides are called.
  public let before: String
  public let after: String
  public var rows: [ComparedRow] = []
  /// Workloads that one side alone has.
  public var onlyBefore: [String] = []
  public var onlyAfter: [String] = []
  /// Workloads that both have, and that do not do the same.
  public var different: [(name: String, why: String)] = []
  /// What else is to be said: other machines, other compilers.
  public var notes: [String] = []
  /// False after an interruption.
  public var isComplete = true
  /// The head of the second ratio's column, and what it is in the rule's sentence.
  public var secondHead = "again"
  public var second = "and so does the ratio of a second run, in new processes with the sides reversed"

  public init(rule: VerdictRule, before: String, after: String) {
    self.rule = rule
    self.before = before
    self.after = after
  }

  /// The rows, errors first, then by the size of the effect, whichever way.
  public var sortedRows: [ComparedRow] {
    func effect(_ row: ComparedRow) -> Double {
      guard let ratio = row.ratio?.value, ratio > 0 else { return row.error == nil ? -1 : .infinity }
      return max(ratio, 1 / ratio)
    }
    return rows.sorted { (effect($0), $1.name) > (effect($1), $0.name) }
  }

  public var regressions: [ComparedRow] { rows.filter(\.isRegression) }
  public var errors: [ComparedRow] { rows.filter { $0.error != nil } }

  /// Whether nothing got worse and nothing failed.
  public var isGood: Bool { regressions.isEmpty && errors.isEmpty }

  /// Whether there is nothing to say of any workload.
  public var isEmpty: Bool {
    rows.isEmpty && different.isEmpty && onlyBefore.isEmpty && onlyAfter.isEmpty
  }
}
