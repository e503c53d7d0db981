import BenchmarkKit
import Testing

@Suite struct DistributionTests {
  /// A series with an outlier; the expected values are numpy 2.4's `percentile` and scipy 1.17's
  /// `median_abs_deviation` of it.
  let series = Distribution([9.1, 3.4, 7.7, 120.0, 5.5, 6.1, 8.8, 4.9, 7.0, 6.6])!

  @Test(
    "percentiles of a known series, as numpy has them",
    arguments: [
      (0, 3.4), (0.1, 4.75), (0.25, 5.65), (0.5, 6.8), (0.75, 8.525), (0.9, 20.19), (0.99, 110.019), (1, 120),
      (-1, 3.4), (2, 120), (.nan, 3.4), (.infinity, 120),
    ] as [(Double, Double)]
  )
  func percentiles(share: Double, expected: Double) {
    #expect(abs(series.percentile(share) - expected) < 1e-12)
  }

  @Test("spread and outliers of a known series. Expect 1.6, and the one of 120")
  func spread() {
    #expect(abs(series.medianAbsoluteDeviation - 1.6) < 1e-12)
    #expect(series.outlierCount == 1)
    #expect(series.minimum == 3.4)
    #expect(series.maximum == 120)
  }

  @Test(
    "the median of known series",
    arguments: [
      ([7], 7), ([1, 3], 2), ([5, 1, 3], 3), ([4, 1, 3, 2], 2.5), ([2, 2, 2, 9], 2), ([-5, 0, 5, 1000], 2.5),
      ([.greatestFiniteMagnitude, .greatestFiniteMagnitude], .greatestFiniteMagnitude),
      ([-.greatestFiniteMagnitude, .greatestFiniteMagnitude], 0),
    ] as [([Double], Double)]
  )
  func medians(values: [Double], expected: Double) {
    #expect(Distribution(values)?.median == expected)
  }

  @Test(
    "the median absolute deviation of known series",
    arguments: [
      ([7], 0), ([1, 3], 1), ([3, 3, 3], 0), ([1, 1, 2, 2, 4, 6, 9], 1), ([1, 2, 3, 4, 1000], 1),
    ] as [([Double], Double)]
  )
  func deviations(values: [Double], expected: Double) {
    #expect(Distribution(values)?.medianAbsoluteDeviation == expected)
  }

  @Test("nothing, and what is no number, has no distribution")
  func none() {
    for values in [[], [.nan], [1, .nan, 2], [.infinity], [1, -.infinity]] as [[Double]] {
      #expect(Distribution(values) == nil, "\(values)")
    }
  }

  @Test("every order of five values. Expect the same distribution")
  func everyOrder() {
    func visit(_ chosen: [Double], _ rest: [Double]) {
      if rest.isEmpty { #expect(Distribution(chosen)?.sorted == [1, 2, 4, 8, 16], "\(chosen)") }
      for index in rest.indices {
        var others = rest
        let next = others.remove(at: index)
        visit(chosen + [next], others)
      }
    }
    visit([], [1, 2, 4, 8, 16])
  }

  /// Values that differ in the last digit, are huge, or are zero: no statistic traps, and all are in order.
  @Test("all series of up to four of the oddest values. Expect that every statistic exists")
  func odd() {
    let oddest: [Double] = [
      0, -0.0, .leastNonzeroMagnitude, 1, 1.0.nextUp, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
    ]
    var series: [[Double]] = [[]]
    for _ in 0..<4 { series += series.flatMap { short in oddest.map { short + [$0] } } }
    for values in Set(series) where !values.isEmpty {
      guard let distribution = Distribution(values) else {
        Issue.record("no distribution of \(values)")
        continue
      }
      let estimate = distribution.estimate
      #expect(estimate.low <= estimate.value && estimate.value <= estimate.high)
      #expect(distribution.medianAbsoluteDeviation >= 0)
      #expect((0...values.count).contains(distribution.outlierCount))
      let percentiles = stride(from: 0, through: 1, by: 0.125).map(distribution.percentile)
      #expect(zip(percentiles, percentiles.dropFirst()).allSatisfy { $0 <= $1 }, "\(values): \(percentiles)")
    }
  }

  @Test(
    "outliers: further than 4.4478 deviations from the median, on either side",
    arguments: [
      // The deviation is 1, the median 0.
      ([-2, -1, -1, 0, 1, 1, 2], 0), ([-4.4, -1, -1, 0, 1, 1, 4.4], 0), ([-4.5, -1, -1, 0, 1, 1, 4.4], 1),
      ([-4.5, -1, -1, 0, 1, 1, 4.5], 2), ([5, 5, 5, 5, 6], 1), ([5, 5, 5], 0), ([1], 0),
    ] as [([Double], Int)]
  )
  func outliers(values: [Double], expected: Int) {
    #expect(Distribution(values)?.outlierCount == expected)
  }
}
