import BenchmarkKit
import Glibc
import RandomNumbers
import Testing

@Suite("the confidence interval of the median") struct IntervalTests {
  /// The rank of the lower bound among 1, 2, ... n; the expected ones were counted with scipy 1.17: how many k have
  /// binom.cdf(k, n, 0.5) <= 0.025.
  @Test(
    "ranks as the binomial distribution has them",
    arguments: [
      (6, 1), (8, 1), (9, 2), (10, 2), (15, 4), (16, 4), (17, 5), (20, 6), (25, 8), (30, 10), (50, 18),
      (100, 40),
      (300, 133), (1000, 469), (2000, 956),
    ]
  )
  func ranks(count: Int, rank: Int) throws {
    let interval = try #require(Distribution((1...count).map(Double.init))).medianInterval
    #expect(interval.low == Double(rank))
    #expect(interval.high == Double(count + 1 - rank))
  }

  @Test("one to five values, which are too few. Expect the least and the largest")
  func few() throws {
    for count in 1...5 {
      let interval = try #require(Distribution((1...count).map(Double.init))).medianInterval
      #expect(interval.low == 1)
      #expect(interval.high == Double(count))
    }
  }

  @Test("equal values. Expect an interval without width")
  func equal() throws {
    let estimate = try #require(Distribution([Double](repeating: 7, count: 100))).estimate
    #expect(estimate == Estimate(value: 7, low: 7, high: 7))
    #expect(estimate.relativeUncertainty == 0)
  }

  /// Distributions of which the median is known.
  enum Source: CaseIterable {
    case uniform, exponential, spiked

    var median: Double {
      switch self {
      case .uniform: 0.5
      case .exponential: log(2.0)
      case .spiked: 1.25
      }
    }

    func draw(_ random: inout SplitMix64) -> Double {
      let uniform = Double.random(in: 0..<1, using: &random)
      switch self {
      case .uniform: return uniform
      case .exponential: return -log(1 - uniform)
      // Times on a busy machine: a narrow body, and a fifth far above it. The median is at 5/8 of the body's width.
      case .spiked:
        return Double.random(in: 0..<1, using: &random) < 0.2 ? 10 + 90 * uniform : 1 + 0.4 * uniform
      }
    }
  }

  /// 95 % is the least: the true coverage is 95.7 to 97.9 % at these numbers of samples. Of 4000 series, the share varies by
  /// 0.3 %.
  @Test(
    "series of known distributions. Expect the true median inside in 95 to 99 of 100",
    arguments: Source.allCases
  )
  func coverage(source: Source) throws {
    var random = SplitMix64(seed: 42)
    for count in [6, 15, 30, 101] {
      var inside = 0
      for _ in 0..<4000 {
        let interval = try #require(Distribution((0..<count).map { _ in source.draw(&random) }))
          .medianInterval
        if interval.low <= source.median && source.median <= interval.high { inside += 1 }
      }
      #expect(0.945...0.99 ~= Double(inside) / 4000, "\(inside) of 4000 with \(count) samples")
    }
  }

  /// The bootstrap: medians of many resamples, and what the middle 95 % of them span.
  func bootstrap(_ values: [Double], _ random: inout SplitMix64) throws -> (low: Double, high: Double) {
    let medians = (0..<4000).map { _ in
      Distribution((0..<values.count).map { _ in values.randomElement(using: &random)! })!.median
    }
    let all = try #require(Distribution(medians))
    return (all.percentile(0.025), all.percentile(0.975))
  }

  @Test("the bootstrap of a series. Expect its bounds within one rank of ours", arguments: [15, 31, 101])
  func againstBootstrap(count: Int) throws {
    var random = SplitMix64(seed: 7)
    let values = (1...count).map(Double.init)
    let resampled = try bootstrap(values, &random)
    let exact = try #require(Distribution(values)).medianInterval
    #expect(abs(exact.low - resampled.low) <= 1)
    #expect(abs(exact.high - resampled.high) <= 1)
  }

  @Test(
    "intervals of several confidences, of 4,000 samplings. Expect them to miss the true median no oftener"
  )
  func confidence() throws {
    var random = SplitMix64(seed: 3)
    for (confidence, count) in [(0.8, 12), (0.95, 30), (0.99, 20), (0.999, 40)] {
      var missed = 0
      for _ in 0..<4_000 {
        let values = (0..<count).map { _ in Double.random(in: -1...1, using: &random) }
        let estimate = Distribution(values)!.estimate(confidence: confidence)
        if estimate.low > 0 || estimate.high < 0 { missed += 1 }
      }
      // Three deviations of what tossing coins leaves open.
      let expected = 4_000 * (1 - confidence)
      #expect(Double(missed) <= expected + 3 * expected.squareRoot(), "\(confidence): \(missed)")
    }
  }

  @Test("the fewest values of an interval. Expect one fewer to have none")
  func fewest() {
    #expect(Distribution.fewestValues(confidence: 0.95) == 6)
    for confidence in [0.5, 0.9, 0.95, 0.99, 0.999, 0.999999] {
      let fewest = Distribution.fewestValues(confidence: confidence)
      // All values lie on one side of the median as often as so many coins fall alike.
      let outside = 2 * pow(0.5, Double(fewest))
      #expect(outside <= 1 - confidence + 1e-12 && 2 * outside > 1 - confidence, "\(confidence): \(fewest)")
    }
  }
}
