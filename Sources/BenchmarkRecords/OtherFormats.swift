import BenchmarkKit
import JSON

extension Report {
  /// The Bencher Metric Format: for each workload its measures, with the interval where one is known. `latency` is
  /// in nanoseconds per call. Workloads without a time are left out.
  public func bencherJSON() -> String {
    let benchmarks = rows.compactMap { row -> (name: String, value: JSONValue)? in
      guard let time = row.outcome.measurement?.nanosecondsPerCall else { return nil }
      var measures = [(name: "latency", value: Self.measure(time))]
      for kind in PeerKind.allCases {
        if let ratio = row.ratio(to: kind) { measures.append((kind.ratioName, Self.measure(ratio))) }
      }
      measures += Counters(row).named.map { ($0.name, JSONValue.object([("value", $0.value)])) }
      return (row.name, .object(measures))
    }
    return JSONValue.object(benchmarks).text
  }

  private static func measure(_ estimate: Estimate) -> JSONValue {
    .object([
      ("value", .number(estimate.value)), ("lower_value", .number(estimate.low)),
      ("upper_value", .number(estimate.high)),
    ])
  }

  /// The input of github-action-benchmark, tool `customSmallerIsBetter`: an entry for each workload's time, and
  /// one each for its allocations and instructions. Workloads without a time are left out.
  public func gitHubActionJSON() -> String {
    let entries = rows.flatMap { row -> [JSONValue] in
      guard let time = row.outcome.measurement?.nanosecondsPerCall else { return [] }
      let spread = "\(time.low) … \(time.high)"
      let counters = Counters(row)
      var entries = [Self.entry(row.name, "ns", .number(time.value), range: spread)]
      if let allocations = counters.allocations {
        entries.append(Self.entry("\(row.name) allocations", "allocations", .integer(allocations)))
      }
      if let instructions = counters.instructions {
        entries.append(Self.entry("\(row.name) instructions", "instructions", .unsigned(instructions)))
      }
      return entries
    }
    return JSONValue.array(entries).text
  }

  private static func entry(
    _ name: String,
    _ unit: String,
    _ value: JSONValue,
    range: String? = nil
  ) -> JSONValue {
    var members: [(name: String, value: JSONValue)] = [
      ("name", .string(name)), ("unit", .string(unit)), ("value", value),
    ]
    if let range { members.append(("range", .string(range))) }
    return .object(members)
  }
}
