import BenchmarkKit
import BenchmarkRecords
import Foundation
import Testing

@Suite("summaries of records") struct SummaryTests {
  @Test("a workload of a record. Expect the figures that the samples give")
  func load() throws {
    try withFolder { folder in
      let report = Report(rows: [
        row("construct/a,b", ratios: [ratio(.memcpy, "memcpy/a", 8)], instructions: 9763), row("construct/a"),
      ])
      let path = try RecordFolder(folder).write(
        try Record(report, machine: .example, build: .example, run: .example),
        of: report,
        items: "regions"
      )
      let summary = try #require(try RecordSummary.load(path, workload: "construct/a,b"))
      #expect(summary.record == "2026-03-01.1-intel-xeon-2.80ghz")
      #expect(summary.time == 86.2 && summary.ratios == [.memcpy: 8])
      #expect(summary.allocations == 2 && summary.instructions == 9763)
      #expect(
        summary.commit == "0123456789abcdef" && summary.machine.processor == MachineFacts.example.processor
      )
      #expect(try RecordSummary.load(path, workload: "construct/a")?.ratios == [:])
      for name in ["construct", "name", ""] { #expect(try RecordSummary.load(path, workload: name) == nil) }
      #expect(try RecordSummary.workloads(path) == ["construct/a,b", "construct/a"])
    }
  }

  @Test("summaries that are cut off, empty or gone. Expect an error that names the file, and no trap")
  func spoiled() throws {
    try withFolder { folder in
      let report = Report(rows: [row("a")])
      let record = try Record(report, machine: .example, build: .example, run: .example)
      let path = try RecordFolder(folder).write(record, of: report, items: "regions")
      let file = "\(path)/summary.csv"
      let text = try String(contentsOfFile: file, encoding: .utf8)
      for length in 0..<text.utf8.count {
        try String(decoding: text.utf8.prefix(length), as: UTF8.self)
          .write(toFile: file, atomically: false, encoding: .utf8)
        do {
          _ = try RecordSummary.load(path, workload: "a")
        } catch let error as RecordError {
          #expect(error.description.hasPrefix(file))
        }
      }
      try FileManager.default.removeItem(atPath: file)
      #expect(throws: RecordError.self) { try RecordSummary.load(path, workload: "a") }
    }
  }
}
