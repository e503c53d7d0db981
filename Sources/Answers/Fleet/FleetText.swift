import Questions
import TDXMemory
import TerminalText

/// What `tdxbench fleet` tells a person: who fails, why, what cures most of them, and what all of it costs.
public struct FleetText {
  private let summary: FleetSummary
  private let groups: [FleetSummary.Group]
  private let limits: ModuleLimits
  private let style: Style

  /// - Parameter limits: of the module, which machines are near to or not.
  public init(_ summary: FleetSummary, limits: ModuleLimits, style: Style) {
    self.summary = summary
    self.limits = limits
    self.style = style
    groups = summary.groups
  }

  public func render() -> String {
    [hosts(), reasons(), layouts(), remedies(), costs(), nearest(), unreadable()].filter { !$0.isEmpty }
      .joined(separator: "\n")
  }

  /// The most rows of a table, and the most remedies.
  private static let mostRows = 8

  private func hosts() -> String {
    let parts = [
      style.paint("\(summary.ok) come up", .green),
      summary.fails > 0 ? style.paint("\(summary.fails) fail", .red) : "none fails",
      summary.unreadable > 0 ? style.paint("\(summary.unreadable) cannot be read", .yellow) : "",
    ].filter { !$0.isEmpty }
    return labelled(
      "Hosts",
      "\(summary.hosts), of \(counted(groups.count, "layout")): \(parts.joined(separator: ", "))"
    )
  }

  // MARK: Who fails

  private func reasons() -> String {
    let reasons = summary.byReason
    guard !reasons.isEmpty else { return "" }
    var table = TextTable([
      .init("hosts"), .init("outcome", .left), .init("reason", .left, widest: 60),
    ])
    for count in reasons.prefix(Self.mostRows) {
      table.append(["\(count.hosts)", count.outcome, fitForTerminal(count.text)])
    }
    var text = table.text(style) + more(reasons.count, "reasons")
    let tdmrs = summary.byTDMR
    if !tdmrs.isEmpty {
      let listed = tdmrs.prefix(4).map { "\($0.hosts) in \($0.text)" }.joined(separator: ", ")
      text += labelled("TDMRs", listed + (tdmrs.count > 4 ? ", and in \(tdmrs.count - 4) more" : ""))
    }
    return text
  }

  private func layouts() -> String {
    let failing = groups.filter { !$0.figures.comesUp }
    guard !failing.isEmpty else { return "" }
    var table = TextTable([
      .init("hosts"), .init("layout that fails", .left), .init("outcome", .left),
      .init("reason", .left, widest: 24), .init("such as", .left, widest: 19),
    ])
    for group in failing.prefix(Self.mostRows) {
      table.append([
        "\(group.hosts)", group.figures.group.description, group.figures.outcome,
        fitForTerminal(group.figures.reason ?? ""), fitForTerminal(group.example),
      ])
    }
    return table.text(style) + more(failing.count, "layouts")
  }

  private func more(_ count: Int, _ things: String) -> String {
    count > Self.mostRows ? "and \(count - Self.mostRows) more \(things): --output DIR has all\n" : ""
  }

  // MARK: What helps

  private func remedies() -> String {
    guard summary.fails > 0 else { return "" }
    let remedies = summary.byRemedy
    var text = ""
    for count in remedies.prefix(Self.mostRows) {
      let isParameter = count.text.hasPrefix("memmap=")
      let what = isParameter ? "kernel parameters" : fitForTerminal(count.text)
      text += labelled("Remedy", "for \(counted(Int(clamping: count.hosts), "host")): \(what)")
      if isParameter { text += wrapped(count.text, to: screenWidth - 2).map { "  \($0)\n" }.joined() }
    }
    text += more(remedies.count, "remedies")
    let cured = remedies.reduce(0) { $0 + $1.hosts }
    if cured < summary.fails {
      let rest = Int(clamping: summary.fails - cured)
      text += labelled(
        "Remedy",
        "for \(counted(rest, "host")): none is known that kernel parameters could say; `tdxbench advise` tells why"
      )
    }
    return text
  }

  // MARK: What it costs

  private func costs() -> String {
    guard summary.ok > 0 else { return "" }
    func size(_ kib: UInt64) -> String { ByteCount(kib > .max >> 10 ? .max : kib << 10).description }
    return labelled(
      "PAMT",
      "\(size(summary.pamtKiB)) on the hosts that come up; Dynamic PAMT would save \(size(summary.dynamicSavesKiB)) of "
        + "it at boot, the best layout (policy optimal) \(size(summary.optimalSavesKiB))"
    )
  }

  // MARK: Who is next

  /// The layouts that come up and have the fewest areas or TDMRs to spare.
  private func nearest() -> String {
    func share(_ figures: HostFigures) -> Double {
      max(
        Double(figures.mostAreas ?? 0) / Double(max(limits.maxReserved, 1)),
        Double(figures.tdmrs ?? 0) / Double(max(limits.maxTDMRs, 1))
      )
    }
    let near = groups.filter { $0.figures.comesUp && share($0.figures) >= 0.5 }
      .map { (share($0.figures), $0) }
      // Of equal shares the one of most hosts comes first: they are in this order.
      .enumerated().sorted { ($1.element.0, $0.offset) < ($0.element.0, $1.offset) }.map(\.element.1)
    guard !near.isEmpty else { return "" }
    var table = TextTable([
      .init("hosts"), .init("near a limit", .left), .init("areas"), .init("TDMRs"),
      .init("such as", .left, widest: 30),
    ])
    for group in near.prefix(5) {
      table.append([
        "\(group.hosts)", group.figures.group.description,
        "\(group.figures.mostAreas ?? 0)/\(limits.maxReserved)",
        "\(group.figures.tdmrs ?? 0)/\(limits.maxTDMRs)",
        fitForTerminal(group.example),
      ])
    }
    return table.text(style)
  }

  // MARK: Who cannot be read

  private func unreadable() -> String {
    summary.unreadableExamples.map { host, message in
      // Most messages begin with the file, which is the host.
      labelled(
        "Unread",
        fitForTerminal(message.hasPrefix(host) ? message : "\(host): \(message)", limit: 300)
      )
    }.joined()
      + (summary.unreadable > UInt64(summary.unreadableExamples.count)
        ? labelled("", "and \(summary.unreadable - UInt64(summary.unreadableExamples.count)) more") : "")
  }
}
