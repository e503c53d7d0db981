import BenchmarkKit
import Testing

@Suite struct StatisticsTests {
  @Test(
    "the median of known series",
    arguments: [
      ([], nil), ([7], 7), ([1, 3], 2), ([5, 1, 3], 3), ([4, 1, 3, 2], 2.5), ([2, 2, 2, 9], 2),
      ([-5, 0, 5, 1000], 2.5), ([1, .nan, 2], nil), ([1, .infinity, 2], 2),
      ([.greatestFiniteMagnitude, .greatestFiniteMagnitude], .greatestFiniteMagnitude),
    ] as [([Double], Double?)]
  )
  func medians(values: [Double], expected: Double?) {
    #expect(median(values) == expected)
  }

  @Test(
    "the median absolute deviation of known series",
    arguments: [
      ([], nil), ([7], 0), ([1, 3], 1), ([3, 3, 3], 0), ([1, 1, 2, 2, 4, 6, 9], 1), ([1, 2, 3, 4, 1000], 1),
      ([1, .nan], nil),
    ] as [([Double], Double?)]
  )
  func deviations(values: [Double], expected: Double?) {
    #expect(medianAbsoluteDeviation(values) == expected)
  }

  @Test("the median does not depend on the order: every order of five values")
  func everyOrder() {
    func visit(_ chosen: [Double], _ rest: [Double]) {
      if rest.isEmpty { #expect(median(chosen) == 4, "\(chosen)") }
      for index in rest.indices {
        var others = rest
        let next = others.remove(at: index)
        visit(chosen + [next], others)
      }
    }
    visit([], [1, 2, 4, 8, 16])
  }

  @Test("what is derived of a measurement: four batches of ten calls")
  func derived() {
    let measurement = Measurement(
      callsPerBatch: 10,
      batches: [1000, 1020, 980, 5000],
      allocations: .unavailable
    )
    #expect(measurement.samples == [100, 102, 98, 500])
    #expect(measurement.nanosecondsPerCall == 101)
    // Distances from 101: 1, 1, 3, 399.
    #expect(measurement.relativeSpread == 2.0 / 101)
    #expect(measurement.perSecond(101) == 1e9)
  }

  @Test("a measurement without samples, or without time, has no figures")
  func degenerate() {
    let none = Measurement(callsPerBatch: 1, batches: [], allocations: .unavailable)
    #expect(none.nanosecondsPerCall == nil)
    #expect(none.relativeSpread == nil)
    #expect(none.perSecond(1) == nil)
    let instant = Measurement(callsPerBatch: 1, batches: [0], allocations: .unavailable)
    #expect(instant.nanosecondsPerCall == 0)
    #expect(instant.relativeSpread == nil)
    #expect(instant.perSecond(1) == nil)
  }

  @Test("SplitMix64 gives the published numbers for seed 1234567")
  func splitMix() {
    var random = SplitMix64(seed: 1_234_567)
    let numbers = (0..<5).map { _ in random.next() }
    #expect(
      numbers == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
      ]
    )
  }

  @Test("the clock does not go back, and shows a step")
  func clock() {
    let start = MonotonicClock.now()
    #expect(MonotonicClock.measureGrain() > 0)
    #expect(MonotonicClock.now() > start)
  }
}
