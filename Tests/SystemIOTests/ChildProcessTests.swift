import SystemIO
import Testing

@Suite("other programs") struct ChildProcessTests {
  @Test("input, arguments, both outputs, the status")
  func run() throws {
    let child = try #require(
      ChildProcess.run("sh", ["-c", "cat; printf '%s' \"$1\" >&2; exit 7", "sh", "a b"], input: "in")
    )
    #expect(child.output == "in" && child.errors == "a b" && child.status == 7)
  }

  @Test("an environment of its own. Expect nothing else in it")
  func environment() throws {
    let child = try #require(ChildProcess.run("/usr/bin/env", [], environment: ["A=1", "B=2"]))
    #expect(child.output == "A=1\nB=2\n")
  }

  @Test("more output than a pipe holds, on both. Expect all of it")
  func much() throws {
    let child = try #require(ChildProcess.run("sh", ["-c", "yes | head -c 1000000 | tee /dev/stderr"]))
    #expect(child.output.utf8.count == 1_000_000 && child.errors.utf8.count == 1_000_000)
  }

  @Test("a program that a signal ends") func signal() throws {
    #expect(try #require(ChildProcess.run("sh", ["-c", "kill -9 $$"])).status == 137)
  }

  @Test("programs that are not there")
  func missing() {
    #expect(ChildProcess.run("no-such-program-at-all", []) == nil)
    #expect(ChildProcess.run("/no/such/program", []) == nil)
    #expect(ChildProcess.find("sh") != nil)
  }
}
