import BenchmarkKit
import Glibc
import RandomNumbers
import Testing

@Suite struct ComplexityTests {
  static let sizes = [10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000]

  @Test("exact series of each complexity. Expect it, with its coefficient and no error")
  func exact() throws {
    let curves: [(Complexity, (Double) -> Double)] = [
      (.constant, { _ in 1 }), (.linear, { $0 }), (.linearithmic, { $0 * log2($0) }),
      (.quadratic, { $0 * $0 }),
    ]
    for (complexity, curve) in curves {
      let fit = try #require(ComplexityFit(Self.sizes.map { ($0, 3.5 * curve(Double($0))) }))
      #expect(fit.best.complexity == complexity)
      #expect(abs(fit.best.coefficient - 3.5) < 1e-9)
      #expect(fit.best.error < 1e-9)
      #expect(Set(fit.candidates.map(\.complexity)) == Set(Complexity.allCases))
      #expect(zip(fit.candidates, fit.candidates.dropFirst()).allSatisfy { $0.error <= $1.error })
    }
  }

  /// Expected: exp(mean(d)) and expm1(std(d)) of d = log(t / f(n)), and scipy 1.17's linregress of log t on log n.
  @Test("a known series. Expect the coefficients, errors and slope that numpy and scipy give")
  func known() throws {
    let series: [(Int, Double)] = [
      (10, 250), (100, 1900), (1000, 21_000), (10_000, 190_000), (100_000, 2_300_000),
    ]
    let fit = try #require(ComplexityFit(series))
    let expected: [(Complexity, Double, Double)] = [
      (.linear, 21.27545556456522, 0.11357162503977755),
      (.linearithmic, 2.4583991178047038, 0.8587885015425848),
      (.constant, 21_275.455564565214, 24.392820822452446),
      (.quadratic, 0.021275455564565237, 25.61858798257152),
    ]
    for (candidate, (complexity, coefficient, error)) in zip(fit.candidates, expected) {
      #expect(candidate.complexity == complexity)
      #expect(abs(candidate.coefficient / coefficient - 1) < 1e-9)
      #expect(abs(candidate.error / error - 1) < 1e-9)
    }
    #expect(abs(fit.exponent - 0.9927575654691111) < 1e-9)
  }

  @Test("series with 10 % of noise. Expect their complexity, whatever the seed")
  func noisy() throws {
    for seed in 0..<50 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      func series(_ curve: (Double) -> Double) -> [(Int, Double)] {
        Self.sizes.map { ($0, 20 * curve(Double($0)) * Double.random(in: 0.9...1.1, using: &random)) }
      }
      #expect(ComplexityFit(series { _ in 1 })?.best.complexity == .constant)
      #expect(ComplexityFit(series { $0 })?.best.complexity == .linear)
      #expect(ComplexityFit(series { $0 * log2($0) })?.best.complexity == .linearithmic)
      #expect(ComplexityFit(series { $0 * $0 })?.best.complexity == .quadratic)
    }
  }

  @Test("the smallest sizes, where n log n of 1 counts as that of 2 with half the items")
  func smallest() throws {
    let fit = try #require(ComplexityFit([(1, 3), (2, 6), (4, 24), (8, 72)]))
    #expect(fit.best.complexity == .linearithmic)
    #expect(abs(fit.best.coefficient - 3) < 1e-9)
    #expect(fit.best.error < 1e-9)
  }

  @Test("too few sizes, and points that say nothing. Expect no fit")
  func none() {
    #expect(ComplexityFit([]) == nil)
    #expect(ComplexityFit([(10, 1), (20, 2)]) == nil)
    #expect(ComplexityFit([(10, 1), (10, 2), (10, 3)]) == nil)
    #expect(ComplexityFit([(0, 1), (-5, 2), (10, 0), (20, -1), (30, .nan), (40, .infinity)]) == nil)
  }

  @Test("the extremes of sizes and times. Expect a fit of finite errors, and the useless points left out")
  func extremes() throws {
    let points = [
      (1, Double.leastNonzeroMagnitude), (Int.max, .greatestFiniteMagnitude), (1000, 1), (0, 5), (7, .nan),
    ]
    let fit = try #require(ComplexityFit(points))
    #expect(fit.candidates.allSatisfy { !$0.error.isNaN && !$0.coefficient.isNaN })
    #expect(fit.exponent.isFinite)
    let sound: [(size: Int, time: Double)] = [(10, 10), (20, 20), (40, 40)]
    #expect(ComplexityFit(sound + [(size: 0, time: 5), (size: 80, time: .nan)]) == ComplexityFit(sound))
  }
}
