import JSON

extension Samples {
  /// The file samples.json: a line of numbers for each series.
  var json: JSONValue {
    .object([
      ("format", .integer(format)),
      ("unit", .string("ns")),
      ("seed", .unsigned(seed)),
      ("clock_grain_ns", .unsigned(clockGrain)),
      ("warnings", .array(warnings.map(JSONValue.string))),
      ("workloads", .array(workloads.map(\.json))),
      ("peers", .array(peers.map(\.json))),
    ])
  }
}

extension Samples.Workload {
  fileprivate var json: JSONValue {
    .object([
      ("name", .string(name)),
      ("items_per_call", .integer(itemsPerCall)),
      ("bytes_per_call", .integer(bytesPerCall)),
      ("peers", .array(peers.map { .object([("kind", .string($0.kind)), ("name", .string($0.name))]) })),
      ("allocations", allocations?.json ?? .null),
      ("instructions", instructions.map(JSONValue.unsigned) ?? .null),
      ("timing", timing.json),
    ])
  }
}

extension Samples.Peer {
  fileprivate var json: JSONValue {
    .object([
      ("kind", .string(kind)), ("name", .string(name)), ("group", .known(group)), ("timing", timing.json),
    ])
  }
}

extension Samples.Timing {
  fileprivate var json: JSONValue {
    .object([
      ("threads", .integer(threads)),
      ("calls_per_batch", .integer(callsPerBatch)),
      ("batches", .array(batches.map(JSONValue.unsigned))),
    ])
  }
}

extension Samples.Counts {
  fileprivate var json: JSONValue {
    .object([
      ("allocations", .integer(allocations)), ("frees", .integer(frees)), ("bytes", .integer(bytes)),
      ("peak_bytes", .integer(peakBytes)), ("exact", .bool(isExact)),
    ])
  }
}
