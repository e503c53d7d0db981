import SyntheticMaps
import TDXMemory
import TestSupport
import Testing

@Suite struct RecipeMapTests {
  private static let seeds: [UInt64] = [0, 1, .max]

  /// The recipes, with no more regions than a test without optimisation goes through at once.
  private static let recipes = Recipe.all.map { recipe in
    var recipe = recipe
    recipe.parameters.regionCount = min(recipe.parameters.regionCount, 5000)
    return recipe
  }

  @Test(arguments: recipes, seeds)
  func theMapIsWhatTheParametersSay(recipe: Recipe, seed: UInt64) throws {
    var recipe = recipe
    recipe.parameters.seed = seed
    try expectParameters(of: recipe)
  }

  /// Twice the memory on one more node with half as many regions more.
  @Test(arguments: recipes)
  func parametersCanBeChanged(recipe: Recipe) throws {
    var recipe = recipe
    recipe.parameters.totalBytes *= 2
    recipe.parameters.regionCount += recipe.parameters.regionCount / 2
    recipe.parameters.nodes += 1
    recipe.parameters.holeBytes = 4096...recipe.parameters.holeBytes.upperBound / 8192 * 4096 + 4096
    try expectParameters(of: recipe)
    recipe.parameters.convertible = .split(at: 64 << 20)
    try expectParameters(of: recipe)
    recipe.parameters.convertible = .none
    #expect(try recipe.make().convertible == nil)
  }

  private func expectParameters(of recipe: Recipe) throws {
    let machine = try recipe.make()
    let parameters = recipe.parameters
    let map = machine.map
    #expect(try MemoryMap(Array(map)) == map)
    #expect(UInt64(map.count) == parameters.regionCount)
    #expect(map.nodes == (0..<UInt32(parameters.nodes)).map { $0 })
    #expect(map.last!.end <= 1 << 46)
    #expect(map.allSatisfy { $0.start < 1 << 20 || $0.start % parameters.alignment == 0 })
    for (one, next) in zip(map, map.dropFirst()) where one.end == next.start {
      #expect(one.node != next.node || one.flags != next.flags)
    }
    // What is missing: holes, 64 MiB of firmware for each node and 256 MiB below 2 GiB, and what does not divide.
    let holes = parameters.regionCount * parameters.holeBytes.upperBound
    let rest = (parameters.nodes + 1) * max(1 << 30, parameters.alignment) + parameters.regionCount * 65536
    let allowed = min(holes, parameters.totalBytes / 2) + parameters.nodes * (64 << 20) + (600 << 20) + rest
    #expect(map.totalBytes <= parameters.totalBytes)
    #expect(map.totalBytes + allowed >= parameters.totalBytes)
    try expectConvertible(machine, parameters.convertible)
  }

  /// Expect ascending CMRs that hold all memory above 1 MiB, with as little beside it as the mode says.
  private func expectConvertible(_ machine: SyntheticMachine, _ mode: ConvertibleMode) throws {
    let cmrs = try #require(machine.convertible)
    #expect(cmrs.allSatisfy { $0.start >= 1 << 20 && !$0.isEmpty })
    let memory = machine.map.filter { $0.end > 1 << 20 }.map {
      AddressRange(from: max($0.start, 1 << 20), to: $0.end)!
    }
    var joined: [AddressRange] = []
    for cmr in cmrs {
      #expect(cmr.start >= joined.last?.end ?? 0)
      if let last = joined.last, last.end == cmr.start {
        joined[joined.count - 1] = AddressRange(from: last.start, to: cmr.end)!
      } else {
        joined.append(cmr)
      }
    }
    var index = 0
    for region in memory {
      while index < joined.count, joined[index].end < region.end { index += 1 }
      #expect(index < joined.count && joined[index].contains(region))
    }
    let bytes = (cmrs.reduce(0) { $0 + $1.size }, memory.reduce(0) { $0 + $1.size })
    switch mode {
    case .none: Issue.record("there are CMRs")
    case .exact: #expect(bytes.0 == bytes.1 && joined == cmrs)
    case .merged(let hole):
      #expect(zip(cmrs, cmrs.dropFirst()).allSatisfy { $1.start - $0.end > hole })
      #expect(bytes.0 <= bytes.1 + UInt64(memory.count) * hole)
    case .split(let piece): #expect(bytes.0 == bytes.1 && cmrs.allSatisfy { $0.size <= piece })
    }
  }

  /// In the recipes without firmware a hole lies behind every region, or behind every other one.
  @Test(arguments: recipes.filter { $0.parameters.regionCount > 40 }, seeds)
  func holesAreAsLargeAsAskedFor(recipe: Recipe, seed: UInt64) throws {
    var recipe = recipe
    recipe.parameters.seed = seed
    let map = try recipe.make().map
    let gaps = zip(map, map.dropFirst()).map { $1.start - $0.end }
    let holes = gaps.filter { $0 > 0 }
    #expect(holes.allSatisfy(recipe.parameters.holeBytes.contains))
    let isRuns = recipe.name.hasSuffix("runs")
    let expected = recipe.parameters.holeBytes.upperBound == 0 ? 0 : isRuns ? map.count / 2 : gaps.count
    #expect(abs(holes.count - expected) <= 1)
  }

