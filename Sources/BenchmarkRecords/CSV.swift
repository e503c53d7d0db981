import BenchmarkKit

extension Report {
  /// The rows as CSV (RFC 4180): a head, a line for each workload, times in nanoseconds per call. What was not
  /// measured is an empty cell.
  public func csv() -> String {
    let ratios = PeerKind.allCases.flatMap { [$0.ratioName, "\($0.ratioName)_low", "\($0.ratioName)_high"] }
    let head =
      [
        "name", "error", "threads", "samples", "calls_per_sample", "median_ns", "median_low_ns",
        "median_high_ns", "mad_ns", "min_ns", "p90_ns", "p99_ns", "max_ns", "items_per_second",
        "bytes_per_second", "allocations", "frees", "allocated_bytes", "peak_bytes", "allocations_exact",
        "instructions",
      ] + ratios
    return ([head] + rows.map(Self.cells)).map { cells in
      cells.map(Self.quoted).joined(separator: ",") + "\r\n"
    }.joined()
  }

  private static func cells(of row: Row) -> [String] {
    let measurement = row.outcome.measurement
    let times = measurement?.times
    let counters = Counters(row)
    var cells = [row.name, row.outcome.complaint ?? ""]
    cells += integers([measurement?.threads, measurement?.batches.count, measurement?.callsPerBatch])
    cells += numbers([
      times?.median, times?.estimate.low, times?.estimate.high, times?.medianAbsoluteDeviation,
      times?.minimum, times?.percentile(0.9), times?.percentile(0.99), times?.maximum,
      measurement?.perSecond(row.workload.itemsPerCall), measurement?.perSecond(row.workload.bytesPerCall),
    ])
    cells += integers([
      counters.allocations, counters.frees, counters.allocatedBytes, counters.peakBytes,
    ])
    cells.append(counters.allocationsAreExact.map { $0 ? "true" : "false" } ?? "")
    cells.append(counters.instructions.map { "\($0)" } ?? "")
    for kind in PeerKind.allCases {
      let ratio = row.ratio(to: kind)
      cells += numbers([ratio?.value, ratio?.low, ratio?.high])
    }
    return cells
  }

  private static func numbers(_ values: [Double?]) -> [String] { values.map { $0.map { "\($0)" } ?? "" } }
  private static func integers(_ values: [Int?]) -> [String] { values.map { $0.map { "\($0)" } ?? "" } }

  private static func quoted(_ cell: String) -> String {
    guard cell.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return cell }
    return "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }
}
