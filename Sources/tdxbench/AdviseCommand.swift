import Advice
import ArgumentParser
import FoundationEssentials
import MapReaders
import PlanReports
import TDXMemory

struct AdviseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "advise",
    abstract: "Says what to change so that TDX initialises, or costs less.",
    usage: "tdxbench advise [<options>] [<input> ...]",
    discussion: """
      Plans the machine with every policy and placement. Where Linux fails, finds the least memory to keep from \
      the kernel so that it succeeds, as kernel parameters; else says how near the limits the machine is. Exit \
      status 0 where Linux succeeds as it is, 1 where a change is needed.
      """
  )

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json
  }

  @OptionGroup var input: InputArguments

  @OptionGroup var module: ModuleArguments

  @Option(
    help: ArgumentHelp(
      "Where memory is withheld, reserved areas to keep free for PAMTs that land elsewhere.",
      valueName: "areas"
    )
  )
  var slack = 0

  @Option(help: "text, or json for programs.")
  var format = Format.text

  @Option(name: .shortAndLong, help: ArgumentHelp("Write to a file, whole or not at all.", valueName: "file"))
  var output: String?

  func validate() throws {
    try input.validateMachine()
    guard (0...1024).contains(slack) else { throw ValidationError("--slack must be 0 to 1024, not \(slack)") }
  }

  func run() throws {
    let machine = try input.machine()
    let advice = Advice(
      machine.map,
      convertible: machine.convertible,
      options: PlanOptions(dynamicPAMT: module.dynamicPAMT, limits: module.limits),
      keyIDBits: module.keyIDBits ?? machine.keyIDBits ?? ModuleArguments.defaultKeyIDBits,
      slack: slack
    )
    let target = OutputTarget(output)
    switch format {
    case .text:
      try target.write(
        AdviceText(advice, of: machine, limits: module.limits, style: target.style).render()
      )
    case .json:
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      let bytes = try encoder.encode(AdviceJSON(advice, machine))
      try target.write(String(decoding: bytes, as: UTF8.self) + "\n")
    }
    if !advice.succeeds { throw ExitCode.no }
  }
}

/// Advice as programs read it, with names_like_this. Ranges are [start, end) in bytes.
private struct AdviceJSON: Encodable {
  struct Plan: Encodable {
    var policy: String
    var placement: String?
    var dynamicPamt: Bool
    var outcome: String
    var why: String?
    var tdmrs: Int
    var mostReserved: Int
    var pamtKib: UInt64
    var pamtKibForHoles: UInt64
    var proved: Bool?
    var module: String?

    init(_ result: PlanResult) {
      policy = result.policy.rawValue
      placement = result.placement?.rawValue
      dynamicPamt = result.dynamicPAMT
      outcome = result.outcome.rawValue
      why = result.failure?.explanation
      tdmrs = result.tdmrs
      mostReserved = result.mostReserved
      pamtKib = result.pamtBytes / 1024
      pamtKibForHoles = result.pamtBytesForHoles / 1024
      proved = result.proved
      module = result.verdict?.name
    }
  }

  struct Withhold: Encodable {
    var bytes: UInt64
    var ranges: [[UInt64]]
    var kernelParameters: String
    var grubLine: String
    var fitsCommandLine: Bool
    var holdsFor: [String]
    var areasToSpare: Int
    var tightest: [UInt64]?
    var next: [[UInt64]]

    init(_ withholding: Withholding) {
      bytes = withholding.bytes
      ranges = withholding.ranges.map { [$0.start, $0.end] }
      kernelParameters = withholding.kernelParameters
      grubLine = withholding.grubLine
      fitsCommandLine = withholding.fitsCommandLine
      holdsFor = withholding.placements.map(\.rawValue)
      areasToSpare = withholding.areasToSpare
      tightest = withholding.tightest.map { [$0.start, $0.end] }
      next = withholding.next.map { [$0.start, $0.end] }
    }
  }

  struct Change: Encodable {
    var change: String
    var plan: Plan
  }

  struct Hole: Encodable {
    var range: [UInt64]
    var pamtBytes: UInt64
  }

  var succeeds: Bool
  var today: Plan
  var plans: [Plan]
  var withhold: Withhold?
  var cannotHelp: String?
  var cases: [Change]?
  var joinable: [[UInt64]]?
  var costlyHoles: [Hole]?
  var source: String
  var notes: [String]

  init(_ advice: Advice, _ machine: Machine) {
    succeeds = advice.succeeds
    today = Plan(advice.today)
    plans = advice.results.map(Plan.init)
    withhold = advice.withholding.map(Withhold.init)
    cannotHelp = advice.hopelessness?.explanation
    cases = advice.outlook?.cases.map { Change(change: $0.change, plan: Plan($0.result)) }
    joinable = advice.outlook?.joinable.map { [$0.start, $0.end] }
    costlyHoles = advice.outlook?.costlyHoles.map {
      Hole(range: [$0.range.start, $0.range.end], pamtBytes: $0.pamtBytes)
    }
    source = machine.source.description
    notes = machine.notes
  }
}
