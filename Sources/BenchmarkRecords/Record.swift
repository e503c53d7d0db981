import BenchmarkKit

/// A run that is kept: what was measured, on what, and how.
public struct Record: Hashable, Sendable {
  public var machine: MachineFacts
  public var build: BuildFacts
  public var run: RunFacts
  public var samples: Samples

  /// The record's folder: `2026-03-01.1-intel-xeon-processor-2.80ghz`. Nil where it was not loaded from one.
  public var name: String?

  /// - Throws: `RecordError` where the run is not worth keeping: something was wrong, or it is incomplete.
  public init(
    _ report: Report,
    machine: MachineFacts,
    build: BuildFacts,
    run: RunFacts
  ) throws(RecordError) {
    if let failure = report.failures.first {
      throw RecordError(.notRecorded, "\(failure.name) is wrong: \(failure.reason)")
    }
    guard report.isComplete else { throw RecordError(.notRecorded, "the run was interrupted") }
    for row in report.rows {
      if let complaint = row.outcome.complaint {
        throw RecordError(.notRecorded, "\(row.name): \(complaint)")
      }
    }
    guard !report.rows.isEmpty else { throw RecordError(.notRecorded, "nothing was measured") }
    self.machine = machine
    self.build = build
    self.run = run
    samples = Samples(report)
  }

  init(machine: MachineFacts, build: BuildFacts, run: RunFacts, samples: Samples, name: String?) {
    self.machine = machine
    self.build = build
    self.run = run
    self.samples = samples
    self.name = name
  }
}

/// Why a record could not be written or read.
public struct RecordError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: Hashable, Sendable {
    /// The run is wrong or incomplete.
    case notRecorded
    /// There is no such folder, or it lacks a file.
    case notFound
    /// A file is there and does not say what it should.
    case badData
    /// The system refused.
    case io
  }

  public let kind: Kind
  public let description: String

  init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
