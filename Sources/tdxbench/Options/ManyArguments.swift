/// Thousands of files on a command line, as `plan --policy optimal Logs/*` has them: folded for the parser, whose time grows
/// with the square of the arguments (16,000 took 13 s), and unfolded again where they are asked for.
enum ManyArguments {
  /// The arguments of this process, a long row of inputs in them as one word.
  static let forParser: [String] = folding.arguments

  private static let folding = fold(CommandLine.arguments)

  /// The commands that take any number of inputs.
  private static let commands: Set<String> = [
    "plan", "validate", "advise", "explain", "hotplug", "fleet", "report",
  ]

  /// Fewer than so many in a row are left alone.
  private static let fewest = 64

  /// What stands for a row begins with what no argument can hold.
  private static let mark = "\0"

  /// Puts one word in place of each long row of words that are neither options nor their values.
  static func fold(_ arguments: [String]) -> (arguments: [String], rows: [[String]]) {
    guard arguments.count > fewest, commands.contains(arguments[1]) else { return (arguments, []) }
    var (folded, rows) = (Array(arguments[..<2]), [[String]]())
    var index = 2
    while index < arguments.count, arguments[index] != "--" {
      let rest = arguments[index...].prefix { !$0.hasPrefix("-") || $0 == "-" }
      // The first may be the value of an option.
      if rest.count > fewest {
        folded += [rest[index], "\(mark)\(rows.count)"]
        rows.append(Array(rest.dropFirst()))
      } else {
        folded += rest
      }
      index += rest.count
      if index < arguments.count, arguments[index] != "--" {
        folded.append(arguments[index])
        index += 1
      }
    }
    return (folded + arguments[index...], rows)
  }

  /// The inputs that the parser found, those as they were that it was spared.
  static func unfolded(_ inputs: [String]) -> [String] { unfolded(inputs, folding.rows) }

  static func unfolded(_ inputs: [String], _ rows: [[String]]) -> [String] {
    guard !rows.isEmpty else { return inputs }
    return inputs.flatMap { input in
      input.hasPrefix(mark) ? Int(input.dropFirst()).map { rows[$0] } ?? [input] : [input]
    }
  }
}
