import TDXMemory

/// Why a command line says no policy, in the words of the program that would read it.
public struct PolicySyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String

  init(_ description: String) { self.description = description }

  /// Nodes that an option names, and that numactl would not take.
  public init(option: String, text: String, _ error: NodeStringError) {
    self.init("\(option): \(error); <\(text)> is invalid")
  }
}

extension NodeSituation {
  /// Nodes as an option of numactl names them.
  public func nodes(numactl text: String, option: String) throws(PolicySyntaxError) -> NodeSet {
    do throws(NodeStringError) {
      return try NodeSet(numactl: text, allowed: allowed, highest: highest)
    } catch {
      throw PolicySyntaxError(option: option, text: text, error)
    }
  }

  /// The policy of a whole command line, as people type it: numactl with its options and a program, or QEMU alone. A
  /// memory backend of QEMU that names host nodes decides for the guest's memory.
  public func request(commandLine words: [String]) throws(PolicySyntaxError) -> PolicyRequest {
    guard let program = words.first else { throw PolicySyntaxError("there is no command behind --") }
    var request = PolicyRequest(.default, form: .numactl(command: words))
    var rest = words[...]
    if program == "numactl" || program.hasSuffix("/numactl") {
      var numactl = NumactlOptions(words.dropFirst(), self)
      request = try numactl.parse()
      rest = numactl.rest
    }
    if let backend = try QEMUBackend.inCommand(rest) { return backend.request }
    request.memory = guestMemory(rest)
    return request
  }
}

extension PolicyRequest {
  /// numactl's `--preferred` takes one node, however it is written: where `0,1`, `0-1`, `all` or `!1` come to another
  /// number of nodes, numactl 2.0.16 prints its usage and ends with 1. `--preferred-many` is for several.
  public func requireOneNode(option: String, text: String) throws(PolicySyntaxError) {
    guard mode == .preferred, nodes.count != 1 else { return }
    throw PolicySyntaxError("\(option): it takes one node; <\(text)> is invalid")
  }
}

/// The options of numactl, up to the program.
private struct NumactlOptions {
  private(set) var rest: ArraySlice<String>
  private let situation: NodeSituation
  private var request: PolicyRequest?
  private var last: String?

  init(_ words: ArraySlice<String>, _ situation: NodeSituation) {
    rest = words
    self.situation = situation
  }

  private static let long: [String: (letter: Character, takesValue: Bool)] = [
    "interleave": ("i", true), "preferred": ("p", true), "preferred-many": ("P", true),
    "weighted-interleave": ("w", true), "membind": ("m", true), "localalloc": ("l", false),
    "cpunodebind": ("N", true), "cpubind": ("c", true), "physcpubind": ("C", true), "all": ("a", false),
    "balancing": ("b", false), "strict": ("t", false),
  ]

  mutating func parse() throws(PolicySyntaxError) -> PolicyRequest {
    while let word = rest.first, word.hasPrefix("-"), word != "-" {
      rest = rest.dropFirst()
      if word == "--" { break }
      if word.hasPrefix("--") { try parseLong(word) } else { try parseShort(word.dropFirst()) }
    }
    guard !rest.isEmpty else { throw PolicySyntaxError("numactl: there is no program to run") }
    var found = request ?? PolicyRequest(.default)
    found.form = .numactl(command: Array(rest))
    return found
  }

  private mutating func parseLong(_ word: String) throws(PolicySyntaxError) {
    let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    // As getopt_long, which takes the front of a name where no other has it.
    let names = Self.long.keys.filter { $0 == parts[0] }
    let candidates = names.isEmpty ? Self.long.keys.filter { $0.hasPrefix(parts[0]) } : names
    guard candidates.count == 1, let name = candidates.first, let option = Self.long[name] else {
      throw PolicySyntaxError(
        candidates.isEmpty
          ? "numactl: unrecognized option '\(word)'" : "numactl: option '\(word)' is ambiguous"
      )
    }
    guard option.takesValue else {
      guard parts.count == 1 else {
        throw PolicySyntaxError("numactl: option '--\(name)' doesn't allow an argument")
      }
      return try apply(option.letter, "", "--\(name)")
    }
    let value = parts.count == 2 ? String(parts[1]) : takeWord()
    guard let value else { throw PolicySyntaxError("numactl: option '--\(name)' requires an argument") }
    try apply(option.letter, value, "--\(name)")
  }

  private mutating func parseShort(_ letters: Substring) throws(PolicySyntaxError) {
    var letters = letters
    while let letter = letters.first {
      letters = letters.dropFirst()
      guard let option = Self.long.values.first(where: { $0.letter == letter }) else {
        throw PolicySyntaxError("numactl: invalid option -- '\(letter)'")
      }
      guard option.takesValue else {
        try apply(letter, "", "-\(letter)")
        continue
      }
      let value = letters.isEmpty ? takeWord() : String(letters)
      guard let value else { throw PolicySyntaxError("numactl: option requires an argument -- '\(letter)'") }
      return try apply(letter, value, "-\(letter)")
    }
  }

  private mutating func takeWord() -> String? {
    defer { rest = rest.dropFirst() }
    return rest.first
  }

  private mutating func apply(
    _ letter: Character,
    _ value: String,
    _ option: String
  ) throws(PolicySyntaxError) {
    let mode: PolicyMode
    switch letter {
    case "i": mode = .interleave
    case "p": mode = .preferred
    case "P": mode = .preferredMany
    case "w": mode = .weightedInterleave
    case "m": mode = .bind
    case "l": mode = .local
    case "N", "c":
      // Where the task runs; its memory follows only while nodes have some.
      _ = try nodes(value, option)
      return
    default: return
    }
    guard request == nil else { throw PolicySyntaxError("numactl: Conflicting policies") }
    let request = PolicyRequest(mode, mode == .local ? [] : try nodes(value, option))
    try request.requireOneNode(option: "numactl \(option)", text: value)
    self.request = request
  }

  /// `same` repeats the nodes that were named last.
  private mutating func nodes(_ value: String, _ option: String) throws(PolicySyntaxError) -> NodeSet {
    if value == "same", last == nil {
      throw PolicySyntaxError("numactl: same needs previous node specification")
    }
    let text = value == "same" ? last ?? "" : value
    last = text
    return try situation.nodes(numactl: text, option: "numactl \(option)")
  }
}
