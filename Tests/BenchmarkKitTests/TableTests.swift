import BenchmarkKit
import Testing

/// A row of `name` in which a batch of `calls` calls took `nanoseconds`.
private func row(
  _ name: String,
  _ nanoseconds: UInt64...,
  calls: Int = 1,
  items: Int = 8,
  bytes: Int = 192,
  sweep: SweepPoint? = nil,
  ratios: [(PeerKind, Double)] = [],
  allocations: Allocations = .unavailable
) -> Row {
  let workload = Workload(
    name,
    why: "To be printed.",
    itemsPerCall: items,
    bytesPerCall: bytes,
    sweep: sweep
  ) {
    Subject(run: { _ in }, check: { nil })
  }
  let measurement = Measurement(callsPerBatch: calls, batches: nanoseconds, allocations: allocations)
  return Row(
    workload: workload,
    outcome: .measured(measurement),
    ratios: ratios.map { Ratio(peer: $0, name: "", estimate: Estimate(value: $1, low: $1, high: $1)) }
  )
}

private func counted(_ allocations: Int) -> AllocationCounts {
  AllocationCounts(allocations: allocations, frees: 0, bytes: 0, peakBytes: 0)
}

@Suite struct TableTests {
  @Test("one row of each kind")
  func kinds() {
    let sound = row(
      "construct/linux/server-2s-1tib",
      861,
      862,
      863,
      calls: 10,
      ratios: [(.reference, 0.241), (.memcpy, 17.26)],
      allocations: .exact(counted(0))
    )
    let report = Report(
      rows: [
        sound,
        row("parse/dmesg", 4_700_000, 5_000_000, 6_000_000, allocations: .unsteady(counted(12))),
        row("validate", 10),
        Row(workload: sound.workload, threads: 2, outcome: .notReached),
        Row(workload: sound.workload, outcome: .wrong("expected 5 TDMRs, got 4")),
      ],
      peers: [PeerRow(kind: .sum, name: "sum/192", group: nil, outcome: .wrong("the sum is 1, not 2"))],
      warnings: ["It is late. Go home."],
      isComplete: false
    )
    #expect(
      report.table(items: "regions") == """
        workload                           time    +-  items/s      C   copy  allocs
        construct/linux/server-2s-1tib  86.2 ns  0.1%   92.8 M  0.24x  17.3x       0
        parse/dmesg                     5.00 ms  6.0%   1.60 k      -      -     ~12
        validate                        10.0 ns  0.0%    800 M      -      -     n/a
        construct/linux/server-2s-1tib    wrong     -        -      -      -       -

        time: the median per call; +-: median absolute deviation; items: regions; C,
          copy: time over that of the C reference and of memcpy of the same bytes in the
          same rounds, below 1 is faster; allocs: per call, ~ if not the same each time.

        wrong: construct/linux/server-2s-1tib: expected 5 TDMRs, got 4

        wrong: sum/192: the sum is 1, not 2

        incomplete: interrupted before the end; 1 workload was not reached

        warning: It is late. Go home.

        """
    )
  }

  @Test(
    "instructions that were counted. Expect a column for them in 80 columns, and a longer name above its row"
  )
  func instructions() {
    let name = "construct/linux-cmr/fragmented-64tib-10-million-regions/first-fit"
    var counted = row(name, 5)
    counted.instructions = 1_134
    let table = Report(rows: [counted, row("a", 1)]).table(items: "regions")
    let lines = table.split(separator: "\n")
    #expect(lines[0].hasSuffix("allocs   instr"))
    #expect(lines[1] == name)
    #expect(lines[2].hasSuffix("  1.13 k"))
    #expect(lines[3].hasPrefix("a ") && lines[3].hasSuffix("       -"))
    #expect(lines[..<4].allSatisfy { $0.count <= 80 })
    #expect(table.contains("as valgrind counts them"))
    #expect(!Report(rows: [row("a", 1)]).table(items: "regions").contains("instr"))
  }

  @Test("a series of four sizes, given in any order. Expect them by size, and the complexity that fits")
  func series() {
    let report = Report(
      rows: [(1000, 20_000), (10, 210), (100, 1900), (10_000, 200_000)].map { size, time in
        row("construct/\(size)", UInt64(time), items: size, sweep: SweepPoint("construct", size: size))
      }
    )
    let table = report.table(items: "regions")
    #expect(
      table.contains(
        """

        construct, by size:
                  10    210 ns   21.0 ns each
                 100   1.90 us   19.0 ns each
                1000   20.0 us   20.0 ns each
               10000    200 us   20.0 ns each
        O(n) within 3.6%; not O(n log n) 71%, O(1) >10x, O(n^2) >10x; time grows as
          n^1.00

        """
      ),
      "\(table)"
    )
  }

  @Test("two sizes. Expect them without a complexity")
  func shortSeries() {
    let rows = [10, 100].map { row("a\($0)", 5, sweep: SweepPoint("a", size: $0)) }
    #expect(Report(rows: rows).table(items: "items").contains("too few sizes"))
  }

  @Test("names and figures as wide as they come. Expect at most 80 columns, and names whole")
  func width() {
    let name = "construct/linux-cmr/fragmented-64tib-10-million-regions/first-fit"
    var rows: [Row] = []
    for time in [0, 1, 9, 99, 995, 999, 1000, 9_995, 99_950, 999_499, 999_500, 59_999_999_999] as [UInt64] {
      for amount in [0, 1, 1_000_000, 1 << 50] {
        for (allocations, ratio) in [
          (.unavailable, 0), (.exact(counted(123_456)), 9999.4), (.unsteady(counted(99_999)), 1e300),
        ] as [(Allocations, Double)] {
          rows.append(
            row(
              name,
              time,
              3 * time,
              1000 * time,
              items: amount,
              bytes: amount,
              ratios: PeerKind.allCases.map { ($0, ratio) },
              allocations: allocations
            )
          )
        }
      }
    }
    for isWide in [false, true] {
      let table = Report(rows: rows).table(items: "regions", isWide: isWide)
      let lines = table.split(separator: "\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }
      // The head; and where there is no room for names, what they share, and each above its row.
      #expect(lines.count == (isWide ? rows.count + 1 : 2 * rows.count + 2))
      #expect(lines.allSatisfy { isWide ? $0.count == lines[0].count : $0.count <= 80 })
      #expect(lines[1].hasPrefix(isWide ? name : "construct/linux-cmr"))
    }
  }

  @Test("a long complaint. Expect it whole, in lines of at most 80 columns")
  func wrapping() {
    let complaint = (1...40).map { "word\($0)" }.joined(separator: " ")
    let table = Report(rows: [Row(workload: row("a", 1).workload, outcome: .wrong(complaint))]).table(
      items: "items"
    )
    let lines = table.split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(
      lines.joined(separator: " ").split(separator: " ").suffix(40).joined(separator: " ")
        == complaint
    )
  }

  /// Figures are rounded to three digits before their unit is chosen, so no `1000 ns` appears.
  @Test(
    "times in three digits",
    arguments: [
      (0, "0.00 ns"), (12, "1.20 ns"), (99, "9.90 ns"), (100, "10.0 ns"), (9994, "999 ns"), (9995, "1.00 us"),
      (99_949, "9.99 us"), (99_950, "10.0 us"), (999_500, "100 us"), (10_000_000, "1.00 ms"),
      (600_000_000_000, "60.0 s"),
    ] as [(UInt64, String)]
  )
  func times(tenthsOfNanoseconds: UInt64, text: String) {
    let table = Report(rows: [row("a", tenthsOfNanoseconds, calls: 10)]).table(items: "regions")
    let cells = table.split(separator: "\n")[1].split(separator: " ")
    #expect(cells[1...2].joined(separator: " ") == text)
  }
}
