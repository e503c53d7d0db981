import Foundation
import TestSupport
import Testing

/// A peer that writes one line, waits for its answer, and only then goes on. Expect no answer to wait for more input.
@Suite(.serialized) struct StreamLatencyTests {
  /// 40 requests. The promise is 10 ms; other work on the machine may make some late, so the fastest quarter decides.
  @Test(.timeLimit(.minutes(1)), arguments: ["plan", "advise", "hotplug", "policy"], ["1", "2"])
  func answersWithin10Milliseconds(verb: String, threads: String) throws {
    let process = Process()
    let (requests, answers) = (Pipe(), Pipe())
    process.executableURL = productsFolder.appendingPathComponent("tdxbench")
    process.arguments = [verb, "--jsonl", "--threads", threads]
    (process.standardInput, process.standardOutput) = (requests, answers)
    try process.run()
    let request = Data((#"{"regions":[["0x100000","0x80000000",0]]}"# + "\n").utf8)
    var delays: [Duration] = []
    for _ in 0..<40 {
      let start = ContinuousClock.now
      try requests.fileHandleForWriting.write(contentsOf: request)
      var answer = Data()
      while answer.last != 0x0a {
        let more = answers.fileHandleForReading.availableData
        try #require(!more.isEmpty, "the stream ended early")
        answer += more
      }
      delays.append(ContinuousClock.now - start)
    }
    try requests.fileHandleForWriting.close()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(delays.sorted()[delays.count / 4] < .milliseconds(10), "\(delays)")
  }
}
