import RandomNumbers
import TDXMemory
import TestSupport
import Testing

/// The module's rules against the slow oracle, exactly: the status with all its details.
@Suite struct ModulePropertyTests {
  /// One set of rules for all cases of a test: nothing of an earlier verdict may show.
  private let rules = ModuleRules()

  private func expectAsModule(_ configuration: PlainConfiguration, _ name: String) -> ModuleVerdict {
    let verdict = configuration.verdict(rules)
    let expected = PlainModuleRules.status(configuration)
    if verdict.status != expected {
      Issue.record("\(name)\n\(configuration)\nis answered \(hex(verdict.status)), not \(hex(expected))")
    }
    return verdict
  }

  @Test func theOracleAgreesWithEveryVector() throws {
    for vector in try ModuleVector.all() {
      let configuration = PlainConfiguration(vector)
      #expect(hex(PlainModuleRules.status(configuration)) == hex(vector.status), "\(vector.id)")
    }
  }

  /// What Linux plans and what fits is accepted, by either policy, where CMRs hold the memory.
  @Test func whatLinuxPlansIsAccepted() throws {
    let planner = Planner()
    var planned = 0
    for seed in 0..<1500 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      guard let configuration = try PlainConfiguration.planned(using: &random, planner: planner) else {
        continue
      }
      planned += 1
      let verdict = expectAsModule(configuration, "seed \(seed)")
      #expect(verdict.isAccepted, "seed \(seed)\n\(configuration)\n\(verdict)")
    }
    #expect(planned > 700)
  }

  /// The same with one to four things changed, and tables that are crowded with conflicts.
  ///
  /// Expect every refusal, at every level, to occur many times: else the generator does not try it.
  @Test func whatIsChangedIsRefusedAsTheModuleDoes() throws {
    let planner = Planner()
    var kinds: [String: Int] = [:]
    for seed in 0..<9000 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      var configuration = PlainConfiguration.crowded(using: &random)
      if seed % 3 > 0 {
        guard let planned = try PlainConfiguration.planned(using: &random, planner: planner) else { continue }
        configuration = planned
      }
      for _ in 0..<(seed % 3 > 0 ? 1 + random.below(4) : random.below(2)) {
        configuration.mutate(using: &random)
      }
      let verdict = expectAsModule(configuration, "seed \(seed)")
      kinds[kind(verdict.refusal), default: 0] += 1
    }
    for kind in [
      "accepted", "CMR list", "TDMR count", "key-id bits", "TDMR", "TDMR order", "TDMR outside",
      "reserved", "reserved order", "PAMT 4k", "PAMT 2m", "PAMT 1g", "PAMT outside 4k", "PAMT outside 2m",
      "PAMT outside 1g", "overlap before 4k", "overlap before 2m", "overlap before 1g", "overlap self 4k",
      "overlap self 2m", "overlap self 1g", "overlap after 4k", "overlap after 2m", "overlap after 1g",
    ] {
      #expect(kinds[kind, default: 0] >= 10, "\(kind) of \(kinds)")
    }
  }

  /// 300 TDMRs under raised limits: the details keep the low 8 bits of an index.
  @Test func detailsOfManyTDMRs() {
    var tdmrs = (0..<300 as Range<UInt64>).map { index in
      let pamt = 400 << 30 + index << 23
      return PlanVector.TDMR(
        base: index << 30,
        size: 1 << 30,
        node: 0,
        pamts: [[pamt, 4 << 20], [pamt + 4 << 20, 8 << 10], [pamt + 5 << 20, 4096]],
        reserved: []
      )
    }
    let cmrs = [ConvertibleRegionSlot(base: 0, size: 1 << 40)]
    let limits = ModuleLimits(maxTDMRs: 300)
    #expect(expectAsModule(PlainConfiguration(cmrs: cmrs, tdmrs: tdmrs, limits: limits), "sound").isAccepted)
    tdmrs[299].pamts[1][0] = tdmrs[270].pamts[0][0]
    let verdict = expectAsModule(PlainConfiguration(cmrs: cmrs, tdmrs: tdmrs, limits: limits), "overlap")
    #expect(verdict.refusal == .pamtOverlap(tdmr: 299, level: .page2M, other: 270))
    #expect(verdict.status == 0xc000_0a12_000e_012b)
  }

  private func kind(_ refusal: ModuleRefusal?) -> String {
    switch refusal {
    case nil: "accepted"
    case .cmrListInvalid: "CMR list"
    case .invalidSMRR, .smrrOverlapsCMR: "SMRR"
    case .tdmrCountInvalid: "TDMR count"
    case .callInvalid: "call"
    case .keyIDBitsInvalid: "key-id bits"
    case .invalidTDMR: "TDMR"
    case .nonOrderedTDMR: "TDMR order"
    case .tdmrOutsideCMRs: "TDMR outside"
    case .invalidReserved: "reserved"
    case .nonOrderedReserved: "reserved order"
    case .invalidPAMT(_, let level): "PAMT \(level.name)"
    case .pamtOutsideCMRs(_, let level): "PAMT outside \(level.name)"
    case .pamtOverlap(let tdmr, let level, let other) where other < tdmr: "overlap before \(level.name)"
    case .pamtOverlap(let tdmr, let level, let other) where other == tdmr: "overlap self \(level.name)"
    case .pamtOverlap(_, let level, _): "overlap after \(level.name)"
    }
  }
}
