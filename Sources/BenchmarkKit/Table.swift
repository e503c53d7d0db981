import TerminalText

extension Report {
  /// The rows as plain text, without colour: a head, a line for each workload, a legend, and below them the series with
  /// their complexities, what is wrong, and the warnings.
  ///
  /// At most 80 columns wide, with the instructions where they were counted; with `isWide` also bytes per second, the
  /// bounds of the time, the other ratios and the number of samples.
  ///
  /// Names stand whole: where some are too long, under the part that they share.
  ///
  /// - Parameters:
  ///   - items: what the items of the workloads are, in the plural: `regions`.
  ///   - width: the columns that there are; with `isWide` names take what they need.
  public func table(items: String, isWide: Bool = false, width: Int = screenWidth) -> String {
    let rows = rows.filter(\.wasReached)
    let isCounted = rows.contains { $0.instructions != nil }
    let columns = Column.all + (isWide ? Column.wide : isCounted ? [.instructions] : [])
    let room = isCounted && !isWide ? Column.longestNameBesideInstructions : Column.longestName
    let widest = isWide ? rows.map(\.name.count).max() ?? room : max(room, room + width - screenWidth)
    var table = TextTable(
      [.init("workload", .left, widest: widest, isWhole: true)]
        + columns.map { .init($0.head, narrowest: $0.width) }
    )
    for group in GroupedNames(rows.map(\.name), width: widest).groups {
      if let head = group.head { table.append(line: head) }
      for (index, name) in group.rows { table.append([name] + columns.map { $0.cell(rows[index]) }) }
    }
    var text =
      rows.isEmpty && !isComplete
      ? "" : table.text + "\n" + paragraph(Column.legend(items: items, isCounted: isCounted))
    // Of what an interruption left of a series nothing can be said.
    for sweep in sweeps where isComplete { text += "\n" + sweep.summary }
    for (name, reason) in failures { text += "\n" + paragraph("wrong: \(name): \(reason)") }
    if let gap { text += "\n" + paragraph(gap) }
    for warning in warnings { text += "\n" + paragraph("warning: \(warning)") }
    return text
  }
}

extension Report {
  /// What an interruption left out, in a sentence; nil where there was none.
  package var gap: String? {
    guard !isComplete else { return nil }
    let missing = rows.count { !$0.wasReached }
    let names = missing == 1 ? "1 workload was" : "\(missing) workloads were"
    return "incomplete: interrupted before the end" + (missing == 0 ? "" : "; \(names) not reached")
  }
}

extension Row {
  /// Whether there is anything to say of it.
  package var wasReached: Bool {
    if case .notReached = outcome { false } else { true }
  }
}

/// A column of figures.
private struct Column {
  let head: String
  /// The widest that any of its figures comes out, so that the columns of two runs stand at the same place.
  let width: Int
  let cell: (Row) -> String

  /// The longest name that leaves room for the figures in 80 columns.
  static let longestName = 34
  static let longestNameBesideInstructions = longestName - 2 - instructions.width

  static func legend(items: String, isCounted: Bool) -> String {
    """
    time: the median per call; +-: median absolute deviation; items: \(items); C, copy: time over that of the C \
    reference and of memcpy of the same bytes in the same rounds, below 1 is faster; allocs: per call, ~ if not the \
    same each time\(isCounted ? "; instr: instructions of a call, as valgrind counts them" : "").
    """
  }

  static var all: [Column] {
    [
      Column(head: "time", width: 7) { row in
        switch row.outcome {
        case .measured(let measurement): (measurement.times?.median).map(Figures.time) ?? "-"
        case .wrong: "wrong"
        case .notReached: "-"
        }
      },
      measured("+-", width: 4) { $0.relativeSpread.map(Figures.percent) },
      Column(head: "items/s", width: 7) { rate($0, $0.workload.itemsPerCall) },
      ratio("C", .reference),
      ratio("copy", .memcpy),
      measured("allocs", width: 6) { allocations($0.allocations) },
    ]
  }

  static var wide: [Column] {
    [
      Column(head: "bytes/s", width: 7) { rate($0, $0.workload.bytesPerCall, unit: "B") },
      measured("low", width: 7) { ($0.nanosecondsPerCall?.low).map(Figures.time) },
      measured("high", width: 7) { ($0.nanosecondsPerCall?.high).map(Figures.time) },
      measured("p99", width: 7) { ($0.times?.percentile(0.99)).map(Figures.time) },
      ratio("sum", .sum),
      ratio("memchr", .memchr),
      measured("samples", width: 7) { "\($0.batches.count)" },
      measured("outliers", width: 8) { $0.times.map { "\($0.outlierCount)" } },
      instructions,
    ]
  }

  static var instructions: Column {
    Column(head: "instr", width: 6) { $0.instructions.map { Figures.rate(Double($0)) } ?? "-" }
  }

  private static func measured(_ head: String, width: Int, _ figure: @escaping (Measurement) -> String?)
    -> Column
  {
    Column(head: head, width: width) { $0.outcome.measurement.flatMap(figure) ?? "-" }
  }

  private static func ratio(_ head: String, _ peer: PeerKind) -> Column {
    Column(head: head, width: max(5, head.count)) {
      $0.ratio(to: peer).map { Figures.ratio($0.value) } ?? "-"
    }
  }

  private static func rate(_ row: Row, _ amount: Int, unit: String = "") -> String {
    (row.outcome.measurement?.perSecond(amount)).map { Figures.rate($0, unit: unit) } ?? "-"
  }

  private static func allocations(_ allocations: Allocations) -> String {
    switch allocations {
    case .exact(let counts): Figures.count(counts.allocations)
    case .unsteady(let counts): "~" + Figures.count(counts.allocations)
    case .unavailable: "n/a"
    }
  }
}
