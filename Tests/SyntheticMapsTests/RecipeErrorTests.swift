import RandomNumbers
import SyntheticMaps
import TDXMemory
import TestSupport
import Testing

@Suite struct RecipeErrorTests {
  @Test(arguments: [
    ("laptop size=0", RecipeError.Part.size), ("laptop size=4095", .size), ("laptop size=1024PiB", .size),
    ("laptop size=2GiB", .size), ("laptop regions=0", .regions), ("laptop regions=2", .regions),
    ("laptop regions=18446744073709551615", .regions), ("laptop regions=1000000", .regions),
    ("laptop regions=1000", .holes), ("laptop nodes=0", .nodes), ("laptop nodes=1025", .nodes),
    ("laptop nodes=11", .size), ("laptop alignment=0", .alignment), ("laptop alignment=3K", .alignment),
    ("laptop alignment=2K", .alignment), ("laptop alignment=8P", .alignment),
    ("laptop alignment=128M", .alignment),
    ("laptop holes=1", .holes), ("laptop holes=0...1", .holes), ("laptop holes=16383P", .holes),
    ("laptop holes=1G", .holes), ("laptop cmrs=split=0", .cmrs), ("laptop cmrs=split=5", .cmrs),
    ("fragmented cmrs=split=4K regions=100 size=1T", .cmrs), ("sparse-nodes size=64TiB", .size),
    ("cxl nodes=1", .nodes), ("cxl size=4PiB", .size), ("hot-plugged size=4PiB", .size),
    ("hot-plugged regions=4", .regions),
    ("hot-plugged alignment=2G", .alignment), ("hot-plugged holes=1T", .holes),
    ("touching nodes=1000 regions=999", .nodes),
    ("touching size=4PiB", .size), ("touching alignment=4PiB", .size),
    ("touching regions=100000000", .regions),
    ("fragmented size=4K", .regions), ("fragmented regions=1 size=4K holes=4K", .holes),
    ("unpredictable-runs regions=100000000", .regions), ("long-runs holes=4PiB", .regions),
    ("short-runs regions=100000000 alignment=4PiB", .size),
  ])
  func whatMakesNoMapIsNamed(text: String, part: RecipeError.Part) throws {
    let recipe = try Recipe(text: text)
    do throws(RecipeError) {
      Issue.record("made \(try recipe.make().map.count) regions of \(recipe)")
    } catch {
      #expect(error.part == part, "\(text): \(error)")
    }
  }

  @Test(arguments: [
    "fragmented regions=1 size=4K holes=0", "touching regions=1 nodes=1 size=4PiB alignment=4K",
  ])
  func theExtremes(text: String) throws {
    let recipe = try Recipe(text: text)
    if recipe.name == "fragmented" {
      #expect(Array(try recipe.make().map) == [MemoryRegion(start: 0, end: 4096)])
    }
  }

  /// Expect a map or an error, and neither a trap nor a hang, whatever the parameters.
  @Test(arguments: Recipe.all)
  func anyParametersAreAccepted(recipe: Recipe) {
    var random = SplitMix64(seed: 3)
    var made = 0
    for _ in 0..<1000 {
      var recipe = recipe
      func any() -> UInt64 { random.next() >> random.below(UInt64(64)) }
      func size(_ usual: UInt64) -> UInt64 {
        switch random.below(6) {
        case 0: any()
        case 1: random.pick([0, 1, 4095, 4096, 1 << 52, (1 << 52) - 4096, 1 << 51, 1 << 63, .max])
        case 2: any() & ~4095
        case 3: 1 << random.below(UInt64(64))
        default: usual
        }
      }
      recipe.parameters.totalBytes = size(recipe.parameters.totalBytes)
      recipe.parameters.regionCount =
        random.oneIn(4) ? random.below(UInt64(3000)) : recipe.parameters.regionCount
      if random.oneIn(50) { recipe.parameters.regionCount = max(100_000_001, any()) }
      let holes = [
        size(recipe.parameters.holeBytes.lowerBound), size(recipe.parameters.holeBytes.upperBound),
      ].sorted()
      recipe.parameters.holeBytes = holes[0]...holes[1]
      recipe.parameters.nodes = random.oneIn(3) ? any() : recipe.parameters.nodes
      recipe.parameters.alignment = size(recipe.parameters.alignment)
      recipe.parameters.seed = any()
      recipe.parameters.convertible = random.pick([
        .none, .exact, .merged(over: any()), .split(at: max(size(1 << 30), 1 << 30)),
      ])
      if recipe.parameters.regionCount > 1_000 && recipe.parameters.regionCount <= 100_000_000 {
        recipe.parameters.regionCount = 1_000
      }
      if let machine = try? recipe.make() {
        made += 1
        #expect(UInt64(machine.map.count) == recipe.parameters.regionCount)
        #expect(machine.map.last!.end <= 1 << 52)
      }
    }
    #expect(made > 10)
  }
}
