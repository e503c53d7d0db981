import Foundation
import TestSupport
import Testing

/// What kernels did when memory blocks went and came and DIMMs were plugged and ejected, against what `tdxbench hotplug`
/// says of their logs.
///
/// An unmovable page makes a block busy that else could go, and no log shows it: `ok` and EBUSY are one answer here.
@Suite struct CapturedBlockTests {
  /// What is still answered otherwise than the kernel did, as `capture: question`. Each is a fault.
  private static let known: Set<String> = [
    // A zone's span is its node's, cut to the zone's limits, and not that of its pages.
    "crash-66g-61: zone of 0", "crash-66g-73: zone of 0",
  ]

  static let captures = Capture.all.filter { $0.blockSize != nil }

  @Test func thereAreCaptures() { #expect(Self.captures.count > 10) }

  /// Expect the size of memory blocks from the log alone, where the kernel printed it.
  @Test(
    arguments: captures.filter { capture in capture.kernelLog.contains { $0.contains("Memory block size") } }
  )
  func blockSize(_ capture: Capture) throws {
    try withLog(of: capture) { log in
      let run = try Command("hotplug", "--format", "json", log)
      let answer = try #require(
        try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
      )
      expect("block size", of: capture, (answer["block_size"] as? NSNumber)?.uint64Value == capture.blockSize)
    }
  }

  /// Expect of every block at boot: no zone where the kernel has none, the node that it is linked to, and of every block
  /// that was swept what came of taking it offline. Memory that came after the log is not in it.
  @Test(arguments: captures) func blocks(_ capture: Capture) throws {
    try withLog(of: capture) { log in
      let size = "0x" + String(try #require(capture.blockSize), radix: 16)
      let run = try Command("hotplug", "--blocks", "--format", "csv", "--block-size", size, log)
      #expect(run.errors == "", "\(capture)")
      let rows = try blockRows(run.output)
      for block in capture.blocks() {
        guard let row = rows[block.number] else { continue }
        expect("zone of \(block.number)", of: capture, (block.zones == "none") == row.kind.hasPrefix("multi"))
        let isRight = row.node.map { block.nodes == [$0] } ?? (block.nodes.count != 1)
        expect("node of \(block.number)", of: capture, isRight)
      }
      for sweep in capture.sweeps {
        guard let row = rows[sweep.block] else { continue }
        expect("offline \(sweep.block)", of: capture, alike(row.outcome, sweep.offline))
      }
    }
  }

  /// Replays a scenario. Expect of each step what the kernel answered; what it allowed has then happened.
  @Test(arguments: captures.filter { !$0.steps.isEmpty }) func operations(_ capture: Capture) throws {
    try withLog(of: capture) { log in
      var replay = try Replay(log: log, blockSize: #require(capture.blockSize))
      for step in capture.steps {
        for (line, outcome, answer) in try replay.hold(step) {
          expect(line, of: capture, alike(answer, outcome), "\(answer) for \(outcome)")
        }
      }
    }
  }

  private func expect(_ question: String, of capture: Capture, _ isRight: Bool, _ difference: String = "") {
    guard Self.known.contains("\(capture.name): \(question)") else {
      #expect(isRight, "\(capture.name): \(question) \(difference)")
      return
    }
    withKnownIssue { #expect(isRight) }
  }
}

/// A scenario, asked step by step.
private struct Replay {
  let log: String
  let blockSize: UInt64
  /// What the kernel allowed, as lines of a script.
  private var done: [String] = []
  private var dimms: [String: (start: UInt64, end: UInt64)] = [:]

  init(log: String, blockSize: UInt64) {
    self.log = log
    self.blockSize = blockSize
  }

  /// - Returns: what was asked, the kernel's answer and that of the build.
  mutating func hold(_ step: Capture.Step) throws -> [(line: String, outcome: String, answer: String)] {
    switch step {
    case .offline(let block, let outcome): return [try hold("offline \(block)", outcome)]
    case .online(let block, let zone, let outcome):
      return [try hold("online \(block)" + (zone.map { " \($0)" } ?? ""), outcome)]
    case .add(let name, let address, let size, let node, let before, let after):
      guard let address else { return [] }
      dimms[name] = (address, address + size)
      return [try hold("add \(range(of: name)) node \(node)", after > before ? "ok" : "EINVAL")]
    case .remove(let name, let before, let after):
      guard let dimm = dimms[name] else { return [] }
      if after < before {
        // An ACPI eject takes the blocks of its DIMM offline by itself.
        for block in dimm.start / blockSize..<dimm.end / blockSize {
          if try answer(to: "offline \(block)") == "ok" { done.append("offline \(block)") }
        }
        defer { dimms[name] = nil }
        return [try hold("remove \(range(of: name))", "ok")]
      }
      // Of whole blocks something unmovable kept it, which no log shows.
      let isWhole = dimm.start.isMultiple(of: blockSize) && dimm.end.isMultiple(of: blockSize)
      return isWhole ? [] : [try hold("remove \(range(of: name))", "EINVAL")]
    }
  }

  private func range(of dimm: String) -> String {
    "0x\(String(dimms[dimm]!.start, radix: 16))-0x\(String(dimms[dimm]!.end, radix: 16))"
  }

  private mutating func hold(_ line: String, _ outcome: String) throws -> (String, String, String) {
    let answer = try answer(to: line)
    if outcome == "ok" { done.append(line) }
    return (line, outcome, answer)
  }

  /// The outcome of a line after all that the kernel allowed.
  private func answer(to line: String) throws -> String {
    let run = try Command(
      "hotplug",
      "--script",
      "-",
      "--format",
      "json",
      "--block-size",
      "0x" + String(blockSize, radix: 16),
      log,
      input: (done + [line]).joined(separator: "\n") + "\n"
    )
    let last = try #require(run.output.split(separator: "\n").last, "\(run.errors)")
    let object = try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any]
    return try #require(object?["outcome"] as? String)
  }
}

private struct BlockRow {
  var node: UInt32?
  var kind: String

  /// What taking the block offline comes to.
  var outcome: String {
    switch kind {
    case "offlineable", "one-way": "ok"
    case "pinned": "EBUSY"
    default: "EINVAL"
    }
  }
}

/// The rows of `hotplug --blocks --format csv`: block,start,end,node,state,class,returns.
private func blockRows(_ text: String) throws -> [UInt64: BlockRow] {
  var rows: [UInt64: BlockRow] = [:]
  for line in text.split(separator: "\n").dropFirst() {
    let cells = line.split(separator: ",", omittingEmptySubsequences: false)
    try #require(cells.count >= 6)
    rows[try #require(UInt64(cells[0]))] = BlockRow(node: UInt32(cells[3]), kind: String(cells[5]))
  }
  return rows
}

private func alike(_ outcome: String, _ other: String) -> Bool {
  outcome == other || Set([outcome, other]) == ["ok", "EBUSY"]
}

/// Lends the kernel's log of a capture as a file.
private func withLog<Result>(of capture: Capture, _ body: (String) throws -> Result) throws -> Result {
  try withFolder { folder in
    let file = folder.appendingPathComponent("dmesg")
    try Data((capture.kernelLog.joined(separator: "\n") + "\n").utf8).write(to: file)
    return try body(file.path)
  }
}
