import TDXMemory

/// What the hosts of a fleet come to. All sums are those of the columns of their rows, so that a query over the rows
/// finds the same.
///
/// Memory: one entry for each group of hosts, whatever their number. The order in which hosts come changes nothing but
/// which of a group is named.
public struct FleetSummary: Sendable {
  /// The hosts of which all figures are the same.
  public struct Group: Sendable {
    public var figures: HostFigures
    public var hosts: UInt64
    /// The one that came first.
    public var example: String
  }

  /// How many hosts have something in common.
  public struct Count: Hashable, Sendable {
    public var hosts: UInt64
    public var outcome: String
    public var text: String
  }

  /// A few hosts that cannot be read, the first ones.
  public private(set) var unreadableExamples: [(host: String, message: String)] = []
  public private(set) var unreadable: UInt64 = 0
  private var readable: UInt64 = 0
  private var entries: [MachineGroup: Group] = [:]

  public init() {}

  private static let mostExamples = 5

  public mutating func add(_ row: HostRow) {
    switch row.result {
    case .failure(let error):
      unreadable += 1
      if unreadableExamples.count < Self.mostExamples { unreadableExamples.append((row.host, error.message)) }
    case .success(let figures):
      readable += 1
      entries[figures.group, default: Group(figures: figures, hosts: 0, example: row.host)].hosts += 1
    }
  }

  // MARK: Hosts

  public var hosts: UInt64 { readable + unreadable }
  public var ok: UInt64 { sum { $0.comesUp ? 1 : 0 } }
  public var fails: UInt64 { sum { $0.comesUp ? 0 : 1 } }

  /// The groups, those of most hosts first.
  public var groups: [Group] {
    entries.values.sorted {
      ($1.hosts, $0.figures.group.description) < ($0.hosts, $1.figures.group.description)
    }
  }

  /// Why hosts fail.
  public var byReason: [Count] { counts { $0.comesUp ? nil : $0.reason ?? $0.outcome } }
  /// The TDMRs in which hosts fail.
  public var byTDMR: [Count] { counts { $0.tdmr?.description } }
  /// What helps hosts that fail.
  public var byRemedy: [Count] { counts { $0.comesUp ? nil : $0.remedy } }

  // MARK: Costs

  public var pamtKiB: UInt64 { sum { $0.pamtKiB ?? 0 } }
  public var optimalPAMTKiB: UInt64 { sum { $0.optimalPAMTKiB ?? 0 } }
  public var dynamicPAMTKiB: UInt64 { sum { $0.dynamicPAMTKiB ?? 0 } }

  /// What the best plan would save, of the hosts that come up.
  public var optimalSavesKiB: UInt64 { saving(\.optimalPAMTKiB) }
  /// What Dynamic PAMT would save at boot, of the hosts that come up.
  public var dynamicSavesKiB: UInt64 { saving(\.dynamicPAMTKiB) }

  private func saving(_ other: KeyPath<HostFigures, UInt64?>) -> UInt64 {
    sum { figures in
      guard let today = figures.pamtKiB, let less = figures[keyPath: other], less < today else { return 0 }
      return today - less
    }
  }

  /// Over all hosts. Sums stay at 2^64 - 1: limits that no module has can bring them there.
  private func sum(_ value: (HostFigures) -> UInt64) -> UInt64 {
    entries.values.reduce(0) { sum, group in
      let (product, overflows) = value(group.figures).multipliedReportingOverflow(by: group.hosts)
      let (total, carries) = sum.addingReportingOverflow(product)
      return overflows || carries ? .max : total
    }
  }

  /// Those of most hosts first.
  private func counts(_ text: (HostFigures) -> String?) -> [Count] {
    struct Key: Hashable { var outcome, text: String }
    var counts: [Key: UInt64] = [:]
    for group in entries.values {
      guard let text = text(group.figures) else { continue }
      counts[Key(outcome: group.figures.outcome, text: text), default: 0] += group.hosts
    }
    return counts.map { Count(hosts: $1, outcome: $0.outcome, text: $0.text) }
      .sorted { ($1.hosts, $0.text, $0.outcome) < ($0.hosts, $1.text, $1.outcome) }
  }
}
