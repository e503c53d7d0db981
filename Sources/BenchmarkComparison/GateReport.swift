import BenchmarkKit
import BenchmarkRecords
import JSON
import TerminalText

/// What came of holding a run against its baselines.
public struct GateReport: Sendable {
  /// By workload, in the suite's order.
  public var breaches: [Breach]
  /// How many workloads were held against their baselines, and of how many the instructions.
  public var workloads: Int
  public var counted: Int
  /// What was not looked at, and why: a sentence each.
  public var skipped: [String]
  public var bands: [PeerKind: Double]
  /// Where the baselines are, if not where `check` looks by itself.
  public var folder: String?
  /// False after an interruption.
  public var isComplete = true

  public init(
    breaches: [Breach],
    workloads: Int,
    counted: Int,
    skipped: [String],
    bands: [PeerKind: Double]
  ) {
    self.breaches = breaches
    self.workloads = workloads
    self.counted = counted
    self.skipped = skipped
    self.bands = bands
  }

  public var isGood: Bool { breaches.isEmpty }

  /// The command that shows each broken workload again.
  public var commands: [String] {
    var names: [String] = []
    for breach in breaches where !names.contains(breach.workload) { names.append(breach.workload) }
    return names.map { "\(command) --filter \(quotedForShell($0))" }
  }

  /// The command that made this report, without a filter.
  private var command: String {
    "swift run -c release tdxbench check" + (folder.map { " --baselines \(quotedForShell($0))" } ?? "")
  }

  /// The report as plain text, at most 80 columns wide but for the commands.
  public var text: String {
    var text = ""
    if !isGood {
      text += table.text
      for breach in breaches where breach.isLong {
        text += "\n" + paragraph("\(breach.workload): \(breach.figure.name): \(breach.difference)")
      }
      text += "\nagain:\n" + fewCommands.map { "  \($0)\n" }.joined()
      let advice = "If it is meant, write new baselines and review their diff: \(command) --update"
      text += "\n" + paragraph(advice) + "\n"
    }
    for reason in skipped { text += paragraph("skipped: \(reason)") }
    if !isComplete { text += "incomplete: interrupted before the end\n" }
    return text + paragraph(summary)
  }

  /// The commands as they are printed. Who broke more has broken something that they share.
  private var fewCommands: [String] {
    let more = commands.count - Self.mostCommands
    return commands.prefix(Self.mostCommands) + (more > 0 ? ["\(command)  # \(more) more"] : [])
  }

  private static let mostCommands = 10

  private var table: TextTable {
    var table = TextTable([
      .init("workload", .left, widest: 34, isWhole: true), .init("figure", .left),
      .init("baseline", widest: 8), .init("now", widest: 8),
      .init("by", widest: Breach.widestDifference),
    ])
    for breach in breaches {
      let difference = breach.isLong ? "see below" : breach.difference
      table.append([breach.workload, breach.figure.name, breach.baseline, breach.now, difference])
    }
    return table
  }

  /// What was looked at and what came of it.
  public var summary: String {
    let broken = Set(breaches.map(\.workload)).count
    let bands = PeerKind.allCases.compactMap { kind in
      self.bands[kind].map {
        "\(kind == .reference ? "C" : kind.rawValue) up to \(Figures.decimal($0)) times"
      }
    }
    return
      "\(workloads) workloads held against their baselines (results, allocations and bytes exactly; instructions "
      + "of \(counted) within \(Figures.percent(Gate.instructionTolerance)); ratios to \(bands.joined(separator: ", to "))"
      + " the baseline's): " + (isGood ? "all hold." : "\(broken) broke.")
  }

  /// The report as Markdown, for the summary of a CI run.
  public var markdown: String {
    var text = "**\(Markdown.escaped(summary))**\n\n"
    if !isGood {
      var table = MarkdownTable([
        ("workload", .left), ("figure", .left), ("baseline", .right), ("now", .right), ("by", .left),
      ])
      for breach in breaches {
        let cells = [breach.figure.name, breach.baseline, breach.now, breach.difference]
        table.append([Markdown.code(breach.workload)] + cells.map(Markdown.escaped))
      }
      text += table.text + "\n" + fewCommands.map { "    \($0)\n" }.joined() + "\n"
    }
    text += skipped.map { "* skipped: \(Markdown.escaped($0))\n" }.joined()
    return text + (isComplete ? "" : "* the check was interrupted\n")
  }

  /// The report as JSON.
  public var json: String {
    JSONValue.object([
      ("good", .bool(isGood)), ("complete", .bool(isComplete)), ("workloads", .integer(workloads)),
      ("instructions_counted", .integer(counted)),
      (
        "breaches",
        .array(
          breaches.map { breach in
            .object([
              ("workload", .string(breach.workload)), ("figure", .string(breach.figure.name)),
              ("baseline", .string(breach.baseline)), ("now", .string(breach.now)),
              ("difference", .string(breach.difference)),
            ])
          }
        )
      ),
      ("again", .array(commands.map(JSONValue.string))),
      ("skipped", .array(skipped.map(JSONValue.string))),
    ]).text
  }
}

extension Breach {
  /// Whether what is wrong stands below the table, for the column has no room for it.
  fileprivate var isLong: Bool { difference.count > Self.widestDifference }
  fileprivate static let widestDifference = 12
}
