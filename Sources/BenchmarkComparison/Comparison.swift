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
  /// What is compared: the time after over the time before, pair by pair; of two records the ratio to a peer after over
  /// that before. Nil where there is none.
  public let ratio: Estimate?
  /// The same from a second run; of two records the time over the machine's pace. Both must agree.
  public private(set) var second: Estimate?
  public private(set) var verdict: Verdict
  /// Pairs of batches, or the fewer samples of the two sides.
  public let samples: Int
  public let before: Side
  public let after: Side
  /// Why the row has no verdict: a crash, a hang, a wrong result.
  public private(set) var error: String?

  /// A row whose verdict rests on `ratio` and `second`, or on the one that there is. With fewer samples than
  /// `fewestSamples` it has none.
  public init(
    _ name: String,
    ratio: Estimate?,
    second: Estimate? = nil,
    rule: VerdictRule,
    samples: Int,
    fewestSamples: Int = Self.fewestSamples,
    before: Side,
    after: Side
  ) {
    self.name = name
    self.ratio = ratio
    self.second = second
    self.samples = samples
    self.before = before
    self.after = after
    verdict =
      switch (ratio, second) {
      case _ where samples < fewestSamples: .unknown
      case (let ratio?, let second?): rule.verdict(on: ratio, and: second)
      case (let one?, nil), (nil, let one?): rule.verdict(on: one)
      case (nil, nil): .unknown
      }
  }

  /// Fewer have no 95 % interval.
  public static let fewestSamples = 6

  public init(_ name: String, error: String) {
    self.name = name
    self.error = error
    ratio = nil
    verdict = .unknown
    samples = 0
    before = Side()
    after = Side()
  }

  /// Takes the second run's ratio into account.
  ///
  /// - Parameters:
  ///   - second: nil where there was none, which leaves the change unconfirmed.
  ///   - together: that of both runs, which says whether a change that was not confirmed is none.
  public mutating func confirm(_ second: Estimate?, together: Estimate? = nil, _ rule: VerdictRule) {
    self.second = second
    verdict = ratio.flatMap { first in second.map { rule.verdict(on: first, and: $0) } } ?? .unknown
    if verdict == .unknown, second != nil, together.map(rule.verdict) == .same { verdict = .same }
  }

  /// The row where both sides are one measurement: nothing can have changed.
  var ofOneMeasurement: ComparedRow {
    var row = self
    row.verdict = .same
    return row
  }

  /// How much the ratio's bounds differ; 0 without one.
  public var width: Double { ratio.map { $0.high / max($0.low, .leastNormalMagnitude) } ?? 0 }

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
  /// Whether both sides are the same program to the byte, so that nothing was measured.
  public var isSameProgram = false
  /// What is to be said before all rows.
  public var foreword: String?
  /// Whether rows of which nothing can be said are listed, too.
  public var listsUndecided = true
  /// Whether rows that are the same are.
  public var listsSame = true
  /// The heads of the columns of the ratios, and what these are in the rule's sentence.
  public var ratioHead = "ratio"
  public var secondHead = "again"
  public var what = "the ratio of times, after over before,"
  public var second = "and so does the ratio of a second run, in new processes with the sides reversed"

  public init(rule: VerdictRule, before: String, after: String) {
    self.rule = rule
    self.before = before
    self.after = after
  }

  /// The rows of a table.
  public var listedRows: [ComparedRow] {
    sortedRows.filter { row in
      switch row.verdict {
      case _ where row.error != nil || row.isRegression: true
      case .unknown: listsUndecided
      case .same: listsSame
      case .slower, .faster: true
      }
    }
  }

  /// The rows, errors first, then by the size of the effect, whichever way.
  public var sortedRows: [ComparedRow] {
    func effect(_ row: ComparedRow) -> Double {
      guard let ratio = (row.ratio ?? row.second)?.value, ratio > 0 else {
        return row.error == nil ? -1 : .infinity
      }
      return max(ratio, 1 / ratio)
    }
    return rows.sorted { (effect($0), $1.name) > (effect($1), $0.name) }
  }

  /// When a row is called what, as it stands below a table.
  public var ruleSentence: String { rule.sentence(what, second: second) }

  public var regressions: [ComparedRow] { rows.filter(\.isRegression) }
  public var errors: [ComparedRow] { rows.filter { $0.error != nil } }

  /// Whether nothing got worse and nothing failed.
  public var isGood: Bool { regressions.isEmpty && errors.isEmpty }

  /// Whether there is nothing to say of any workload.
  public var isEmpty: Bool {
    !isSameProgram && rows.isEmpty && different.isEmpty && onlyBefore.isEmpty && onlyAfter.isEmpty
  }
}
