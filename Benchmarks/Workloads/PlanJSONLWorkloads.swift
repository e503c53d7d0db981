import BenchmarkKit
import JSON
import Streams
import SystemIO
import TDXMemory

// `plan --jsonl`: who plans a fleet sends a machine a line. Expect 0 allocations a line, and several times the time of
// the plan itself: decoding and encoding text is the larger part. A surprise to look for: `stream` far from 500
// times `line`, which is the cost of reading and writing.

func planJSONLWorkloads() -> [Workload] {
  let map = BenchmarkMap.regions20
  return [
    .line(map), .stream(map, lines: 500), .twoThreads(map, lines: 5000),
    .construct(map, why: "The plan of such a line by itself."),
  ]
}

extension Workload {
  /// Answers one line, in memory.
  fileprivate static func line(_ map: BenchmarkMap) -> Workload {
    let line = requestLine(map)
    let name = "plan-jsonl/line/\(map.name)"
    return Workload(
      name,
      why: "A request of 20 regions: decoded, planned and answered, in memory; C is Foundation's JSON here.",
      itemsPerCall: map.regionCount,
      bytesPerCall: line.count,
      peers: [.foundation(line, map, of: name)] + Peer.memory(bytes: line.count),
      runsOnThreads: true
    ) {
      let answerer = Answerer()
      return Subject(call: { line.withUnsafeBytes(answerer.answer) }) { _ in
        complaint(about: answerer.text, lines: 1, map)
      }.expecting("\(map.expected)")
    }
  }

  /// Answers a file of lines into another, both in the kernel's cache.
  fileprivate static func stream(_ map: BenchmarkMap, lines: Int) -> Workload {
    let text = requestLines(map, lines)
    let name = "plan-jsonl/stream/\(map.name)"
    return Workload(
      name,
      why: "500 such requests from a file to a file: with the reading of lines and the writing of answers.",
      itemsPerCall: lines * map.regionCount,
      bytesPerCall: text.count,
      peers: [.newlines(in: text, lines: lines, of: name)] + Peer.memory(bytes: text.count)
    ) {
      try .stream(text, lines: lines, map, threads: 1)
    }
  }

  /// The same on two threads, against one.
  fileprivate static func twoThreads(_ map: BenchmarkMap, lines: Int) -> Workload {
    let text = requestLines(map, lines)
    let name = "plan-jsonl/stream-2-threads/\(map.name)"
    let oneThread = Peer(.reference, "reference/\(name)") {
      try .stream(text, lines: lines, map, threads: 1)
    }
    return Workload(
      name,
      why: "5,000 such requests on two threads; C is the same on one: what --threads gives, order kept.",
      itemsPerCall: lines * map.regionCount,
      bytesPerCall: text.count,
      peers: [oneThread]
    ) {
      try .stream(text, lines: lines, map, threads: 2)
    }
  }
}

extension Subject {
  /// Answers the lines of a file without a name into another one.
  fileprivate static func stream(
    _ text: [UInt8],
    lines: Int,
    _ map: BenchmarkMap,
    threads: Int
  ) throws -> Subject {
    let (input, output) = (try TemporaryFile(text), try TemporaryFile())
    // With one thread the responder stays from call to call, as it does from line to line.
    let responder = PlanResponder(defaults: PlanOptions(), defaultKeyIDBits: 6)
    return Subject(call: {
      input.rewind()
      output.empty()
      return Result { () throws(SystemError) in
        try answerLines(from: input.descriptor, to: output.descriptor, threads: threads) {
          threads == 1 ? responder : PlanResponder(defaults: PlanOptions(), defaultKeyIDBits: 6)
        }
      }
    }) { result in
      if case .failure(let error) = result { return "\(error)" }
      return complaint(about: String(decoding: output.contents(), as: UTF8.self), lines: lines, map)
    }.expecting("\(lines) times \(map.expected)")
  }
}

/// What `plan --jsonl` keeps from line to line.
private final class Answerer {
  private let responder = PlanResponder(defaults: PlanOptions(), defaultKeyIDBits: 6)
  private var writer = JSONWriter()

  /// The last answer to a line by itself.
  var text: String { String(decoding: writer.bytes, as: UTF8.self) }

  func answer(_ line: UnsafeRawBufferPointer) {
    writer.removeAll()
    _ = responder.answer(line, into: &writer)
  }
}

/// The map as a request.
private func requestLine(_ map: BenchmarkMap) -> [UInt8] {
  let regions = map.regions().map { "[\($0.start),\($0.end),\($0.node)]" }.joined(separator: ",")
  return Array(#"{"id":"a","policy":"linux","placement":"first-fit","regions":[\#(regions)]}"#.utf8)
}

/// The same request again and again, a line each.
private func requestLines(_ map: BenchmarkMap, _ lines: Int) -> [UInt8] {
  let line = requestLine(map) + [UInt8(ascii: "\n")]
  return (0..<lines).flatMap { _ in line }
}

/// What is wrong with answers; nil where each line is a plan with the TDMRs and the PAMT of the map.
private func complaint(about answers: String, lines: Int, _ map: BenchmarkMap) -> String? {
  let answers = answers.split(separator: "\n")
  guard answers.count == lines else { return "expected \(lines) answers, got \(answers.count)" }
  for answer in answers {
    let tdmrs = answer.split(separator: #""base":"#).count - 1
    guard answer.contains(#""outcome":"ok""#), tdmrs == map.expected.tdmrs,
      answer.hasSuffix(#""pamt_kib":\#(map.expected.pamtKiB),"op":"plan"}"#)
    else { return "expected \(map.expected), got \(answer)" }
  }
  return nil
}
