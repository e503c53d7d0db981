import Fleets
import Foundation
import Questions
import SystemIO
import TDXMemory
import TestSupport
import Testing

/// Fleets in this process, on several threads: what the thread sanitizer looks at.
@Suite struct FleetThreadTests {
  /// Captured logs, each a file of a folder, and 300 requests of the vectors. Expect on 1, 2 and 5 threads the same rows in
  /// the same order, and the same groups.
  @Test func manyThreadsTellWhatOneTells() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "fleet-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let logs = folder.appending(path: "logs")
    try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
    for log in try Log.all() { try Data(log.bytes).write(to: logs.appending(path: log.name)) }
    let stream = folder.appending(path: "hosts.jsonl")
    let lines = try String(contentsOf: vectorFile("linux"), encoding: .utf8).split(separator: "\n")
    try lines.prefix(300).joined(separator: "\n").write(to: stream, atomically: true, encoding: .utf8)

    let expected = try rows([logs.path, stream.path], threads: 1)
    #expect(expected.rows.count == 314)
    for threads in [2, 5] {
      let found = try rows([logs.path, stream.path], threads: threads)
      #expect(found.rows == expected.rows, "\(threads) threads")
      #expect(found.groups == expected.groups, "\(threads) threads")
    }
  }

  private func rows(_ inputs: [String], threads: Int) throws -> (rows: [String], groups: Int) {
    let fleet = Fleet(inputs, AdviceQuestion(options: PlanOptions(), keyIDBits: nil))
    var rows: [String] = []
    let summary = try fleet.read(
      threads: threads,
      show: { (row) throws(SystemError) in rows.append("\(row)") },
      tell: { _ in }
    )
    return (rows, summary.groups.count)
  }
}
