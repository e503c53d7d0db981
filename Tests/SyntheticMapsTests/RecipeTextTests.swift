import SyntheticMaps
import TDXMemory
import Testing

@Suite struct RecipeTextTests {
  @Test(arguments: Recipe.all)
  func aPrintedRecipeReadsBack(recipe: Recipe) throws {
    #expect(try Recipe(text: recipe.description) == recipe)
    var other = recipe
    other.parameters.totalBytes += 4096
    other.parameters.holeBytes = 4096...12288
    other.parameters.seed = .max
    for mode: ConvertibleMode in [.none, .exact, .merged(over: 5), .split(at: 1 << 30)] {
      other.parameters.convertible = mode
      #expect(try Recipe(text: other.description) == other)
    }
  }

  @Test func namesAreUnique() {
    #expect(Set(Recipe.all.map(\.name)).count == Recipe.all.count)
    #expect(Recipe(named: "laptop")?.name == "laptop")
    #expect(Recipe(named: "Laptop") == nil)
  }

  @Test func printsEveryParameter() throws {
    let recipe = try Recipe(text: "  fragmented  seed=7 size=64TiB regions=10000000\n")
    #expect(
      recipe.description == """
        fragmented size=64TiB regions=10000000 holes=4KiB...2MiB nodes=1 alignment=4KiB cmrs=merged=2MiB seed=7
        """
    )
  }

  @Test(arguments: [
    ("", RecipeError.Part.recipe), ("unknown", .recipe), ("laptop 64GiB", .recipe),
    ("laptop sise=1", .recipe),
    ("laptop recipe=server-1s", .recipe), ("laptop size=", .size), ("laptop size=1KB", .size),
    ("laptop size=16EiB", .size), ("laptop size=16384PiB", .size), ("laptop size=-1", .size),
    ("laptop size=1.1", .size), ("laptop size=.5G", .size), ("laptop regions=1.5", .regions),
    ("laptop regions=+1", .regions), ("laptop regions=18446744073709551616", .regions),
    ("laptop holes=2M...1M", .holes), ("laptop holes=1M..2M", .holes), ("laptop holes=...2M", .holes),
    ("laptop holes=1M...2M...3M", .holes), ("laptop nodes=two", .nodes), ("laptop alignment=x", .alignment),
    ("laptop seed=0x1", .seed), ("laptop cmrs=all", .cmrs), ("laptop cmrs=merged", .cmrs),
    ("laptop cmrs=split=1Q", .cmrs),
  ])
  func whatIsNotUnderstoodIsNamed(text: String, part: RecipeError.Part) {
    do throws(RecipeError) {
      Issue.record("read as \(try Recipe(text: text))")
    } catch {
      #expect(error.part == part, "\(error)")
    }
  }

  @Test(arguments: [
    ("0", 0), ("17", 17), ("17B", 17), ("64K", 65536), ("64k", 65536), ("64KiB", 65536), ("64kib", 65536),
    ("1.5T", 3 << 39), ("0.5KiB", 512), ("2.0", 2), ("1.25G", 5 << 28), ("15.5PiB", 31 << 49),
    ("18446744073709551615", UInt64.max), ("16383.9990234375P", .max << 40),
  ])
  func sizesAreReadAsPeopleWriteThem(text: String, bytes: UInt64) {
    #expect(ByteCount(text: text)?.bytes == bytes)
  }

  @Test(arguments: [
    "", " 1", "1 K", "K", "1KB", "1Ki", "1kb", "1X", "1KiBs", "0.3K", "1.", ".1", "1..5K", "1.5.5K", "1e3",
    "-1",
    "+1", "٣", "18446744073709551616", "16384P", "1.0000000000000000000000K",
  ])
  func otherSizesAreRefused(text: String) {
    #expect(ByteCount(text: text) == nil)
  }

  @Test(arguments: [
    (0, "0"), (1, "1"), (1023, "1023"), (1024, "1KiB"), (3 << 39, "1536GiB"), (1 << 46, "64TiB"),
    (1 << 60, "1024PiB"), (UInt64.max, "18446744073709551615"),
  ])
  func exactTextReadsBack(bytes: UInt64, text: String) {
    #expect(ByteCount(bytes).exactText == text)
    #expect(ByteCount(text: text)?.bytes == bytes)
  }
}
