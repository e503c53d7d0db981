import BenchmarkComparison
import BenchmarkKit
import BenchmarkRecords
import Mustache

/// What the templates of a page see of records: by names, as text.
struct RecordValues {
  struct About {
    let name: String
    let date: String
    let machine: String
    let build: String
    let command: String
    let warnings: [String]
  }

  /// A row of the table of workloads. What columns are sorted by stands beside what they show.
  struct Row: MustacheParent {
    let workload: MeasuredWorkload

    func child(named name: String) -> Any? {
      switch name {
      case "name": workload.name
      case "time": Figures.time(workload.time.value)
      case "timeKey": "\(workload.time.value)"
      case "spread": workload.spread.map(Figures.percent) ?? "-"
      case "spreadKey": key(workload.spread)
      case "items": workload.itemsPerSecond.map { Figures.rate($0) } ?? "-"
      case "itemsKey": key(workload.itemsPerSecond)
      case "bytes": workload.bytesPerSecond.map { Figures.rate($0, unit: "B") } ?? "-"
      case "bytesKey": key(workload.bytesPerSecond)
      case "reference": workload.reference.map { Figures.ratio($0.value) } ?? "-"
      case "referenceKey": key(workload.reference?.value)
      case "copy": workload.copy.map { Figures.ratio($0.value) } ?? "-"
      case "copyKey": key(workload.copy?.value)
      case "allocations":
        workload.allocations.map { ($0.isExact ? "" : "~") + Figures.count($0.allocations) } ?? "n/a"
      case "allocationsKey": key(workload.allocations.map { Double($0.allocations) })
      default: nil
      }
    }

    private func key(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
  }

  struct Panel {
    let picture: SceneValues
  }

  struct Trend {
    let name: String
    let picture: SceneValues
    let first: String
    let firstKey: String
    let last: String
    let lastKey: String
    let change: String
    let changeKey: String
    let steps: String
  }

  struct Change {
    let name: String
    let ratio: String
    let interval: String
    let second: String
    let verdict: String
    let standing: String
    let allocations: String
  }

  let abouts: [About]
  let title: String
  let rows: [Row]
  let panels: [Panel]
  let ratioPictures: [SceneValues]
  let allocationSentence: String
  let allocationPictures: [SceneValues]
  let trends: [Trend]
  let hasTrends: Bool
  let trendSentence: String
  let hasComparison: Bool
  let before: String
  let after: String
  let comparisonSentence: String
  let comparisonRule: String
  let changes: [Change]
  let hasChanges: Bool
  let comparisonNotes: [String]

  init(_ report: RecordReport) {
    abouts = report.records.reversed().map(About.init)
    title = report.last.name ?? report.last.run.date
    rows = report.workloads.map(Row.init)
    panels = report.workloads.families.enumerated().compactMap { index, family in
      ThroughputChart.scene(family.name, family.workloads, name: "throughput-\(index + 1)").map {
        Panel(picture: SceneValues(scene: $0, standalone: false))
      }
    }
    ratioPictures = [RatioChart.scene(report.workloads, name: "ratios")].compactMap { $0 }.map {
      SceneValues(scene: $0, standalone: false)
    }
    let counted = report.workloads.filter { $0.allocations != nil }
    let none = counted.count { $0.allocations?.allocations == 0 }
    allocationSentence = "\(none) of \(counted.count) workloads whose allocations were counted make none."
    allocationPictures = [AllocationChart.scene(report.workloads, name: "allocations")].compactMap { $0 }.map
    {
      SceneValues(scene: $0, standalone: false)
    }
    let histories = report.histories
    trends = histories.enumerated().map { Trend($1, number: $0 + 1) }
    hasTrends = !trends.isEmpty
    trendSentence = histories.first.map { "\(report.records.count) records; \($0.rule.sentence)" } ?? ""
    let comparison = report.comparison
    hasComparison = comparison != nil
    before = comparison?.before ?? ""
    after = comparison?.after ?? ""
    comparisonSentence = comparison?.summary ?? ""
    comparisonRule = comparison?.ruleSentence ?? ""
    comparisonNotes = comparison.map { ($0.foreword.map { [$0] } ?? []) + $0.notes } ?? []
    changes = (comparison?.sortedRows ?? []).filter {
      $0.verdict.isChange || $0.before.allocations != $0.after.allocations || $0.error != nil
    }.map(Change.init)
    hasChanges = !changes.isEmpty
  }
}

extension RecordValues.About {
  init(_ record: Record) {
    name = record.name ?? record.run.date
    date = record.run.date
    let machine = record.machine
    let system = [machine.system, machine.kernel.map { "Linux \($0)" }].compactMap { $0 }
    self.machine =
      ([
        machine.processor ?? machine.architecture,
        "\(machine.logicalProcessors) processor\(machine.logicalProcessors == 1 ? "" : "s")",
      ] + system).joined(separator: ", ")
    let commit = record.build.commit.map { ", commit \($0.prefix(10))" } ?? ""
    build = "\(record.build.compiler), \(record.build.configuration)\(commit)"
    command = record.run.commandLine
    warnings = record.samples.warnings
  }
}

extension RecordValues.Trend {
  init(_ history: History, number: Int) {
    name = history.workload
    picture = SceneValues(scene: HistoryChart.scene(history, name: "history-\(number)"), standalone: false)
    let values = history.records.map(history.figure)
    let show = history.peer == nil ? Figures.time : Figures.ratio
    let unit = history.peer.map { $0 == .reference ? " of C" : " of \($0.rawValue)" } ?? ""
    first = show(values[0]) + unit
    firstKey = "\(values[0])"
    last = show(values[values.count - 1]) + unit
    lastKey = "\(values[values.count - 1])"
    let change = values[values.count - 1] / values[0]
    self.change = Figures.precise(change)
    changeKey = "\(change)"
    steps = history.steps.sorted { $0.key < $1.key }.map { index, step in
      "\(history.records[index].record.prefix(12)): \(Figures.precise(step.ratio)) \(step.ratio > 1 ? "slower" : "faster")"
    }.joined(separator: "; ")
  }
}

extension RecordValues.Change {
  init(_ row: ComparedRow) {
    name = row.name
    ratio = row.ratio.map { Figures.precise($0.value) } ?? "-"
    interval = row.ratio.map { "\(Figures.precise($0.low))-\(Figures.precise($0.high))" } ?? "-"
    second = row.second.map { Figures.precise($0.value) } ?? "-"
    verdict = row.error ?? row.verdict.rawValue
    standing = row.isRegression || row.error != nil ? "bad" : row.verdict == .faster ? "good" : "doubtful"
    let (old, new) = (row.before.allocations, row.after.allocations)
    func text(_ count: Int?) -> String { count.map(Figures.count) ?? "-" }
    allocations = old == new ? text(old) : "\(text(old)) to \(text(new))"
  }
}
