import BenchmarkComparison
import BenchmarkKit
import BenchmarkRecords
import Foundation
import Glibc
import RandomNumbers
import Testing

/// The records of this package, from quiet hours and from busy ones.
private let recordFolders: [String] = {
  let results = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../results")
    .standardized
  let names = (try? FileManager.default.contentsOfDirectory(atPath: results.path)) ?? []
  return names.filter { $0.hasPrefix("20") }.sorted().map { results.appending(path: $0).path }
}()

/// The conditions of a run of the same code: what they do to its times.
private struct Conditions {
  /// What all times are multiplied by.
  var pace = 1.0
  /// The standard deviation of the logarithm of what each workload and each peer is multiplied by beside.
  var scatter = 0.0
  /// Likewise for each sample.
  var noise = 0.0
  /// What the workloads alone are multiplied by: the place of their process's stack.
  var place = 1.0
}

extension Record {
  /// A third of a record, of the samples of each row the first sixty: a debug build judges it soon.
  fileprivate static func part(of folder: String) throws -> Record {
    var record = try load(folder)
    let workloads = record.samples.workloads
    record.samples.workloads = workloads.indices.filter { $0.isMultiple(of: 3) }.map { workloads[$0] }
    for index in record.samples.workloads.indices {
      record.samples.workloads[index].timing.batches.removeLast(
        max(0, record.samples.workloads[index].timing.batches.count - 60)
      )
    }
    for index in record.samples.peers.indices {
      record.samples.peers[index].timing.batches.removeLast(
        max(0, record.samples.peers[index].timing.batches.count - 60)
      )
    }
    return record
  }

  /// The same code, measured under other conditions; with work planted in some rows.
  fileprivate func measuredAgain(
    _ conditions: Conditions,
    planted: [String: Double] = [:],
    seed: UInt64
  ) -> Record {
    var random = SplitMix64(seed: seed)
    /// About normal, with a standard deviation of 1.
    func normal() -> Double {
      (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &random) }
    }
    func change(_ timing: inout Samples.Timing, _ factor: Double) {
      let own = factor * conditions.pace * exp(conditions.scatter * normal())
      timing.batches = timing.batches.map {
        UInt64(max(1, Double($0) * own * exp(conditions.noise * normal())))
      }
    }
    var record = self
    for index in record.samples.workloads.indices {
      let name = record.samples.workloads[index].name
      change(&record.samples.workloads[index].timing, conditions.place * (planted[name] ?? 1))
    }
    for index in record.samples.peers.indices { change(&record.samples.peers[index].timing, 1) }
    return record
  }
}

@Suite("two records of the same code under other conditions") struct OtherConditionsTests {
  fileprivate static let conditions: [(String, Conditions)] = [
    ("as it was", Conditions()),
    ("a slow machine", Conditions(pace: 1.87, scatter: 0.01)),
    ("a fast one", Conditions(pace: 0.6, scatter: 0.01)),
    ("a busy one", Conditions(pace: 1.2, scatter: 0.02, noise: 0.1)),
    ("a very busy one", Conditions(pace: 1.4, scatter: 0.1, noise: 0.3)),
    ("an unlucky process", Conditions(scatter: 0.01, place: 1.09)),
    ("a lucky one", Conditions(scatter: 0.01, place: 0.9)),
  ]

  @Test(
    "each record of this package against itself under each, two seeds. Expect no alarm, and no list of unknowns"
  )
  func noAlarm() throws {
    #expect(recordFolders.count >= 3)
    for folder in recordFolders {
      let record = try Record.part(of: folder)
      for (name, conditions) in Self.conditions {
        for seed in 1...2 as ClosedRange<UInt64> {
          let comparison = Comparison(
            record,
            record.measuredAgain(conditions, seed: seed),
            rule: VerdictRule()
          )
          let told = comparison.rows.filter(\.verdict.isChange).map(\.name)
          #expect(told.isEmpty && comparison.isGood, "\(folder), \(name), \(seed): \(told)")
          #expect(comparison.table.split(separator: "\n").count < 30)
        }
      }
    }
  }

  @Test(
    "20 % planted in one row after the other, on a machine as it was, a slow and a fast one. Expect that row and no other"
  )
  func planted() throws {
    for folder in recordFolders {
      let record = try Record.part(of: folder)
      // A row whose own samples leave more open than that cannot be told by anyone.
      let steady = record.samples.workloads.filter { workload in
        let time = workload.measurement.nanosecondsPerCall?.relativeUncertainty ?? 1
        return time < 0.02 && workload.timing.batches.count >= 30
          && (record.samples.ratio(of: workload, to: .reference)?.relativeUncertainty ?? 1) < 0.02
      }
      for (index, workload) in steady.enumerated() where index.isMultiple(of: 5) {
        for (name, conditions) in Self.conditions.prefix(3) {
          let later = record.measuredAgain(
            Conditions(pace: conditions.pace),
            planted: [workload.name: 1.2],
            seed: UInt64(index)
          )
          let comparison = Comparison(record, later, rule: VerdictRule())
          #expect(comparison.regressions.map(\.name) == [workload.name], "\(folder), \(name)")
          #expect(comparison.listedRows.first?.name == workload.name)
        }
      }
    }
  }

  @Test("a very busy machine. Expect one sentence that says how large a change would have to be")
  func foreword() throws {
    let record = try Record.part(of: try #require(recordFolders.last))
    let busy = record.measuredAgain(Conditions(pace: 1.4, scatter: 0.1, noise: 0.3), seed: 1)
    let comparison = Comparison(record, busy, rule: VerdictRule())
    let words = try #require(comparison.foreword)
    #expect(words.contains("took 1.") && words.contains("scatter by"), "\(words)")
    #expect(words.contains("compare --base"))
    // Before the rows, and once.
    #expect(comparison.table.components(separatedBy: "scatter by").count == 2)
    #expect(comparison.markdown.contains("scatter by") && comparison.json.contains("scatter by"))
  }
}
