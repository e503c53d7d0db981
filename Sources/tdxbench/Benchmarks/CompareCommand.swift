import ArgumentParser
import BenchmarkComparison
import BenchmarkKit
import BenchmarkRecords
import Glibc
import PairedRuns
import SystemIO

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Holds two recorded runs, or two builds of tdxbench, side by side.",
    usage: """
      tdxbench compare [<options>] <record> <record>
      tdxbench compare [<options>] --build <path> --build <path>
      tdxbench compare [<options>] --base <revision> [--build <path>]
      """,
    discussion: """
      A and B are folders of records, or the names of such in results/. Builds run at the same time, on one processor, \
      and take turns batch by batch in random order, so that the machine's pace cancels out; what seems to have changed \
      is measured once more, reversed, before it is said. Rounds are taken until every row is decided or the time is \
      over. --base builds a revision in a worktree of its own; without --build it is held against this program.

      Exit status: 0 where nothing got worse, 1 where something is slower, allocates more, crashed, hung or was wrong.
      """
  )

  @Argument(help: ArgumentHelp("The record before and the record after.", valueName: "record"))
  var records: [String] = []

  @Option(
    help: ArgumentHelp(
      "An executable, twice: before and after. Once: after, with --base.",
      discussion: "Or a folder of links of one build (scripts/link-layouts): each round draws one.",
      valueName: "path"
    )
  )
  var build: [String] = []

  @Option(help: ArgumentHelp("Build this revision, and compare with it.", valueName: "revision"))
  var base: String?

  @Option(
    help: ArgumentHelp("Compare only workloads whose name contains PATTERN, as in run.", valueName: "pattern")
  )
  var filter: [String] = []

  @Option(help: ArgumentHelp("Differences up to so many percent do not count.", valueName: "percent"))
  var threshold = VerdictRule.defaultThreshold * 100

  @OptionGroup var turns: TurnOptions

  @OptionGroup var report: ReportOptions

  func validate() throws {
    let isOfBuilds = base != nil || !build.isEmpty
    if isOfBuilds, !records.isEmpty { throw ValidationError("compare records or builds, not both.") }
    if base != nil {
      guard build.count <= 1 else { throw ValidationError("--base goes with one --build at most.") }
    } else if isOfBuilds {
      guard build.count == 2 else { throw ValidationError("--build is given twice: before and after.") }
    } else {
      guard records.count == 2 else {
        throw ValidationError("name two records, before and after; or two builds with --build, or --base.")
      }
    }
    guard threshold >= 0, threshold <= 1000 else {
      throw ValidationError("--threshold is from 0 to 1000 percent, not \(plain(threshold)).")
    }
  }

  private var rule: VerdictRule { VerdictRule(threshold: threshold / 100) }

  func run() throws {
    try report.prepare()
    let comparison = try records.isEmpty ? compareBuilds() : compareRecords()
    guard !comparison.isEmpty || !comparison.isComplete else {
      throw Failure("the two sides have no workload in common that is to be compared", .badData)
    }
    try report.deliver(table: comparison.table, json: comparison.json, markdown: comparison.markdown)
    if !comparison.isGood { throw ExitCode.no }
    if !comparison.isComplete { throw ExitCode.interrupted }
  }

  private func compareRecords() throws -> Comparison {
    do {
      let folder = RecordFolder("results")
      let sides = (try Record.load(folder.path(of: records[0])), try Record.load(folder.path(of: records[1])))
      let names = Set(sides.0.samples.workloads.map(\.name) + sides.1.samples.workloads.map(\.name)).sorted()
      let chosen = NameFilter(filter)
      if let failure = noMatch(filter, among: names) { throw failure }
      return Comparison(sides.0, sides.1, rule: rule, chosen: chosen.chooses)
    } catch let error as RecordError {
      throw Failure(error)
    }
  }

  private func compareBuilds() throws -> Comparison {
    Interruption.watch()
    var line = ProgressLine(isQuiet: report.quiet)
    defer { line.clear() }
    do {
      let builds = try buildsToCompare { line.show($0, timeLeft: $1) }
      line.clear()
      if base != nil, builds.0.isSameProgram(as: builds.1) { return try sameProgram(builds) }
      let run = PairedRun(
        before: builds.0,
        after: builds.1,
        plan: turns.plan,
        rule: rule,
        chosen: { names in
          if let failure = noMatch(filter, among: names) { throw failure }
          return Set(names.filter(NameFilter(filter).chooses))
        },
        progress: { line.show($0) },
        isInterrupted: { Interruption.hasOccurred }
      )
      return try run.run()
    } catch let failure as TurnFailure {
      if Interruption.hasOccurred { throw ExitCode.interrupted }
      throw Failure(failure.description, failure.kind == .missing ? .noInput : .badData)
    }
  }

  /// What is said of two builds of the same program: a base of which only documents or tests differ.
  private func sameProgram(_ builds: (Build, Build)) throws -> Comparison {
    if let failure = noMatch(filter, among: try allWorkloads().map(\.name)) { throw failure }
    var comparison = Comparison(rule: rule, before: builds.0.label, after: builds.1.label)
    comparison.isSameProgram = true
    return comparison
  }

  /// - Parameter progress: told what is being built, and how long it may still take.
  private func buildsToCompare(_ progress: @escaping (String, Duration?) -> Void) throws -> (Build, Build) {
    var after = try build.last.map { path in try Build(at: path, plant: turns.plant) }
    if after == nil, let program = executablePath {
      after = Build(program: program, label: "this build", plant: turns.plant)
    }
    guard let after else { throw Failure("/proc does not tell where this program is", .fault) }
    guard let base else { return (try Build(at: build[0]), after) }
    let baseBuild = BaseBuild(
      say: { if !report.quiet { complain($0) } },
      progress: progress,
      isInterrupted: { Interruption.hasOccurred }
    )
    return (try baseBuild.build(base, arguments: Build(program: "").arguments), after)
  }
}

/// Why a filter chooses nothing; nil where each of its patterns chooses something.
func noMatch(_ filter: [String], among names: [String], option: String = "--filter ") -> Failure? {
  guard let pattern = NameFilter(filter).idlePatterns(among: names).first else { return nil }
  let nearest = NameFilter.nearest(to: pattern, among: names).joined(separator: ", ")
  return Failure("no workload matches \(option)\(pattern); the nearest are \(nearest)", .wrongUsage)
}
