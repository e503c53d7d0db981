import Foundation
import SyntheticMaps
import TDXMemory
import TestSupport
import Testing

@Suite struct GenerateCommandTests {
  /// Expect the plan of the map in memory from each of the formats.
  @Test(arguments: ["server-2s", "cxl", "17-tdmrs-one-node"], ["map.txt", "map.json", "map.tdxmap"])
  func aGeneratedMapPlansAsInMemory(recipe: String, name: String) throws {
    let machine = try Recipe(text: recipe).make()
    let expected = try plan(Array(machine.map), convertible: machine.convertible!, keyIDBits: 6)
    try withFolder { folder in
      let file = folder.appendingPathComponent(name).path
      let generated = try Command("generate", recipe, "-o", file)
      #expect(generated.status == 0 && generated.output == "" && generated.errors == "")
      let planned = try Command("plan", file, "--format", "json")
      #expect(planned.status == (expected.outcome == .ok ? 0 : 1))
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(planned.output.utf8)) as? [String: Any]
      )
      #expect(object["outcome"] as? String == expected.outcome.rawValue)
      #expect(object["messages"] as? [String] == expected.messages)
      #expect((object["tdmrs"] as? [Any])?.count ?? 0 == expected.tdmrs.count)
      if expected.outcome == .ok { #expect(object["pamt_kib"] as? UInt64 == expected.pamtBytes / 1024) }
    }
  }

  /// Expect the recipe in the first line, and the same map from that line alone.
  @Test func aTextMapBeginsWithItsRecipe() throws {
    let map = try Command("generate", "laptop", "--size", "16G", "--seed", "9", "--cmrs", "split=1G")
    let line = try #require(map.output.split(separator: "\n").first)
    #expect(
      line == """
        # laptop size=16GiB regions=8 holes=64KiB...16MiB nodes=1 alignment=4KiB cmrs=split=1GiB seed=9
        """
    )
    #expect(try Command("generate", String(line.dropFirst(2))).output == map.output)
    #expect(try Command("plan", "-", input: map.output).status == 0)
  }

  @Test func everyOptionSetsItsParameter() throws {
    let map = try Command(
      "generate",
      "fragmented",
      "seed=3",
      "--size",
      "1GiB",
      "--regions",
      "20",
      "--holes",
      "64K...1.5MiB",
      "--nodes",
      "2",
      "--alignment",
      "64KiB",
      "--cmrs",
      "none"
    )
    #expect(
      map.output.hasPrefix(
        "# fragmented size=1GiB regions=20 holes=64KiB...1536KiB nodes=2 alignment=64KiB cmrs=none seed=3\n"
      )
    )
    #expect(map.output.split(separator: "\n").count == 21)
  }

  @Test func theFormatIsTheOptionsOrTheFileNames() throws {
    #expect(try Command("generate", "laptop", "--format", "json").output.hasPrefix("{\"regions\":[\n"))
    try withFolder { folder in
      let file = folder.appendingPathComponent("laptop.json").path
      let generated = try Command("generate", "laptop", "--format", "tdxmap", "-o", file)
      #expect(generated.status == 0)
      let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
      #expect(bytes.starts(with: Data("TDXMAP".utf8)))
    }
  }

  @Test func theListSaysWhyEachExists() throws {
    let list = try Command("generate", "--list")
    #expect(list.status == 0)
    for recipe in Recipe.all { #expect(list.output.contains("\(recipe)\n    \(recipe.why)\n")) }
  }

  @Test(arguments: [
    [], ["--list", "laptop"], ["desktop"], ["laptop", "--size", "1KB"], ["laptop", "--size", "0"],
    ["laptop", "--regions", "1000000000000"], ["laptop", "--holes", "2M...1M"], ["laptop", "--nodes", "0"],
    ["laptop", "--alignment", "3"], ["laptop", "--seed", "x"], ["laptop", "--cmrs", "some"],
    ["laptop", "--format", "xml"], ["laptop", "size"],
  ])
  func wrongUsageIs64(arguments: [String]) throws {
    let command = try Command(["generate"] + arguments)
    #expect(command.status == 64)
    #expect(command.output == "")
    #expect(!command.errors.isEmpty)
  }

  @Test func nothingIsWrittenHalf() throws {
    #expect(try Command("generate", "laptop", "-o", "/no/such/folder/map").status == 74)
  }
}
