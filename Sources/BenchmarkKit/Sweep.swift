/// The same work on inputs of growing size, and how its time grows.
public struct Sweep: Sendable {
  /// What its workloads have in common.
  public let name: String
  /// The sizes, ascending, and the nanoseconds per call.
  public let points: [(size: Int, time: Double)]

  /// nil where fewer than three sizes were measured.
  public var fit: ComplexityFit? { ComplexityFit(points) }
}

extension Report {
  /// The series that the measured workloads are points of, in the order of their first points.
  ///
  /// - Complexity: O(rows x series).
  public var sweeps: [Sweep] {
    var names: [String] = []
    for row in rows {
      if let name = row.workload.sweep?.name, !names.contains(name) { names.append(name) }
    }
    return names.map { name in
      let points = rows.compactMap { row -> (size: Int, time: Double)? in
        guard let point = row.workload.sweep, point.name == name, row.threads == 1,
          let time = row.outcome.measurement?.times?.median
        else { return nil }
        return (point.size, time)
      }
      return Sweep(name: name, points: points.sorted { $0.size < $1.size })
    }
  }
}
