import BenchmarkComparison
import BenchmarkKit
import BenchmarkRecords

/// The records of a report, in the order in which they were given: the last is told of in full.
public struct RecordReport {
  let records: [Record]
  let workloads: [MeasuredWorkload]

  /// - Precondition: at least one record.
  public init(_ records: [Record]) {
    precondition(!records.isEmpty, "a report of records has some")
    self.records = records
    let last = records[records.count - 1]
    workloads = last.samples.workloads.compactMap { MeasuredWorkload($0, in: last.samples) }
  }

  var last: Record { records[records.count - 1] }

  /// The last record beside the latest before it of a like machine, or else the one before it.
  var comparison: Comparison? {
    let earlier = records.dropLast()
    guard
      let previous = earlier.last(where: { $0.machine.differences(from: last.machine).isEmpty })
        ?? earlier.last
    else { return nil }
    return Comparison(previous, last, rule: VerdictRule())
  }

  /// Of the last record's workloads, those that an earlier one has too.
  var histories: [History] {
    guard records.count > 1 else { return [] }
    let earlier = records.dropLast().map { record in
      Dictionary(record.samples.workloads.map { ($0.name, $0) }) { first, _ in first }
    }
    return workloads.compactMap { workload in
      let summaries =
        zip(records, earlier).compactMap { record, workloads in
          workloads[workload.name].flatMap { RecordSummary(record, of: $0) }
        } + [RecordSummary(last, of: workload.samples)].compactMap { $0 }
      return summaries.count > 1 ? History(workload.name, summaries) : nil
    }
  }
}
