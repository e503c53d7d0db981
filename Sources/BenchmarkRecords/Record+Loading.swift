import BenchmarkKit
import FoundationEssentials
import Glibc
import SystemIO

extension Record {
  /// Reads a record's folder.
  ///
  /// Read are samples.json and machine.json, from which all else follows; the others must be there.
  ///
  /// - Throws: `RecordError`: `.notFound` where the folder or a file is missing, `.badData` where a file does not
  ///   say what it should.
  public static func load(_ folder: String) throws(RecordError) -> Record {
    for file in ["summary.json", "summary.csv", "README.md"] {
      _ = try recording { () throws(SystemError) in try bytesOfFile("\(folder)/\(file)") }
    }
    let samples = try decode(Samples.self, "\(folder)/samples.json")
    let about = try decode(About.self, "\(folder)/machine.json")
    for (file, format) in [("samples.json", samples.format), ("machine.json", about.format)]
    where format != Samples.currentFormat {
      throw RecordError(.badData, "\(folder)/\(file): format \(format), expected \(Samples.currentFormat)")
    }
    if let complaint = samples.complaint {
      throw RecordError(.badData, "\(folder)/samples.json: \(complaint)")
    }
    return Record(
      machine: about.machine,
      build: about.build,
      run: about.run,
      samples: samples,
      name: folder.split(separator: "/").last.map(String.init)
    )
  }

  /// The file machine.json.
  struct About: Decodable {
    let format: Int
    let machine: MachineFacts
    let build: BuildFacts
    let run: RunFacts
  }

  /// The value that a JSON file holds.
  static func decode<Value: Decodable>(
    _ type: Value.Type,
    _ path: String
  ) throws(RecordError) -> Value {
    let text = try recording { () throws(SystemError) in try textOfFile(path) }
    do {
      return try JSONDecoder().decode(type, from: Data(text.utf8))
    } catch let error as DecodingError {
      throw RecordError(.badData, "\(path): \(error.explanation)")
    } catch {
      throw RecordError(.badData, "\(path): \(error)")
    }
  }
}

extension Samples {
  /// What in these figures no run can have produced; nil where they are sound.
  fileprivate var complaint: String? {
    if workloads.isEmpty { return "there are no workloads" }
    var names = Set<String>()
    for workload in workloads {
      guard isPrintable(workload.name) else { return "a workload has no name that can be printed" }
      if !names.insert(workload.name).inserted { return "two workloads are named \(workload.name)" }
      if workload.itemsPerCall < 0 || workload.bytesPerCall < 0 {
        return "\(workload.name): a negative amount per call"
      }
      if let complaint = workload.timing.complaint ?? workload.allocations?.complaint {
        return "\(workload.name): \(complaint)"
      }
      for peer in workload.peers where PeerKind(rawValue: peer.kind) == nil {
        return "\(workload.name): no kind of peer is called \(peer.kind)"
      }
    }
    for peer in peers {
      if PeerKind(rawValue: peer.kind) == nil {
        return "\(peer.name): no kind of peer is called \(peer.kind)"
      }
      if let complaint = peer.timing.complaint { return "\(peer.name): \(complaint)" }
    }
    return nil
  }
}

/// Whether a name can stand in a table: it has characters, and none that a terminal takes for an order.
func isPrintable(_ name: String) -> Bool {
  !name.isEmpty && !name.unicodeScalars.contains { $0.properties.generalCategory == .control }
}

extension Samples.Timing {
  fileprivate var complaint: String? {
    if threads < 1 { return "\(threads) threads" }
    if callsPerBatch < 1 { return "\(callsPerBatch) calls in a batch" }
    return batches.isEmpty ? "no samples" : nil
  }
}

extension Samples.Counts {
  fileprivate var complaint: String? {
    [allocations, frees, bytes, peakBytes].contains { $0 < 0 } ? "a negative count of allocations" : nil
  }
}

extension DecodingError {
  /// The place and what is wrong there, without the machinery's own names.
  fileprivate var explanation: String {
    switch self {
    // Numbers that do not fit are reported without their place too.
    case .dataCorrupted(let context) where context.codingPath.isEmpty:
      "not JSON, or a number in it is no integer where it should be, or too large"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      Self.place(context.codingPath) + context.debugDescription
    case .keyNotFound(let key, let context): "\(Self.place(context.codingPath + [key]))missing"
    @unknown default: "not the JSON of a record"
    }
  }

  private static func place(_ path: [any CodingKey]) -> String {
    path.isEmpty
      ? "" : path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".") + ": "
  }
}
