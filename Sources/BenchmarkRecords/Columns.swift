import BenchmarkKit
import JSON

/// A row's figures beside its time, by the names that all formats use. What was not measured is missing.
struct Counters {
  var allocations: Int?
  var frees: Int?
  var allocatedBytes: Int?
  var peakBytes: Int?
  /// Whether two passes agreed on the allocations; nil where there are none.
  var allocationsAreExact: Bool?
  var instructions: UInt64?

  init(_ row: Row) {
    instructions = row.instructions
    let counts: AllocationCounts
    switch row.outcome.measurement?.allocations {
    case .exact(let exact):
      allocationsAreExact = true
      counts = exact
    case .unsteady(let last):
      allocationsAreExact = false
      counts = last
    case .unavailable, nil: return
    }
    allocations = counts.allocations
    frees = counts.frees
    allocatedBytes = counts.bytes
    peakBytes = counts.peakBytes
  }

  /// The counters that are known.
  var named: [(name: String, value: JSONValue)] {
    let integers = [
      ("allocations", allocations), ("frees", frees), ("allocated_bytes", allocatedBytes),
      ("peak_bytes", peakBytes),
    ]
    var named = integers.compactMap { name, value in value.map { (name: name, value: JSONValue.integer($0)) }
    }
    if let instructions { named.append(("instructions", .unsigned(instructions))) }
    return named
  }
}

extension PeerKind {
  /// The name of the ratio to such a peer: `ratio_to_memcpy`.
  var ratioName: String { "ratio_to_\(rawValue)" }
}

extension Outcome {
  /// Why there is no time; nil where there is one.
  var complaint: String? {
    switch self {
    case .measured(let measurement): measurement.times == nil ? "no sample was taken" : nil
    case .wrong(let reason): reason
    case .notReached: "the run was interrupted before"
    }
  }
}
