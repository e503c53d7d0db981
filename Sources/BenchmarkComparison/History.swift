import BenchmarkKit
import BenchmarkRecords
import TerminalText

/// A workload over many records.
public struct History: Sendable {
  public let workload: String
  /// In the order of the records.
  public let records: [RecordSummary]
  public let rule: ChangePointRule
  /// The steps of each machine's series, by the index of the record.
  public private(set) var steps: [Int: ChangePoint] = [:]
  /// The machine of each record: equal numbers for like machines, in the order in which they first appear.
  public let machines: [Int]
  /// The records of each machine.
  private let series: [[Int]]
  /// What is followed: the ratio to this peer; the time itself where no peer is in every record.
  public let peer: PeerKind?

  /// - Parameter records: of the same workload, in order.
  public init(_ workload: String, _ records: [RecordSummary], rule: ChangePointRule = ChangePointRule()) {
    self.workload = workload
    self.records = records
    self.rule = rule
    peer = [PeerKind.reference, .memcpy].first { kind in records.allSatisfy { $0.ratios[kind] != nil } }
    var known: [AnyHashable: Int] = [:]
    var series: [[Int]] = []
    machines = records.indices.map { record in
      let machine = known[AnyHashable(records[record].machine.likeness), default: series.count]
      if machine == series.count {
        known[AnyHashable(records[record].machine.likeness)] = machine
        series.append([])
      }
      series[machine].append(record)
      return machine
    }
    self.series = series
    for indices in series {
      for point in rule.changePoints(in: indices.map { figure(records[$0]) }) {
        steps[indices[point.index]] = point
      }
    }
  }

  /// What is followed of a record.
  public func figure(_ record: RecordSummary) -> Double {
    peer.flatMap { record.ratios[$0] } ?? record.time
  }

  /// One line a record, then for each machine the series as a line, and what the steps are.
  ///
  /// - Parameter isUnicode: whether block characters may be used.
  public func text(isUnicode: Bool) -> String {
    var text = table.text
    for machine in series.indices {
      text += "\n" + line(of: machine, isUnicode: isUnicode)
    }
    text += "\n" + paragraph("What is followed is \(followed); \(rule.sentence)")
    return text
  }

  /// What is followed, in words.
  public var followed: String {
    switch peer {
    case .reference: "the time over that of the C reference"
    case let peer?: "the time over that of \(peer.rawValue)"
    case nil: "the time, because no peer is in every record"
    }
  }

  private var table: TextTable {
    var table = TextTable([
      .init("record", .left, widest: 14), .init("machine"),
      .init("commit", .left),
      .init("time"), .init("C"), .init("copy"), .init("allocs", widest: 7),
      .init("instr"), .init("", .left),
    ])
    for (index, record) in records.enumerated() {
      table.append([
        Self.dayAndNumber(record.record),
        "\(machines[index] + 1)", String((record.commit ?? "-").prefix(7)), Figures.time(record.time),
        record.ratios[.reference].map(Figures.ratio) ?? "-", record.ratios[.memcpy].map(Figures.ratio) ?? "-",
        record.allocations.map(Figures.count) ?? "-",
        record.instructions.map { Figures.rate(Double($0)) } ?? "-",
        steps[index].map(Self.mark) ?? "",
      ])
    }
    return table
  }

  /// `2026-03-01.2` of `2026-03-01.2-intel-xeon`; the machine has a column of its own.
  private static func dayAndNumber(_ record: String) -> String {
    guard let dot = record.firstIndex(of: "."), let dash = record[dot...].firstIndex(of: "-") else {
      return record
    }
    return String(record[..<dash])
  }

  private static func mark(_ step: ChangePoint) -> String {
    "< \(Figures.precise(step.ratio)) \(step.ratio > 1 ? "slower" : "faster")"
  }

  /// The series of a machine, with a mark below each step.
  private func line(of machine: Int, isUnicode: Bool) -> String {
    let indices = series[machine]
    let spark = Sparkline(indices.map { figure(records[$0]) }, width: 76, isUnicode: isUnicode)
    var marks = Array(repeating: Character(" "), count: spark.text.count)
    for (place, index) in indices.enumerated() where steps[index] != nil { marks[spark.columns[place]] = "^" }
    let markLine = String(marks).withoutTrailingBlanks
    let about = records[indices[0]].machine
    let title =
      "machine \(machine + 1): \(about.processor ?? about.architecture), \(about.logicalProcessors) processors"
    return paragraph(title) + "  \(spark.text)\n" + (markLine.isEmpty ? "" : "  \(markLine)\n")
  }
}
