import RandomNumbers
import Testing

@Suite struct SplitMix64Tests {
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

  @Test("numbers below a bound. Expect each as often as the others, and none at the bound")
  func below() {
    var random = SplitMix64(seed: 1)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[random.below(7)] += 1 }
    // 10,000 each; the standard deviation is 93.
    #expect(counts.allSatisfy { (9500...10_500).contains($0) })
    #expect(
      (0..<100).allSatisfy { _ in random.below(UInt64(1)) == 0 && random.oneIn(1) && random.pick([3]) == 3 }
    )
  }
}
