import RandomNumbers
import ReferencePeer
import TDXMemory
import TestSupport
import Testing

/// The module's peer is worth measuring against only where it is right: the same vectors, and the slow oracle.
@Suite struct ReferenceModuleTests {
  private func status(_ configuration: PlainConfiguration) -> UInt64 {
    configuration.withConfiguration { ReferenceModule($0).status() }
  }

  @Test func everyVerdictOfTheModule() throws {
    let vectors = try ModuleVector.all()
    #expect(vectors.count == 659)
    for vector in vectors {
      #expect(hex(status(PlainConfiguration(vector))) == hex(vector.status), "\(vector.id)")
    }
  }

  /// Tables that are crowded with conflicts, and plans with a few things changed.
  @Test func randomConfigurationsAsTheOracle() throws {
    let planner = Planner()
    var refused: Set<UInt64> = []
    for seed in 0..<3000 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      var configuration = PlainConfiguration.crowded(using: &random)
      if seed % 3 > 0 {
        guard let planned = try PlainConfiguration.planned(using: &random, planner: planner) else { continue }
        configuration = planned
      }
      for _ in 0..<random.below(3) { configuration.mutate(using: &random) }
      let expected = PlainModuleRules.status(configuration)
      refused.insert(expected >> 32)
      #expect(hex(status(configuration)) == hex(expected), "seed \(seed)\n\(configuration)")
    }
    // Success and every refusal: TDX_OPERAND_INVALID stands for two of them.
    #expect(refused.count == 11)
  }
}