  @Test(arguments: recipes)
  func theSameSeedMakesTheSameMap(recipe: Recipe) throws {
    let machine = try recipe.make()
    #expect(try Recipe(text: recipe.description).make() == machine)
    var other = recipe
    other.parameters.seed += 1
    let isRandom =
      !recipe.name.contains("tdmr")
      && recipe.parameters.holeBytes.lowerBound < recipe.parameters.holeBytes.upperBound
    if isRandom { #expect(try other.make().map != machine.map) }
  }

  @Test(arguments: Recipe.all)
  func thePlanIsWhatTheRecipeClaims(recipe: Recipe) throws {
    let machine = try recipe.make()
    let planned = try plan(Array(machine.map), convertible: machine.convertible!, keyIDBits: 6)
    switch (recipe.claim, planned.failure) {
    case (.fits, nil): #expect(planned.verdict?.isAccepted == true, "\(String(describing: planned.verdict))")
    case (.tdmrsExhausted, .tdmrsExhausted), (.reservedAreasExhausted, .reservedAreasExhausted): break
    default: Issue.record("\(String(describing: planned.failure)), claimed: \(recipe.claim)")
    }
  }

  @Test func theHolesOfIssue135FitWithHolesFromCMRs() throws {
    let machine = try #require(Recipe(named: "firmware-holes")).make()
    let options = PlanOptions(policy: .linuxCMR)
    let planned = try plan(Array(machine.map), convertible: machine.convertible!, options, keyIDBits: 6)
    #expect(planned.outcome == .ok)
    #expect(planned.verdict?.isAccepted == true)
  }

  @Test(arguments: [
    ("1000-tdmrs", 1000), ("16000-tdmrs", 16_000), ("64-tdmrs-16-holes", 64), ("one-tdmr-per-region", 64),
    ("100-regions-2-gib", 100),
  ])
  func raisedLimitsShowTheTDMRs(name: String, count: Int) throws {
    let machine = try #require(Recipe(named: name)).make()
    let options = PlanOptions(limits: ModuleLimits(maxTDMRs: 1 << 20, maxReserved: 1 << 20))
    let planned = try plan(Array(machine.map), options)
    #expect(planned.outcome == .ok)
    #expect(planned.tdmrs.count == count)
  }

  /// Expect the same multiset of lengths, to the page, less holes.
  @Test func theRunsDifferOnlyInTheirOrder() throws {
    let counts = try ["long-runs", "short-runs", "unpredictable-runs"].map { name in
      let map = try #require(Recipe(named: name)).make().map
      let touching = zip(map, map.dropFirst()).count { $0.end == $1.start }
      let long = map.count { $0.size > 1 << 30 }
      return [touching / 2, long, Int(map.last!.end >> 30)]
    }
    #expect(counts[0] == counts[2])
    #expect(counts[1] == counts[2])
  }

  /// Expect these checksums on every machine and in every release: recorded seeds stand for maps.
  @Test(arguments: [
    ("laptop seed=1", 0xa0f7_2619_51ff_de75),
    (
      "unaligned-borders size=1TiB regions=12 holes=64KiB...16MiB nodes=8 alignment=64KiB seed=2",
      0x63dc_b7f6_d921_4935
    ),
    ("sparse-nodes size=512GiB regions=12 holes=64KiB...16MiB nodes=8 seed=3", 0x57eb_2076_90fa_e66d),
    ("cxl size=1TiB regions=10 holes=64KiB...16MiB nodes=4 seed=4", 0x8427_cb48_fcaa_3c2c),
    (
      "hot-plugged size=512GiB regions=16 holes=1GiB...8GiB nodes=2 alignment=128MiB seed=5",
      0x4214_3433_faae_59bc
    ),
    (
      "fragmented size=64TiB regions=20000 holes=4KiB...2MiB nodes=3 cmrs=merged=1MiB seed=7",
      0xc9e0_5993_84b8_0f2c
    ),
    ("touching size=64GiB regions=16384 holes=0 nodes=64 seed=8", 0x48d7_820f_d4c6_6fed),
    (
      "unpredictable-runs size=16TiB regions=10000 holes=4KiB...2MiB nodes=1 seed=9",
      UInt64(0xf73_7b00_78ad_6337)
    ),
  ])
  func theNumbersNeverChange(text: String, checksum: UInt64) throws {
    let machine = try Recipe(text: text).make()
    var sum: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ values: UInt64...) { for value in values { sum = (sum ^ value) &* 0x100_0000_01b3 } }
    for region in machine.map {
      mix(region.start, region.end, UInt64(region.node), UInt64(region.flags.rawValue))
    }
    for range in machine.convertible ?? [] { mix(range.start, range.end) }
    #expect(sum == checksum, "\(hex(sum))")
  }
}
