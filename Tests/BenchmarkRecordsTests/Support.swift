import BenchmarkKit
import BenchmarkRecords
import Foundation

/// A workload that is never run.
func workload(_ name: String, items: Int = 8, bytes: Int = 192, peers: [Peer] = []) -> Workload {
  Workload(name, why: "To be written.", itemsPerCall: items, bytesPerCall: bytes, peers: peers) {
    Subject(run: { _ in }, check: { nil })
  }
}

/// A row whose batches of `calls` calls took so many nanoseconds.
func row(
  _ name: String,
  _ nanoseconds: [UInt64] = [861, 862, 863],
  calls: Int = 10,
  threads: Int = 1,
  allocations: Allocations = .exact(AllocationCounts(allocations: 2, frees: 1, bytes: 64, peakBytes: 48)),
  ratios: [Ratio] = [],
  instructions: UInt64? = nil
) -> Row {
  let measurement = Measurement(
    callsPerBatch: calls,
    threads: threads,
    batches: nanoseconds,
    allocations: allocations
  )
  let peers = ratios.map { ratio in
    Peer(ratio.peer, ratio.name) { Subject(run: { _ in }, check: { nil }) }
  }
  return Row(
    workload: workload(name, peers: peers),
    threads: threads,
    outcome: .measured(measurement),
    ratios: ratios,
    instructions: instructions
  )
}

func wrongRow(_ name: String, _ reason: String) -> Row {
  Row(workload: workload(name), outcome: .wrong(reason))
}

func ratio(_ kind: PeerKind, _ name: String, _ value: Double) -> Ratio {
  Ratio(peer: kind, name: name, estimate: Estimate(value: value, low: value / 2, high: value * 2))
}

/// Names and sentences that a format must not let out of their place.
let nasty = "a\"b\\c,d|e`f\u{1}\n<g>\tü"

func parsed(_ json: String) throws -> Any { try JSONSerialization.jsonObject(with: Data(json.utf8)) }

extension MachineFacts {
  /// A machine of which all is known, whatever the test runs on.
  static let example: MachineFacts = {
    var machine = MachineFacts(root: "/nowhere")
    machine.processor = "Intel(R) Xeon(R) CPU @ 2.80GHz"
    machine.logicalProcessors = 2
    machine.megahertz = 2793.4
    machine.caches = [Cache(level: 1, type: "Data", bytes: 49_152, sharedBy: 2)]
    machine.memoryBytes = 8 << 30
    machine.kernel = "6.1.0"
    machine.load = [0.5, 0.25, 1]
    machine.hypervisor = "none"
    return machine
  }()
}

extension BuildFacts {
  static let example: BuildFacts = {
    var build = BuildFacts()
    build.compiler = "Swift 6.3.1"
    build.configuration = "release"
    build.flags = "-O"
    build.commit = "0123456789abcdef"
    build.isModified = false
    return build
  }()
}

extension RunFacts {
  /// Noon of the first of March 2026.
  static let example = RunFacts(
    time: 1_772_366_400,
    arguments: ["/opt/bin/tdxbench", "run", "--json", "/x/y.json"]
  )
}

/// A folder that is there for the length of one test.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tdxbench-\(UUID())")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}

extension Report {
  /// What a report without rows says of a machine.
  static func emptyJSON(on machine: MachineFacts) -> String {
    Report(rows: []).googleBenchmarkJSON(machine: machine, build: .example, run: .example)
  }
}
