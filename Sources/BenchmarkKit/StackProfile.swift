import SystemIO
import TerminalText

/// The stacks of a profile and what each of them cost, without the harness around the call, and for memory without the
/// allocator below it: what is left is the code that takes the time, or asks for the memory.
public struct StackProfile: Sendable {
  public struct Stack: Sendable {
    /// The functions that were in each other's middle, the outermost first; never empty.
    public var frames: [String]
    public var cost: UInt64
  }

  public let profile: Profile
  public private(set) var stacks: [Stack] = []
  /// What was spent in the harness alone.
  public private(set) var harnessCost: UInt64 = 0

  /// - Parameters:
  ///   - text: a stack a line, as `google-pprof --collapsed` writes them: functions by their symbols, each with the
  ///     address of the function or `[inline]` behind it, `;` between them, then a blank and the cost.
  public init(_ profile: Profile, collapsed text: String) {
    self.profile = profile
    for line in text.split(separator: "\n") {
      guard let blank = line.lastIndex(of: " "), let cost = UInt64(line[line.index(after: blank)...]) else {
        continue
      }
      let frames = Self.ownFrames(line[..<blank].split(separator: ";").map(Self.symbol), profile)
      if frames.isEmpty { harnessCost += cost } else { stacks.append(Stack(frames: frames, cost: cost)) }
    }
  }

  public var cost: UInt64 { stacks.reduce(0) { $0 + $1.cost } }

  /// A cost in its unit: `1.24 s`, `953 kB`.
  public func text(_ cost: UInt64) -> String {
    switch profile {
    case .cpu: Figures.time(Double(cost) * Self.sampleNanoseconds)
    case .heap: Figures.rate(Double(cost), unit: "B")
    }
  }

  /// gperftools looks a hundred times a second.
  private static let sampleNanoseconds = 1e7

  // MARK: Functions

  /// The functions that cost most by themselves: what each costs, alone and with those that it called. A function that
  /// calls itself counts once in a stack.
  public func table(limit: Int = 15) -> String {
    var own: [String: UInt64] = [:]
    var whole: [String: UInt64] = [:]
    for stack in stacks {
      own[stack.frames[stack.frames.count - 1], default: 0] += stack.cost
      for name in Set(stack.frames) { whole[name, default: 0] += stack.cost }
    }
    var table = TextTable([
      .init(profile == .cpu ? "time" : "bytes"), .init("share"), .init("with callees"), .init("share"),
      .init("function", .left, widest: .max),
    ])
    let total = Double(max(cost, 1))
    let most = whole.keys.sorted { (own[$1] ?? 0, whole[$1]!, $0) < (own[$0] ?? 0, whole[$0]!, $1) }
    for name in most.prefix(limit) {
      table.append([
        text(own[name] ?? 0), Figures.percent(Double(own[name] ?? 0) / total), text(whole[name]!),
        Figures.percent(Double(whole[name]!) / total), fitForTerminal(name),
      ])
    }
    return table.text
  }

  /// Gives functions the names that they have in the source, as far as `swift demangle` is here to say them.
  mutating func demangle() {
    let symbols = Array(Set(stacks.flatMap(\.frames)))
    let text = symbols.map { $0 + "\n" }.joined()
    guard let child = ChildProcess.run("swift", ["demangle", "--simplified"], input: text), child.status == 0
    else { return }
    let names = child.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard names.count >= symbols.count else { return }
    let named = Dictionary(uniqueKeysWithValues: zip(symbols, names))
    for index in stacks.indices { stacks[index].frames = stacks[index].frames.map { named[$0] ?? $0 } }
  }

  // MARK: Symbols

  /// `$s10MapReaders…` of `$s10MapReaders…<000000000026a090>` or `$s10MapReaders…[inline]`.
  private static func symbol(_ frame: Substring) -> String {
    if frame.hasSuffix("[inline]") { return String(frame.dropLast(8)) }
    guard frame.hasSuffix(">"), let start = frame.lastIndex(of: "<") else { return String(frame) }
    return String(frame[..<start])
  }

  /// What lies between the harness and, for memory, the allocator.
  private static func ownFrames(_ symbols: [String], _ profile: Profile) -> [String] {
    // The call of a subject is BenchmarkKit's last word; all before it leads there.
    guard let call = symbols.lastIndex(where: { $0.hasPrefix("$s12BenchmarkKit") }) else { return [] }
    // What the heap profiler takes to write its account.
    guard !symbols.contains("GetHeapProfile") else { return [] }
    var frames = symbols[(call + 1)...]
    if profile == .heap { while let last = frames.last, isOfRuntime(last) { frames.removeLast() } }
    return Array(frames)
  }

  /// Whether a function is of the allocator, of Swift's runtime or of its standard library.
  private static func isOfRuntime(_ symbol: String) -> Bool {
    if symbol.hasPrefix("$s") { return symbol.hasPrefix("$ss") || symbol.hasPrefix("$sS") }
    return runtimePrefixes.contains { symbol.hasPrefix($0) }
  }

  private static let runtimePrefixes = [
    "swift_", "_swift", "swift::", "malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc",
    "memalign", "operator new", "_Zn", "tc_", "tcmalloc", "_ZN8tcmalloc", "MallocHook",
    "(anonymous namespace)",
  ]
}
