import Glibc
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

  @Test("more input than a pipe holds, to a child that answers as it reads. Expect all of it back")
  func conversation() throws {
    let text = String(repeating: "a line of input\n", count: 100_000)
    #expect(try #require(ChildProcess.run("cat", [], input: text)).output == text)
  }

  @Test("a child that leaves another behind with its output. Expect no wait for that one")
  func orphan() throws {
    let start = ContinuousClock.now
    let child = try #require(ChildProcess.run("sh", ["-c", "sleep 20 & echo done"]))
    #expect(child.output == "done\n" && start.duration(to: .now) < .seconds(10))
  }

  @Test("an interruption of a child that starts another and heeds no signal. Expect both ended")
  func interrupted() throws {
    let start = ContinuousClock.now
    let child = try #require(
      ChildProcess.run(
        "sh",
        ["-c", "sleep 987 & echo $!; wait"],
        isInterrupted: { start.duration(to: .now) > .seconds(1) }
      )
    )
    let orphan = try #require(pid_t(child.output.prefix { $0.isNumber }))
    #expect(start.duration(to: .now) < .seconds(15))
    usleep(100_000)
    let command = try? textOfFile("/proc/\(orphan)/cmdline")
    #expect(command?.contains("987") != true)
  }

  @Test("a process that carries a mark. Expect it ended, and no other")
  func marked() throws {
    let mark = "TDXBENCH_TEST=\(getpid())-\(UInt64.random(in: 0 ... .max))"
    let null = open("/dev/null", O_RDWR)
    defer { close(null) }
    func start(_ environment: [String]) throws -> RunningProcess {
      try #require(
        RunningProcess(
          "/bin/sleep",
          ["sleep", "60"],
          input: null,
          output: null,
          errors: null,
          environment: environment
        )
      )
    }
    let (marked, other) = (try start([mark]), try start([mark + "0"]))
    endProcesses(with: mark)
    usleep(100_000)
    #expect(marked.isOver && !other.isOver)
    #expect(marked.end() == .signal(SIGKILL))
    #expect(other.end() == nil)
  }
}
