import BenchmarkKit
import BenchmarkRecords
import Foundation
import Testing

@Suite("records") struct RecordTests {
  static let peer = PeerRow(
    kind: .memcpy,
    name: "memcpy/a",
    group: nil,
    outcome: .measured(Measurement(callsPerBatch: 5, batches: [50, 55, 60], allocations: .unavailable))
  )
  static let report = Report(
    rows: [
      row("construct/a", [861, 862, 863], ratios: [ratio(.memcpy, "memcpy/a", 8)], instructions: 9763),
      row("parse/b", [5, 6], calls: 1, threads: 2, allocations: .unavailable),
    ],
    peers: [peer],
    warnings: [nasty],
    clockGrain: 20
  )

  func record(_ report: Report = Self.report) throws -> Record {
    try Record(report, machine: .example, build: .example, run: .example)
  }

  func write(to folder: String, _ report: Report = Self.report) throws -> String {
    try RecordFolder(folder).write(try record(report), of: report, items: "regions")
  }

  @Test("a record written and read. Expect it back, and every statistic from it")
  func roundTrip() throws {
    try withFolder { folder in
      let path = try write(to: folder + "/results/deeper")
      #expect(path == folder + "/results/deeper/2026-03-01.1-intel-xeon-2.80ghz")
      var expected = try record()
      expected.name = "2026-03-01.1-intel-xeon-2.80ghz"
      let loaded = try Record.load(path)
      #expect(loaded == expected)
      let first = loaded.samples.workloads[0]
      #expect(first.measurement.nanosecondsPerCall?.value == 86.2)
      #expect(first.measurement.allocations == Self.report.rows[0].outcome.measurement?.allocations)
      // 86.1 / 10, 86.2 / 11, 86.3 / 12: the median is the second.
      let ratio = try #require(loaded.samples.ratio(of: first, to: .memcpy))
      #expect(abs(ratio.value - 86.2 / 11) < 1e-12)
      #expect(loaded.samples.ratio(of: first, to: .reference) == nil)
      #expect(loaded.samples.workloads[1].name == "parse/b/threads:2")
      let files = try FileManager.default.contentsOfDirectory(atPath: path)
      #expect(files.sorted() == ["README.md", "machine.json", "samples.json", "summary.csv", "summary.json"])
      let readme = try String(contentsOfFile: path + "/README.md", encoding: .utf8)
      #expect(readme.contains("`tdxbench run --json y.json`"))
      #expect(readme.contains("| `construct/a` | 86.2 ns |"))
      #expect(readme.contains("| commit | 0123456789abcdef |"))
    }
  }

  @Test("several records a day. Expect that their numbers count up, and that none is written over")
  func numbers() throws {
    try withFolder { folder in
      for number in 1...12 { #expect(try write(to: folder).contains("/2026-03-01.\(number)-")) }
      // What is no record does not count; what is there is left alone.
      for name in ["2026-03-01.x-y", "2026-03-01", "2025-03-01.99-x", "README.md", "2026-03-01.40-other"] {
        try FileManager.default.createDirectory(
          atPath: "\(folder)/\(name)",
          withIntermediateDirectories: true
        )
      }
      try "not a folder".write(toFile: "\(folder)/2026-03-01.41-file", atomically: true, encoding: .utf8)
      #expect(try write(to: folder).contains("/2026-03-01.42-"))
      let names = try RecordFolder(folder).names()
      #expect(names.count == 16)
      #expect(names.first == "2025-03-01.99-x" && names[2].hasPrefix("2026-03-01.2-"))
      #expect(names.last?.hasPrefix("2026-03-01.42-") == true)
    }
  }

  @Test("recorders at the same time. Expect a record of each")
  func concurrent() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tdxbench-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<40 { group.addTask { try write(to: folder) } }
      var paths = Set<String>()
      for try await path in group { paths.insert(path) }
      #expect(paths.count == 40)
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(names.count == 40)
    for name in names { _ = try Record.load("\(folder)/\(name)") }
  }

  @Test("a run that is wrong, interrupted or empty. Expect that it is not kept, and why")
  func refused() {
    let interrupted = Report(rows: [row("a")], isComplete: false)
    let unreached = Report(rows: [Row(workload: workload("a"), outcome: .notReached)])
    for (report, reason) in [
      (Report(rows: [row("a"), wrongRow("b", "5, not 4")]), "b is wrong: 5, not 4"),
      (interrupted, "the run was interrupted"), (unreached, "a: the run was interrupted before"),
      (Report(rows: []), "nothing was measured"), (Report(rows: [row("a", [])]), "a: no sample was taken"),
    ] {
      let error = #expect(throws: RecordError.self) { try record(report) }
      #expect(error?.kind == .notRecorded)
      #expect(error?.description == reason)
    }
  }

