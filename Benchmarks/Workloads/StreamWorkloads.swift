import BenchmarkKit
import PlanJSON
import TDXMemory

// `plan --jsonl`: who plans a fleet sends a machine a line. Expect 0 allocations a line, and several times the time of
// the plan itself: decoding and encoding text is the larger part. A surprise to look for: `stream` far from 500
// times `line`, which is the cost of reading and writing.

func streamWorkloads() -> [Workload] {
  let map = BenchmarkMap.regions20
  return [.line(map), .stream(map, lines: 500), .construct(map, why: "The plan of such a line by itself.")]
}

extension Workload {
  /// Answers one line, in memory.
  fileprivate static func line(_ map: BenchmarkMap) -> Workload {
    let line = requestLine(map)
    return Workload(
      "plan-jsonl/line/\(map.name)",
      why: "A request of 20 regions: decoded, planned and answered, in memory.",
      itemsPerCall: map.regionCount,
      bytesPerCall: line.count,
      peers: Peer.memory(bytes: line.count),
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
    let line = requestLine(map) + [UInt8(ascii: "\n")]
    let text = (0..<lines).flatMap { _ in line }
    let name = "plan-jsonl/stream/\(map.name)"
    return Workload(
      name,
      why: "500 such requests from a file to a file: with the reading of lines and the writing of answers.",
      itemsPerCall: lines * map.regionCount,
      bytesPerCall: text.count,
      peers: [.newlines(in: text, lines: lines, of: name)] + Peer.memory(bytes: text.count)
    ) {
      let (input, output) = (try TemporaryFile(text), try TemporaryFile())
      let answerer = Answerer()
      return Subject(call: {
        input.rewind()
        output.empty()
        return Result { () throws(IOError) in
          try answerLines(from: input.descriptor, to: output.descriptor) { _, line, writer in
            answerer.answer(line, into: &writer)
          }
        }
      }) { result in
        if case .failure(let error) = result { return "\(error)" }
        return complaint(about: String(decoding: output.contents(), as: UTF8.self), lines: lines, map)
      }.expecting("\(lines) times \(map.expected)")
    }
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

  func answer(_ line: InputLine, into writer: inout JSONWriter) {
    switch line {
    case .bytes(let bytes): _ = responder.answer(bytes, into: &writer)
    case .tooLong: writer.appendError(id: RequestID.null, message: "too long")
    }
  }
}

/// The map as a request.
private func requestLine(_ map: BenchmarkMap) -> [UInt8] {
  let regions = map.regions().map { "[\($0.start),\($0.end),\($0.node)]" }.joined(separator: ",")
  return Array(#"{"id":"a","policy":"linux","placement":"first-fit","regions":[\#(regions)]}"#.utf8)
}

/// What is wrong with answers; nil where each line is a plan with the TDMRs and the PAMT of the map.
private func complaint(about answers: String, lines: Int, _ map: BenchmarkMap) -> String? {
  let answers = answers.split(separator: "\n")
  guard answers.count == lines else { return "expected \(lines) answers, got \(answers.count)" }
  for answer in answers {
    let tdmrs = answer.split(separator: #""base":"#).count - 1
    guard answer.contains(#""outcome":"ok""#), tdmrs == map.expected.tdmrs,
      answer.hasSuffix(#""pamt_kib":\#(map.expected.pamtKiB)}"#)
    else { return "expected \(map.expected), got \(answer)" }
  }
  return nil
}
