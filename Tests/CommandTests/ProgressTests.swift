import Foundation
import TestSupport
import Testing

/// Progress with the time left: on a terminal, never elsewhere, and gone when the command ends.
@Suite(.serialized) struct ProgressTests {
  /// 200,000 regions: seconds of every command in a debug build.
  private static let recipe = ["fragmented", "regions=200000", "size=4TiB"]

  /// - Parameter isCounted: whether something tells how far it is; else it is the time that it usually takes, and debug
  ///   builds are past that soon.
  private func check(_ terminal: Terminal, says words: String, isCounted: Bool = true) {
    // Who is done before it says anything has nothing to say, on a machine that is faster than those of today.
    guard terminal.time > .seconds(2) else { return }
    let time = try! Regex(isCounted ? "[0-9]+ s left *$" : "[0-9]+ s (left|so far) *$")
    #expect(
      terminal.progress.contains { $0.contains(words) && $0.contains(time) },
      "\(terminal.progress)"
    )
    #expect(terminal.screen.hasSuffix("\r\u{1b}[K"), "the line is taken away")
    #expect(terminal.progress.allSatisfy { $0.count <= 80 && !$0.contains("\n") })
  }

  @Test func mapsAreMadeReadAndPlanned() throws {
    try withFolder { folder in
      let map = folder.appending(path: "map.txt").path
      let made = try Terminal(["generate"] + Self.recipe + ["-o", map])
      #expect(made.status == 0)
      check(made, says: "writing ")
      let planned = try Terminal("plan", map)
      #expect(planned.status == 1)
      check(planned, says: "reading ", isCounted: false)
      let advised = try Terminal("hotplug", map)
      check(advised, says: "reading ", isCounted: false)
      // With results on the terminal: expect the line to be gone before they come.
      let shown = try Terminal("plan", map, hasOutput: true)
      let lines = shown.screen.components(separatedBy: "\r\u{1b}[K")
      #expect(shown.time < .seconds(2) || lines.count > 3 && lines.last?.contains("Memory") == true)
      #expect(lines.dropLast().allSatisfy { !$0.contains("Memory") })

      for quiet in [try Terminal("plan", map, "--quiet"), try Terminal("plan", "--quiet", map)] {
        #expect(quiet.status == 1 && quiet.screen.isEmpty, "\(quiet.progress)")
      }
      let piped = try Command("plan", map)
      #expect(piped.status == 1 && piped.errors.isEmpty && !piped.output.contains("\u{1b}"))
    }
  }

  @Test func streamsAndFleets() throws {
    try withFolder { folder in
      let requests = folder.appending(path: "requests.jsonl").path
      let line = #"{"id":1,"regions":[["0x100000","0x80000000",0],["0x100000000","0x4080000000",0]]}"# + "\n"
      try String(repeating: line, count: 60_000).write(toFile: requests, atomically: true, encoding: .utf8)
      let stream = try Terminal("plan", "--jsonl", requests)
      #expect(stream.status == 0)
      check(stream, says: "answering ")
      check(try Terminal("fleet", requests), says: " hosts read")
      #expect(try Terminal("fleet", requests, "--quiet").screen.isEmpty)
      // Where answers are seen, nothing comes between them.
      let few = folder.appending(path: "few.jsonl").path
      try String(repeating: line, count: 1000).write(toFile: few, atomically: true, encoding: .utf8)
      let seen = try Terminal("plan", "--jsonl", few, hasOutput: true)
      #expect(!seen.screen.contains("\u{1b}") && !seen.screen.contains("answering"))
      let piped = try Command("plan", "--jsonl", requests)
      #expect(piped.errors.isEmpty && !piped.output.contains("\u{1b}"))
    }
  }

  @Test func reports() throws {
    try withFolder { folder in
      let logs = [String](repeating: Log.path("tdx-spr-eaglestream-128g"), count: 60)
      let drawn = try Terminal(["report"] + logs + ["-o", folder.appending(path: "page").path])
      #expect(drawn.status == 0)
      check(drawn, says: " 60", isCounted: false)
      #expect(try Terminal(["report", "--quiet"] + logs + ["-o", "/dev/null"]).screen.isEmpty)
    }
  }

  /// Expect no control character where a command is done before anyone waits.
  @Test func shortCommandsAreStill() throws {
    let start = ContinuousClock.now
    let plan = try Terminal("plan", Log.path("tdx-1t-5cmr"))
    if ContinuousClock.now - start < .milliseconds(900) { #expect(plan.screen.isEmpty) }
  }
}
