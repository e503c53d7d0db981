import BenchmarkKit
import Testing

@Suite struct MeasurementTests {
  @Test("what is derived of a measurement: four batches of ten calls")
  func derived() throws {
    let measurement = Measurement(
      callsPerBatch: 10,
      batches: [1000, 1020, 980, 5000],
      allocations: .unavailable
    )
    #expect(measurement.samples == [100, 102, 98, 500])
    // Too few for an interval of 95 %: all of them.
    #expect(measurement.nanosecondsPerCall == Estimate(value: 101, low: 98, high: 500))
    // Distances from 101: 1, 1, 3, 399.
    #expect(measurement.relativeSpread == 2.0 / 101)
    #expect(measurement.perSecond(101) == 1e9)
  }

  @Test("two threads that make ten calls each. Expect twice the work in the time")
  func threads() {
    let measurement = Measurement(callsPerBatch: 10, threads: 2, batches: [1000], allocations: .unavailable)
    #expect(measurement.samples == [100])
    #expect(measurement.perSecond(1) == 2e7)
  }

  @Test("a measurement without samples, or without time, has no figures")
  func degenerate() {
    let none = Measurement(callsPerBatch: 1, batches: [], allocations: .unavailable)
    #expect(none.nanosecondsPerCall == nil)
    #expect(none.relativeSpread == nil)
    #expect(none.perSecond(1) == nil)
    let instant = Measurement(callsPerBatch: 1, batches: [0], allocations: .unavailable)
    #expect(instant.nanosecondsPerCall == Estimate(value: 0, low: 0, high: 0))
    #expect(instant.relativeSpread == nil)
    #expect(instant.perSecond(1) == nil)
    #expect(none.ratio(to: instant) == nil)
    #expect(instant.ratio(to: none) == nil)
    #expect(instant.ratio(to: instant) == nil)
  }

  /// Rounds in which the machine is at times ten times as slow: both times vary, their ratio does not.
  @Test("samples of the same rounds that slow down together. Expect their ratio, and no uncertainty")
  func pairs() {
    let slowness: [UInt64] = [1, 10, 1, 1, 3, 10, 2, 1]
    let ours = Measurement(callsPerBatch: 2, batches: slowness.map { 600 * $0 }, allocations: .unavailable)
    let peer = Measurement(callsPerBatch: 1, batches: slowness.map { 100 * $0 }, allocations: .unavailable)
    #expect(ours.ratio(to: peer) == Estimate(value: 3, low: 3, high: 3))
  }

  @Test("a peer whose last round is missing, and one that took no time in a round. Expect the other rounds")
  func unequal() {
    let ours = Measurement(callsPerBatch: 1, batches: [10, 20, 30, 999], allocations: .unavailable)
    let peer = Measurement(callsPerBatch: 1, batches: [10, 0, 10], allocations: .unavailable)
    #expect(ours.ratio(to: peer) == Estimate(value: 2, low: 1, high: 3))
  }
}

@Suite struct ToolTests {
  @Test("the clock does not go back, and shows a step")
  func clock() {
    let start = MonotonicClock.now()
    #expect(MonotonicClock.measureGrain() > 0)
    #expect(MonotonicClock.now() > start)
  }
}
