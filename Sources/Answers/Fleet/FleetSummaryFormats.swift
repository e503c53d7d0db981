import JSON
import Questions

extension FleetSummary {
  /// The groups as rows of CSV, with a head: those of most hosts first.
  public var groupsCSV: String {
    "group,hosts,outcome,reason,remedy\n"
      + groups.map { group in
        let figures = group.figures
        return CSVRow.text([
          figures.group.description, "\(group.hosts)", figures.outcome, figures.reason ?? "",
          figures.remedy ?? "",
        ])
      }.joined()
  }
}

extension JSONWriter {
  /// The sums of a fleet as an object and a newline. `by_reason` has the number of hosts for each reason.
  public mutating func appendFleetSummary(_ summary: FleetSummary) {
    append("{")
    appendMember("hosts", known: summary.hosts)
    appendMember("ok", known: summary.ok)
    appendMember("fails", known: summary.fails)
    appendMember("unreadable", known: summary.unreadable)
    appendName("by_reason")
    append("{")
    // A reason goes with one outcome, or with several of a log's: then their hosts are added.
    var hosts: [String: UInt64] = [:]
    for count in summary.byReason { hosts[count.text, default: 0] += count.hosts }
    let reasons = hosts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    for (index, reason) in reasons.enumerated() {
      if index > 0 { append(",") }
      appendString(reason.key)
      append(":")
      append(reason.value)
    }
    append("}")
    appendMember("pamt_kib", known: summary.pamtKiB)
    appendMember("optimal_pamt_kib", known: summary.optimalPAMTKiB)
    appendMember("dynamic_pamt_kib", known: summary.dynamicPAMTKiB)
    appendMember("groups", summary.groups.count)
    append("}\n")
  }
}
