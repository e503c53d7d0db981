import ArgumentParser
import Glibc
import MapReaders
import SyntheticMaps
import SystemIO
import TDXMemory
import TerminalText

struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Makes a synthetic memory map from a recipe and a seed.",
    usage: "tdxbench generate [<options>] [<recipe> ...]",
    discussion: """
      A recipe is a name, or a whole line as a text map begins with: \
      `fragmented size=64TiB regions=10000000 seed=7`. Options come on top. Sizes are 4KiB, 64K, 2GiB, 1.5T or \
      bytes. The same recipe makes the same map on every machine.
      """
  )

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json, tdxmap
  }

  @Argument(help: ArgumentHelp("A recipe, and parameters as name=value.", valueName: "recipe"))
  var recipe: [String] = []

  @Flag(help: "List the recipes and why each exists.")
  var list = false

  @Option(help: "The memory that is installed, holes included.")
  var size: String?

  @Option(help: ArgumentHelp("The regions of the map.", valueName: "n"))
  var regions: String?

  @Option(help: ArgumentHelp("The holes behind regions: 64KiB, or 4KiB...2MiB.", valueName: "sizes"))
  var holes: String?

  @Option(help: ArgumentHelp("The NUMA nodes.", valueName: "n"))
  var nodes: String?

  @Option(help: ArgumentHelp("Regions start at multiples of it.", valueName: "size"))
  var alignment: String?

  @Option(help: ArgumentHelp("Where the random numbers start.", valueName: "n"))
  var seed: String?

  @Option(
    help: ArgumentHelp(
      "The convertible memory: none, exact, merged=SIZE over holes, or split=SIZE in pieces.",
      valueName: "mode"
    )
  )
  var cmrs: String?

  @Option(help: "What to write (default: as the file's name ends, else text).")
  var format: Format?

  @Option(name: .shortAndLong, help: ArgumentHelp("Write to a file, whole or not at all.", valueName: "file"))
  var output: String?

  @OptionGroup var terminal: TerminalArguments

  func validate() throws {
    guard list == recipe.isEmpty else {
      throw ValidationError(
        list ? "--list goes without a recipe" : "name a recipe; --list tells which there are"
      )
    }
  }

  func run() throws {
    if list { return try OutputTarget(output).write(recipeList()) }
    let format = format ?? Format(ending: output)
    let target = OutputTarget(output)
    guard format != .tdxmap || !target.isTerminal else {
      throw ValidationError("a .tdxmap is not for a terminal: name a file with --output")
    }
    let (recipe, machine) = try make()
    ProgressWatch.beginWriting(output ?? "the map", expecting: format.expectedBytes(of: machine.map))
    try target.write(machine, of: recipe, as: format)
  }

  /// What making a region takes about.
  private static let timePerRegion = Duration.nanoseconds(20)

  private func make() throws -> (Recipe, SyntheticMachine) {
    do throws(RecipeError) {
      var recipe = try Recipe(text: self.recipe.joined(separator: " "))
      let options: [(RecipeError.Part, String?)] = [
        (.size, size), (.regions, regions), (.holes, holes), (.nodes, nodes), (.alignment, alignment),
        (.seed, seed), (.cmrs, cmrs),
      ]
      for (part, value) in options {
        if let value { try recipe.parameters.set(part, to: value) }
      }
      ProgressWatch.begin(
        "making \(recipe.parameters.regionCount) regions",
        expecting: Self.timePerRegion * recipe.parameters.regionCount
      )
      return (recipe, try recipe.make())
    } catch {
      let hint = error.part == .recipe ? "\(meant); `tdxbench generate --list` lists the recipes" : ""
      throw ValidationError("\(error)\(hint)")
    }
  }

  /// The recipe that a mistyped name may mean.
  private var meant: String {
    let name =
      recipe.joined(separator: " ").split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
    let names = Recipe.all.map(\.name)
    return names.contains(name) ? "" : didYouMean(name, among: names)
  }

  /// A recipe as it is printed, and below it why it exists.
  private func recipeList() -> String {
    Recipe.all.map { "\($0)\n    \($0.why)\n" }.joined()
  }
}

extension GenerateCommand.Format {
  /// What a map takes about.
  fileprivate func expectedBytes(of map: MemoryMap) -> Double {
    let regions = Double(map.count)
    switch self {
    case .tdxmap: return 24 * regions
    // Addresses have 16 digits, the last number as many as any.
    case .text: return regions * Double(50 + max(4, "\(map.count)".utf8.count))
    case .json: return regions * Double(7 + 2 * "\(map.last?.start ?? 0)".utf8.count)
    }
  }

  /// As a file's name ends.
  init(ending path: String?) {
    let ending = path?.split(separator: ".", omittingEmptySubsequences: false).last
    self = ending.flatMap { Self(rawValue: String($0)) } ?? .text
  }
}

extension OutputTarget {
  fileprivate func write(
    _ machine: SyntheticMachine,
    of recipe: Recipe,
    as format: GenerateCommand.Format
  ) throws(Failure) {
    try write { (writer) throws(SystemError) in
      switch format {
      case .text:
        try writer.write("# \(recipe)\n")
        try MemblockText.write(machine.map, convertible: machine.convertible, to: &writer)
      case .json:
        try JSONMap.write(machine.map, convertible: machine.convertible, keyIDBits: nil, to: &writer)
      case .tdxmap:
        try TDXMapFile.write(machine.map, convertible: machine.convertible, keyIDBits: nil, to: &writer)
      }
    }
  }
}
