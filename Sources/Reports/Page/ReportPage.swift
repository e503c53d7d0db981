import Mustache

/// A page about machines and records: one file that asks for nothing else.
public struct ReportPage {
  /// An input that could not be read, and why.
  public struct Omission: Sendable {
    public var name: String
    public var why: String

    public init(name: String, why: String) {
      self.name = name
      self.why = why
    }
  }

  public var machines: [MachineReport]
  public var records: RecordReport?
  public var omissions: [Omission]

  public init(machines: [MachineReport], records: RecordReport?, omissions: [Omission]) {
    self.machines = machines
    self.records = records
    self.omissions = omissions
  }

  /// The page as HTML.
  ///
  /// - Complexity: a few KiB a TDMR, a KiB a workload.
  public var html: String { Templates.render("page", PageValues(self)) }
}

/// What the template of the page sees.
struct PageValues {
  let title: String
  let summary: String
  let machines: [MachineValues]
  let hasMachines: Bool
  let hasSeveralMachines: Bool
  let hasRecords: Bool
  let recordPages: [RecordValues]
  let omissions: [ReportPage.Omission]
  let hasOmissions: Bool

  init(_ page: ReportPage) {
    machines = page.machines.enumerated().map { MachineValues($1, number: $0 + 1) }
    hasMachines = !machines.isEmpty
    hasSeveralMachines = machines.count > 1
    recordPages = page.records.map { [RecordValues($0)] } ?? []
    hasRecords = !recordPages.isEmpty
    omissions = page.omissions
    hasOmissions = !omissions.isEmpty
    let records = page.records?.records.count ?? 0
    var parts: [String] = []
    if hasMachines { parts.append("\(machines.count) machine\(machines.count == 1 ? "" : "s")") }
    if records > 0 { parts.append("\(records) record\(records == 1 ? "" : "s") of benchmarks") }
    let failing = page.machines.count { $0.standing == .bad }
    title =
      machines.count == 1 && records == 0
      ? "TDX on \(machines[0].name)" : "TDX memory and its planner: a report"
    summary =
      parts.joined(separator: " and ")
      + (hasMachines ? "; TDX does not come up on \(failing) of \(machines.count)" : "") + "."
  }
}
