import BenchmarkComparison
import BenchmarkKit
import RandomNumbers
import Testing

@Suite("verdicts on ratios") struct VerdictTests {
  let rule = VerdictRule()

  @Test(
    "ratios and intervals around 1 and the threshold of 3 %",
    arguments: [
      (1.05, 1.04, 1.06, Verdict.slower),
      // Above the threshold, but the interval has 1 in it.
      (1.05, 0.99, 1.10, .unknown),
      // The interval excludes 1, but the effect is too small: the same where it must be small, else unknown.
      (1.02, 1.01, 1.025, .same),
      (1.02, 1.01, 1.04, .unknown),
      (0.95, 0.94, 0.96, .faster),
      (0.95, 0.94, 1.01, .unknown),
      (0.98, 0.975, 0.99, .same),
      (1.0, 1.0, 1.0, .same),
      (1.03, 1.03, 1.03, .same),
      (1.0, 0.9, 1.1, .unknown),
    ]
  )
  func one(value: Double, low: Double, high: Double, expected: Verdict) {
    #expect(rule.verdict(on: Estimate(value: value, low: low, high: high)) == expected)
  }

  @Test("slower and faster are each other's mirror. Expect it of 10,000 random intervals")
  func mirror() {
    var random = SplitMix64(seed: 1)
    for _ in 0..<10_000 {
      let sorted = (0..<3).map { _ in Double.random(in: 0.9...1.1, using: &random) }.sorted()
      let ratio = Estimate(value: sorted[1], low: sorted[0], high: sorted[2])
      let inverse = Estimate(value: 1 / sorted[1], low: 1 / sorted[2], high: 1 / sorted[0])
      let mirrored: [Verdict: Verdict] = [
        .slower: .faster, .faster: .slower, .same: .same, .unknown: .unknown,
      ]
      #expect(rule.verdict(on: inverse) == mirrored[rule.verdict(on: ratio)])
    }
  }

  @Test("a slowdown that a second run does not show, or shows the other way. Expect that it does not count")
  func unconfirmed() {
    let slow = Estimate(value: 1.05, low: 1.04, high: 1.06)
    let none = Estimate(value: 1.01, low: 1.00, high: 1.02)
    let fast = Estimate(value: 0.95, low: 0.94, high: 0.96)
    var row = ComparedRow("a", ratio: slow, rule: rule, samples: 20, before: Side(), after: Side())
    #expect(row.verdict == .slower && row.isRegression)
    for second in [none, fast, nil] {
      row.confirm(second, rule)
      #expect(row.verdict == .unknown && !row.isRegression)
    }
    row.confirm(slow, rule)
    #expect(row.verdict == .slower && row.isRegression)
  }

  @Test(
    "a change that neither run shows twice, and both together show to be none. Expect the same, not unknown"
  )
  func together() {
    let slow = Estimate(value: 1.035, low: 1.002, high: 1.06)
    let none = Estimate(value: 1.0, low: 0.99, high: 1.02)
    var row = ComparedRow("a", ratio: slow, rule: rule, samples: 20, before: Side(), after: Side())
    row.confirm(none, together: none, rule)
    #expect(row.verdict == .same)
    row.confirm(none, together: slow, rule)
    #expect(row.verdict == .unknown)
    // Whatever both say together, one run alone convicts nobody.
    row.confirm(nil, together: slow, rule)
    #expect(row.verdict == .unknown)
  }

  @Test(
    "intervals within, across and beyond the threshold. Expect more samples to be wanted where they cross it",
    arguments: [
      (1.0, 0.98, 1.02, true), (1.05, 1.04, 1.06, true), (0.9, 0.89, 0.96, true), (1.05, 1.02, 1.08, false),
      (1.02, 1.0, 1.04, false), (1.0, 0.9, 1.1, false),
    ]
  )
  func decided(value: Double, low: Double, high: Double, expected: Bool) {
    #expect(rule.isDecided(Estimate(value: value, low: low, high: high)) == expected)
  }

  @Test(
    "any number of rows. Expect at most one comparison of a hundred equal builds to be called other by chance"
  )
  func confidence() {
    for rows in 1...1000 {
      let byChance = (1 - VerdictRule.confidenceOfSecondRun(rows: rows)) / 2
      #expect(Double(rows) * 2 * 0.025 * byChance <= 0.01 + 1e-9)
      #expect(byChance <= 0.025 + 1e-9)
    }
    #expect(VerdictRule.confidenceOfSecondRun(rows: 1) == 0.95)
  }

  @Test("fewer samples than an interval takes. Expect no verdict")
  func tooFew() {
    let slow = Estimate(value: 2, low: 2, high: 2)
    for samples in 0...6 {
      let row = ComparedRow("a", ratio: slow, rule: rule, samples: samples, before: Side(), after: Side())
      #expect(row.verdict == (samples < 6 ? .unknown : .slower))
    }
  }

  @Test("one allocation or one byte more. Expect a regression whatever the time; fewer are none")
  func allocations() {
    func row(_ before: Side, _ after: Side) -> ComparedRow {
      ComparedRow("a", ratio: nil, rule: rule, samples: 0, before: before, after: after)
    }
    let one = Side(allocations: 1, allocatedBytes: 64)
    #expect(row(Side(allocations: 0, allocatedBytes: 0), one).isRegression)
    #expect(row(one, Side(allocations: 1, allocatedBytes: 65)).isRegression)
    #expect(!row(one, Side(allocations: 0, allocatedBytes: 0)).isRegression)
    #expect(!row(one, one).isRegression)
    #expect(!row(Side(), one).isRegression)
    #expect(row(one, Side(allocations: 2, allocatedBytes: 64)).figureChanges.map(\.difference) == ["+1"])
  }
}

@Suite("quotients of independent medians") struct QuotientTests {
  @Test(
    "samples of three distributions, 4,000 times. Expect the true quotient in 93 to 98.5 % of the intervals"
  )
  func coverage() {
    var random = SplitMix64(seed: 7)
    let draws: [(String, (inout SplitMix64) -> Double)] = [
      ("even", { Double.random(in: 1...2, using: &$0) }),
      ("long-tailed", { 1 + 1 / Double.random(in: 0.05...1, using: &$0) }),
      (
        "nearly normal",
        { random in 20 + (0..<12).reduce(0) { sum, _ in sum + Double.random(in: -1...1, using: &random) } }
      ),
    ]
    for (name, draw) in draws {
      var covered = 0
      for _ in 0..<4000 {
        let before = Distribution((0..<25).map { _ in draw(&random) })!.estimate
        let after = Distribution((0..<40).map { _ in 3 * draw(&random) })!.estimate
        let ratio = Estimate(after, over: before)!
        if ratio.low <= 3, 3 <= ratio.high { covered += 1 }
      }
      #expect(0.93...0.985 ~= Double(covered) / 4000, "\(name): \(covered)")
    }
  }

  @Test("bounds that are not positive. Expect none")
  func notPositive() {
    let zero = Estimate(value: 1, low: 0, high: 2)
    let one = Estimate(value: 1, low: 1, high: 1)
    #expect(Estimate(zero, over: one) == nil)
    #expect(Estimate(one, over: zero) == nil)
    #expect(Estimate(one, over: one) == one)
  }
}