  @Test("what a killed recorder left. Expect that the next one removes it, and nothing else")
  func leftovers() throws {
    try withFolder { folder in
      try FileManager.default.createDirectory(
        atPath: "\(folder)/.tmp-dead",
        withIntermediateDirectories: true
      )
      try "half".write(toFile: "\(folder)/.tmp-dead/samples.json", atomically: false, encoding: .utf8)
      // One that another process is writing: it holds the lock.
      try FileManager.default.createDirectory(
        atPath: "\(folder)/.tmp-alive",
        withIntermediateDirectories: true
      )
      let alive = open("\(folder)/.tmp-alive", O_RDONLY | O_DIRECTORY)
      defer { close(alive) }
      #expect(flock(alive, LOCK_EX) == 0)
      _ = try write(to: folder)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      #expect(names == [".tmp-alive", "2026-03-01.1-intel-xeon-2.80ghz"])
    }
  }

  @Test("no such place. Expect an error that names it")
  func nowhere() throws {
    for place in ["/proc/nowhere", "/dev/null/x", ""] {
      #expect(throws: RecordError.self) { try write(to: place) }
    }
  }
}

@Suite("reading records") struct RecordLoadingTests {
  /// A sound record, one of whose files is then spoiled.
  func error(in file: String, _ spoil: (String) -> String?) throws -> RecordError? {
    try withFolder { folder in
      let report = RecordTests.report
      let record = try Record(report, machine: .example, build: .example, run: .example)
      let path = try RecordFolder(folder).write(record, of: report, items: "regions")
      let url = URL(fileURLWithPath: path).appendingPathComponent(file)
      if let text = spoil(try String(contentsOf: url, encoding: .utf8)) {
        try Data(text.utf8).write(to: url)
      } else {
        try FileManager.default.removeItem(at: url)
      }
      do {
        _ = try Record.load(path)
        return nil
      } catch let error as RecordError {
        return error
      }
    }
  }

  @Test(
    "a file missing",
    arguments: ["samples.json", "summary.json", "summary.csv", "machine.json", "README.md"]
  )
  func missing(file: String) throws {
    let error = try #require(try error(in: file) { _ in nil })
    #expect(error.kind == .notFound)
    #expect(error.description.contains(file))
  }

  @Test(
    "a figure that no run produces. Expect an error that says which",
    arguments: [
      ("\"format\": 1", "\"format\": 2", "format 2, expected 1"),
      ("\"calls_per_batch\": 10", "\"calls_per_batch\": 0", "construct/a: 0 calls in a batch"),
      ("\"calls_per_batch\": 5", "\"calls_per_batch\": -5", "memcpy/a: -5 calls in a batch"),
      ("\"threads\": 2", "\"threads\": 0", "parse/b/threads:2: 0 threads"),
      ("[861, 862, 863]", "[]", "construct/a: no samples"),
      ("[861, 862, 863]", "[861, -1]", "not JSON, or a number in it is no integer"),
      ("[861, 862, 863]", "[861, 1.5]", "not JSON, or a number in it is no integer"),
      ("[861, 862, 863]", "[861", "JSON"),
      ("\"frees\": 1", "\"frees\": -1", "construct/a: a negative count"),
      ("\"items_per_call\": 8", "\"items_per_call\": -8", "construct/a: a negative amount"),
      ("parse/b/threads:2", "construct/a", "two workloads are named construct/a"),
      ("\"kind\": \"memcpy\"", "\"kind\": \"memmove\"", "no kind of peer is called memmove"),
      ("\"timing\"", "\"tyming\"", "workloads.0.timing: missing"),
    ]
  )
  func figures(old: String, new: String, message: String) throws {
    let error = try #require(try error(in: "samples.json") { $0.replacing(old, with: new) })
    #expect(error.kind == .badData)
    #expect(error.description.contains(message), "\(error)")
  }

  @Test("every prefix of samples.json, as a torn file would be. Expect an error, never a trap")
  func torn() throws {
    try withFolder { folder in
      let report = RecordTests.report
      let record = try Record(report, machine: .example, build: .example, run: .example)
      let path = try RecordFolder(folder).write(record, of: report, items: "regions")
      let whole = Array(try Data(contentsOf: URL(fileURLWithPath: "\(path)/samples.json")))
      // Without the last two bytes, a brace and a line end, nothing is whole.
      for length in stride(from: 0, through: whole.count - 2, by: 7) {
        try Data(whole[..<length]).write(to: URL(fileURLWithPath: "\(path)/samples.json"))
        #expect(throws: RecordError.self) { try Record.load(path) }
      }
    }
  }

  @Test("no folder") func noFolder() {
    let error = #expect(throws: RecordError.self) { try Record.load("/nowhere") }
    #expect(error?.kind == .notFound)
  }
}
