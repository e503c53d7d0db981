import BenchmarkKit
import JSON

extension Report {
  /// The report as google/benchmark writes its own, for compare.py and for all that read it.
  ///
  /// A workload has up to ``mostRepetitions`` entries of run type `iteration`: each stands for as many consecutive
  /// rounds, and its time is the median over their samples. Then come the aggregates `mean`, `median`, `stddev`
  /// and `cv`, over all samples. A wrong result is an entry with `error_occurred` and `error_message`.
  ///
  /// `cpu_time` equals `real_time`: the calls neither wait nor are they moved to other threads, and reading the
  /// CPU clock around every batch would be a system call in every sample.
  ///
  /// Ratios are entries' members too: `ratio_to_reference`, `ratio_to_memcpy` and so on, over all samples.
  public func googleBenchmarkJSON(machine: MachineFacts, build: BuildFacts, run: RunFacts) -> String {
    let context: JSONValue = .object([
      ("date", .string(run.date)),
      ("host_name", .string("")),
      ("executable", .string(run.command.first ?? "")),
      ("num_cpus", .integer(machine.logicalProcessors)),
      ("mhz_per_cpu", .integer(Int(machine.megahertz.flatMap { $0.isFinite ? $0 : nil } ?? 0))),
      ("cpu_scaling_enabled", .bool(machine.governor.map { $0 != "performance" } ?? false)),
      ("caches", .array(machine.caches.map(\.googleBenchmark))),
      ("load_avg", .array(machine.load.map(JSONValue.number))),
      ("library_version", .string("tdxbench")),
      ("library_build_type", .string(build.configuration)),
      ("json_schema_version", .integer(1)),
      ("processor", .known(machine.processor)),
      ("kernel", .known(machine.kernel)),
      ("compiler", .string(build.compiler)),
      ("commit", .known(build.commit)),
      ("command", .string(run.commandLine)),
      ("seed", .unsigned(seed)),
      ("complete", .bool(isComplete)),
      ("warnings", .array(warnings.map(JSONValue.string))),
      ("cpu_time", .string("not measured apart: it is real_time")),
    ])
    let entries = rows.enumerated().flatMap { index, row in row.googleBenchmarkEntries(family: index) }
    return JSONValue.object([("context", context), ("benchmarks", .array(entries))]).text
  }

  /// compare.py compares with Mann and Whitney's test, and wants nine or more.
  static let mostRepetitions = 10
}

extension MachineFacts.Cache {
  fileprivate var googleBenchmark: JSONValue {
    .object([
      ("type", .string(type)), ("level", .integer(level)), ("size", .integer(bytes)),
      ("num_sharing", .integer(sharedBy)),
    ])
  }
}

extension Row {
  fileprivate typealias Members = [(name: String, value: JSONValue)]

  fileprivate func googleBenchmarkEntries(family: Int) -> [JSONValue] {
    guard let measurement = outcome.measurement, let times = measurement.times else {
      let error: Members = [
        ("error_occurred", .bool(true)),
        ("error_message", .string(outcome.complaint ?? "")),
      ]
      let members = head(family, "", "iteration", repetitions: 1, index: 0) + error
      return [.object(members + time(0, iterations: 0))]
    }
    let blocks = Self.blocks(of: measurement.batches.count)
    let samples = measurement.samples
    let repetitions: [JSONValue] = blocks.enumerated().map { index, block in
      let median = Distribution(Array(samples[block]))?.median ?? 0
      let iterations = block.count.multipliedReportingOverflow(by: measurement.callsPerBatch).partialValue
      return .object(
        head(family, "", "iteration", repetitions: blocks.count, index: index)
          + time(median, iterations: iterations)
          + rates(of: median, on: measurement.threads) + counters
      )
    }
    let moments = Moments(samples)
    let aggregates: [JSONValue] = [
      ("mean", moments.mean), ("median", times.median), ("stddev", moments.standardDeviation),
    ].map { name, value in
      var members = head(family, name, "aggregate", repetitions: blocks.count)
      members += time(value, iterations: samples.count)
      if name != "stddev" { members += rates(of: value, on: measurement.threads) + counters }
      return .object(members)
    }
    let variation: JSONValue = .object(
      head(family, "cv", "aggregate", repetitions: blocks.count)
        + time(moments.coefficientOfVariation, iterations: samples.count)
    )
    return repetitions + aggregates + [variation]
  }

  /// - Parameters:
  ///   - aggregate: empty for a repetition.
  ///   - index: nil for an aggregate.
  private func head(
    _ family: Int,
    _ aggregate: String,
    _ type: String,
    repetitions: Int,
    index: Int? = nil
  ) -> Members {
    var members: Members = [
      ("name", .string(aggregate.isEmpty ? name : "\(name)_\(aggregate)")),
      ("family_index", .integer(family)),
      ("per_family_instance_index", .integer(0)),
      ("run_name", .string(name)),
      ("run_type", .string(type)),
      ("repetitions", .integer(repetitions)),
    ]
    if let index { members.append(("repetition_index", .integer(index))) }
    members.append(("threads", .integer(outcome.measurement?.threads ?? 1)))
    if !aggregate.isEmpty {
      members.append(("aggregate_name", .string(aggregate)))
      members.append(("aggregate_unit", .string(aggregate == "cv" ? "percentage" : "time")))
    }
    return members
  }

  private func time(_ nanoseconds: Double, iterations: Int) -> Members {
    [
      ("iterations", .integer(iterations)), ("real_time", .number(nanoseconds)),
      ("cpu_time", .number(nanoseconds)), ("time_unit", .string("ns")),
    ]
  }

  private func rates(of nanoseconds: Double, on threads: Int) -> Members {
    guard nanoseconds > 0 else { return [] }
    let calls = Double(threads) * 1e9 / nanoseconds
    return [
      ("items_per_second", .number(Double(workload.itemsPerCall) * calls)),
      ("bytes_per_second", .number(Double(workload.bytesPerCall) * calls)),
    ]
  }

  private var counters: Members {
    var members = Counters(self).named
    for kind in PeerKind.allCases {
      if let ratio = ratio(to: kind) { members.append((kind.ratioName, .number(ratio.value))) }
    }
    return members
  }

  /// `count` samples in at most ``Report/mostRepetitions`` blocks of the same size, to within one.
  static func blocks(of count: Int) -> [Range<Int>] {
    let blocks = min(count, Report.mostRepetitions)
    return (0..<blocks).map { $0 * count / blocks..<($0 + 1) * count / blocks }
  }
}

/// Mean and standard deviation, of a sample, as google/benchmark computes them.
struct Moments {
  var mean = 0.0
  var standardDeviation = 0.0

  init(_ values: [Double]) {
    guard !values.isEmpty else { return }
    let count = Double(values.count)
    mean = values.reduce(0) { $0 + $1 / count }
    guard values.count > 1 else { return }
    let mean = mean
    standardDeviation = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) / (count - 1) }.squareRoot()
  }

  /// 0.01 for 1 %; 0 where the mean is.
  var coefficientOfVariation: Double { mean > 0 ? standardDeviation / mean : 0 }
}
