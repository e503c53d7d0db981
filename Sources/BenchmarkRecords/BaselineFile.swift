import BenchmarkKit
import JSON

/// A file of baselines.
struct BaselineFile: Decodable {
  var format: Int
  var conditions: BaselineConditions
  var workloads: [String: Baseline]

  private static let currentFormat = 1

  init(_ path: String) throws(RecordError) {
    self = try Record.decode(Self.self, path)
    guard format == Self.currentFormat else {
      throw RecordError(.badData, "\(path): format \(format), expected \(Self.currentFormat)")
    }
    for (name, baseline) in workloads.sorted(by: { $0.key < $1.key }) {
      guard isPrintable(name) else {
        throw RecordError(.badData, "\(path): a workload has no name that can be printed")
      }
      if let complaint = baseline.complaint { throw RecordError(.badData, "\(path): \(name): \(complaint)") }
    }
  }

  /// The text of a file: a figure a line, so that a diff shows each that has changed.
  static func text(_ conditions: BaselineConditions, _ workloads: [(String, Baseline)]) -> String {
    JSONValue.object([
      ("format", .integer(currentFormat)),
      (
        "conditions",
        .object([
          ("toolchain", .string(conditions.toolchain)), ("processor", .string(conditions.processor)),
        ])
      ),
      ("workloads", .object(workloads.map { ($0, $1.json) })),
    ]).text
  }
}

extension Baseline {
  /// What no run can have produced; nil where the figures are sound.
  fileprivate var complaint: String? {
    if [allocations, allocatedBytes].contains(where: { $0.map { $0 < 0 } ?? false }) {
      return "a negative count of allocations"
    }
    for ratio in [ratioToReference, ratioToMemcpy] {
      if let ratio, !(ratio > 0 && ratio.isFinite) { return "a ratio of \(ratio)" }
    }
    return nil
  }

  /// What is not known is left out.
  fileprivate var json: JSONValue {
    var members: [(name: String, value: JSONValue)] = [("result", .string(result))]
    if let allocations { members.append(("allocations", .integer(allocations))) }
    if let allocatedBytes { members.append(("allocated_bytes", .integer(allocatedBytes))) }
    if let instructions { members.append(("instructions", .unsigned(instructions))) }
    if let ratio = ratioToReference { members.append(("ratio_to_reference", .number(Self.rounded(ratio)))) }
    if let ratio = ratioToMemcpy { members.append(("ratio_to_memcpy", .number(Self.rounded(ratio)))) }
    return .object(members)
  }

  /// Two digits after the point, or three where there is nothing before it: more would be noise.
  private static func rounded(_ ratio: Double) -> Double {
    let digits = ratio < 1 ? 1000.0 : 100.0
    let rounded = (ratio * digits).rounded() / digits
    return rounded > 0 ? rounded : ratio
  }
}
