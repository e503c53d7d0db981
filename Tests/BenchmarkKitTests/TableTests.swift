import BenchmarkKit
import Testing

/// A row of `name` in which a batch of `calls` calls took `nanoseconds`.
private func row(
  _ name: String,
  _ nanoseconds: UInt64...,
  calls: Int = 1,
  items: Int = 8,
  bytes: Int = 192,
  allocations: Allocations = .unavailable
) -> Row {
  let workload = Workload(name, why: "To be printed.", itemsPerCall: items, bytesPerCall: bytes) {
    Subject(run: { _ in }, check: { nil })
  }
  let measurement = Measurement(callsPerBatch: calls, batches: nanoseconds, allocations: allocations)
  return Row(workload: workload, outcome: .measured(measurement))
}

private func counted(_ allocations: Int) -> AllocationCounts {
  AllocationCounts(allocations: allocations, frees: 0, bytes: 0)
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
      allocations: .exact(counted(0))
    )
    let report = Report(rows: [
      sound,
      row("parse/dmesg", 4_700_000, 5_000_000, 6_000_000, allocations: .unsteady(counted(12))),
      row("validate", 10),
      Row(workload: sound.workload, outcome: .wrong("expected 5 TDMRs, got 4")),
    ])
    #expect(
      report.table(items: "regions") == """
        workload                        per call     +-  regions/s  bytes/s  allocs
        construct/linux/server-2s-1tib   86.2 ns   0.1%     92.8 M  2.23 GB       0
        parse/dmesg                      5.00 ms   6.0%     1.60 k  38.4 kB     ~12
        validate                         10.0 ns   0.0%      800 M  19.2 GB     n/a
        construct/linux/server-2s-1tib     wrong      -          -        -       -
        wrong: construct/linux/server-2s-1tib: expected 5 TDMRs, got 4

        """
    )
  }

  @Test("names and figures as wide as they come. Expect 80 columns, and every line as long as the others")
  func width() {
    let name = "construct/linux-cmr/fragmented-64tib-10-million-regions/first-fit"
    var rows: [Row] = []
    for time in [0, 1, 9, 99, 995, 999, 1000, 9_995, 99_950, 999_499, 999_500, 59_999_999_999] as [UInt64] {
      for amount in [0, 1, 1_000_000, 1 << 50] {
        for allocations in [.unavailable, .exact(counted(123_456)), .unsteady(counted(99_999))]
          as [Allocations]
        {
          rows.append(row(name, time, 3 * time, items: amount, bytes: amount, allocations: allocations))
        }
      }
    }
    let lines = Report(rows: rows).table(items: "regions").split(separator: "\n")
    #expect(lines.count == rows.count + 1)
    #expect(lines.allSatisfy { $0.count <= 80 && $0.count == lines[0].count })
    #expect(lines[1].hasPrefix("construct/linux-…regions/first-fit"))
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
      lines.dropFirst(2).joined(separator: " ").split(separator: " ").suffix(40).joined(separator: " ")
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
