import BenchmarkComparison
import BenchmarkKit
import Foundation
import PairedRuns
import TestSupport
import Testing

/// The stub, misbehaving as `arguments` say.
private func stub(_ arguments: String...) -> Build { stub(arguments) }

private func stub(_ arguments: [String]) -> Build {
  Build(
    label: arguments.joined(separator: " "),
    program: productsFolder.appendingPathComponent("turn-stub").path,
    arguments: arguments
  )
}

/// A comparison as short as they can be.
private func compare(
  _ before: Build,
  _ after: Build,
  patience: Duration = .seconds(20),
  budget: Duration = .milliseconds(200),
  // Far above what an unquiet machine does to a test, in which one disturbed round of six decides the interval.
  threshold: Double = 0.5,
  chosen: @escaping ([String]) throws -> Set<String> = { Set($0) },
  progress: @escaping (BenchmarkKit.Progress) -> Void = { _ in },
  isInterrupted: @escaping () -> Bool = { false }
) throws -> Comparison {
  var plan = TurnPlan()
  plan.budget = budget
  plan.answerLimit = patience
  return try PairedRun(
    before: before,
    after: after,
    plan: plan,
    rule: VerdictRule(threshold: threshold),
    chosen: chosen,
    progress: progress,
    isInterrupted: isInterrupted
  ).run()
}

@Suite("two builds that take turns", .serialized) struct PairedRunTests {
  @Test("one workload thirty times as slow, one that allocates. Expect both, and what one side alone knows")
  func differences() throws {
    let comparison = try compare(stub("more"), stub("slow=b", "allocate=c"))
    #expect(comparison.rows.map(\.name).sorted() == ["a", "b", "c"])
    let rows = Dictionary(uniqueKeysWithValues: comparison.rows.map { ($0.name, $0) })
    #expect(rows["b"]?.verdict == .slower && rows["b"]?.second != nil)
    #expect(rows["a"]?.verdict != .slower && rows["a"]?.samples ?? 0 >= 6)
    // A debug build allocates elsewhere, too.
    if AllocationCounter.isLive, let row = rows["c"], let before = row.before.allocations {
      #expect(row.after.allocations == before + 1 && row.isRegression)
    }
    #expect(comparison.onlyBefore == ["d"] && comparison.onlyAfter.isEmpty)
    #expect(!comparison.isGood && comparison.isComplete)
  }

  @Test(
    "equal builds with ten minutes to take. Expect each row decided after the fewest rounds, and no more taken"
  )
  func decided() throws {
    let start = ContinuousClock.now
    let comparison = try compare(stub(), stub(), budget: .seconds(600))
    #expect(comparison.rows.allSatisfy { $0.verdict == .same }, "\(comparison.rows.map(\.ratio))")
    #expect(comparison.notes.allSatisfy { !$0.contains("not decided") })
    #expect(start.duration(to: .now) < .seconds(120))
  }

  @Test(
    "a threshold that no interval lies within. Expect rounds until the time is over, and who was waited for"
  )
  func undecided() throws {
    var steps: Set<String> = []
    let start = ContinuousClock.now
    let comparison = try compare(
      stub(),
      stub(),
      budget: .seconds(4),
      threshold: 0,
      chosen: { _ in ["a"] },
      progress: { steps.insert($0.step) }
    )
    #expect(comparison.rows[0].samples > 6)
    #expect(steps.contains("round 1, a") && steps.contains("1 of 1 not decided: a"))
    guard comparison.rows[0].verdict == .unknown else { return }
    // The time that is kept for a second run, too, where there is nothing to run again.
    if comparison.rows[0].second == nil { #expect(start.duration(to: .now) > .seconds(3)) }
    #expect(
      comparison.notes.contains { $0.contains("1 of 1 were not decided") && $0.contains("least of all a") }
    )
  }

  @Test("a side that crashes in one workload. Expect its last words, and the other workloads compared")
  func crash() throws {
    let comparison = try compare(stub(), stub("crash=b"))
    let error = try #require(comparison.errors.first)
    #expect(comparison.errors.count == 1 && error.name == "b")
    #expect(error.error?.contains("crash=b: was ended by Aborted") == true, "\(error.error ?? "")")
    #expect(error.error?.contains("the last words | of b") == true, "\(error.error ?? "")")
    #expect(comparison.rows.filter { $0.error == nil && $0.samples >= 6 }.map(\.name).sorted() == ["a", "c"])
    #expect(!comparison.isGood)
  }

  @Test("a side that hangs. Expect it killed when patience is over, and the others compared")
  func hang() throws {
    let comparison = try compare(stub("hang=a"), stub(), patience: .seconds(1))
    #expect(comparison.errors.map(\.name) == ["a"])
    #expect(comparison.errors.first?.error?.contains("no answer to `") == true)
    #expect(comparison.rows.count { $0.error == nil && $0.samples >= 6 } == 2)
  }

  @Test("sides that hang in all workloads. Expect less patience after the third")
  func hangs() throws {
    let start = ContinuousClock.now
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"].map { "hang=\($0)" }
    let comparison = try compare(stub("many"), stub(["many"] + names), patience: .seconds(2))
    #expect(comparison.errors.count == 8)
    #expect(comparison.errors.count { $0.error?.contains("in 200 ms, so it was killed") == true } == 5)
    #expect(start.duration(to: .now) < .seconds(14))
  }

  @Test("a side that floods standard error. Expect it killed before the disk is full, with its last words")
  func flood() throws {
    let comparison = try compare(stub(), stub("flood=b"))
    #expect(comparison.errors.map(\.name) == ["b"])
    let error = comparison.errors.first?.error ?? ""
    #expect(error.contains("wrote over 64 MiB") && error.hasSuffix("no end of words"), "\(error)")
  }

  @Test("a list without an end, a program that never says a word. Expect both killed and named")
  func endless() throws {
    func shell(_ script: String) -> Build {
      Build(label: "script", program: "/bin/sh", arguments: ["-c", script])
    }
    let list = shell("echo tdxbench-turns 1 release; read word; while echo workload a small; do :; done")
    for (build, words) in [
      (list, "a list without an end"), (shell("exec sleep 100"), "no greeting in 2.00 s"),
    ] {
      let error = #expect(throws: TurnFailure.self) { try compare(stub(), build, patience: .seconds(2)) }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
  }

  @Test("a wrong result, a set-up that fails, another expectation. Expect no times of these")
  func wrong() throws {
    let comparison = try compare(stub("other=c"), stub("wrong=a", "unready=b"))
    let errors = Dictionary(uniqueKeysWithValues: comparison.errors.map { ($0.name, $0.error ?? "") })
    #expect(errors["a"]?.hasSuffix("5, not 4") == true)
    #expect(errors["b"]?.hasSuffix("could not be set up: no input") == true)
    #expect(comparison.different.map(\.name) == ["c"])
    #expect(comparison.different.first?.why.contains("before: 6; 1 items, 8 bytes; after: 5;") == true)
  }

  @Test("programs that take no turns, or speak another version. Expect to be told which, at once")
  func strangers() {
    let echo = Build(label: "new", program: "/bin/echo", arguments: ["tdxbench-turns 99 release"])
    let old = Build(label: "old", program: "/bin/false", arguments: [])
    let none = Build(label: "none", program: "/no/such/program", arguments: [])
    for (build, words) in [(echo, "version 99"), (old, "older than"), (none, "cannot be started")] {
      let error = #expect(throws: TurnFailure.self) { try compare(stub(), build) }
      #expect(error?.description.contains(words) == true && error?.description.hasPrefix(build.label) == true)
    }
  }

  @Test("an interruption while a side hangs. Expect the end within a second, and no word against that side")
  func interruptedInACall() throws {
    let start = ContinuousClock.now
    let comparison = try compare(
      stub(),
      stub("hang=b"),
      chosen: { _ in ["b"] },
      isInterrupted: { start.duration(to: .now) > .seconds(2) }
    )
    #expect(start.duration(to: .now) < .seconds(3))
    #expect(!comparison.isComplete && comparison.errors.isEmpty && comparison.rows.isEmpty)
  }

  @Test("an interruption, and names of which some are chosen. Expect what there is, marked incomplete")
  func interrupted() throws {
    let comparison = try compare(stub(), stub(), chosen: { _ in ["b"] }, isInterrupted: { true })
    #expect(!comparison.isComplete && comparison.rows.isEmpty)
    let chosen = try compare(stub(), stub(), chosen: { _ in ["b"] })
    #expect(chosen.rows.map(\.name) == ["b"])
  }
}

/// A build that is lines of a shell: `$1` is what they are told.
private func shell(_ script: String, _ word: String = "") -> Build {
  Build(label: "script", program: "/bin/bash", arguments: ["-c", script, "script", word])
}

@Suite("sides that mean no good", .serialized) struct HostileSideTests {
  private static let greeting = "echo tdxbench-turns 1 release; "
  /// Lists one workload, and answers `prepare` as it says.
  private static func prepared(_ answer: String, then: String = "") -> String {
    greeting + """
      while read -r word rest; do
        case $word in
          list) echo workload a small; echo end ;;
          prepare) \(answer) ;;
          run) echo took 1000000; \(then) ;;
          check) echo right ;;
        esac
      done
      """
  }

  /// What came of comparing a side with itself, and how long that took.
  private func outcome(_ build: Build, patience: Duration = .seconds(2)) -> (String, Duration) {
    let start = ContinuousClock.now
    let words: String
    do {
      let comparison = try compare(build, build, patience: patience)
      words = comparison.rows.map { "\($0.name): \($0.error ?? "compared")" }.joined(separator: "\n")
    } catch {
      words = "\(error)"
    }
    return (words, start.duration(to: .now))
  }

  @Test(
    "sides that wait for ever in one way each. Expect each to be named within its time",
    arguments: [
      // Closes its output, and goes on.
      (greeting + "exec >&-; sleep 100", "closed its standard output and went on"),
      ("exec >&-; sleep 100", "closed its standard output and went on"),
      // Does not read what it is asked for.
      (
        greeting
          + "read -n 4 word; [ $word = list ] || sleep 100; echo workload $(head -c 300000 /dev/zero | tr '\\0' a) small; echo end; sleep 100",
        "no answer to `prepare aaa"
      ),
      // Drips a list, and a line.
      (
        greeting + "read word; while sleep 0.2; do echo workload a$RANDOM small; done",
        "no answer to `list` in 2.00 s"
      ),
      (greeting + "read word; while sleep 0.2; do printf a; done", "no answer to `list` in 2.00 s"),
      (prepared("while sleep 0.2; do printf a; done"), "no answer to `prepare a` in 2.00 s"),
    ]
  )
  func waiting(script: String, words: String) {
    let (said, time) = outcome(shell(script))
    #expect(said.contains(words), "\(said.prefix(300))")
    // Two sides, each with its time, and the end of what closes its output.
    #expect(time < .seconds(20), "\(time)")
  }

  @Test(
    "sides that say without end. Expect them killed, and little of it kept",
    arguments: [
      (
        greeting
          + "read word; while :; do echo workload $(head -c 60000 /dev/zero | tr '\\0' a)$RANDOM small; done",
        "a list without an end"
      ),
      (greeting + "read word; yes | tr -d '\\n'", "a line without an end"),
      (greeting + "yes no end of words >&2", "wrote over 64 MiB"),
      // Complaints beside answers that come in time.
      (
        prepared("echo ready 1 1 1 - - x", then: "head -c 30000000 /dev/zero | tr '\\0' x >&2"),
        "wrote over 64 MiB"
      ),
    ]
  )
  func endless(script: String, words: String) {
    let before = residentBytes
    let (said, time) = outcome(shell(script), patience: .seconds(20))
    #expect(said.contains(words), "\(said.prefix(300))")
    #expect(said.utf8.count < 10_000)
    #expect(time < .seconds(60), "\(time)")
    #expect(residentBytes - before < 64 << 20)
  }

  private var residentBytes: Int {
    let words = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
    return (words.flatMap { Int($0[1]) } ?? 0) * 4096
  }

  @Test(
    "counts that are none. Expect them refused",
    arguments: [
      "ready -1 1 1 - - x", "ready 1 -1 1 - - x", "ready 1 1 -1 - - x", "ready 1 1 1 -1 - x",
      "ready 1 1 1 - -5 x",
      "ready 9223372036854775807 1 1 - - x", "ready 1 1 1 x - x", "ready 1 1 1",
    ]
  )
  func counts(answer: String) {
    let (said, _) = outcome(shell(Self.prepared("echo \(answer)")))
    #expect(said.contains("which is no answer"), "\(said)")
  }

  @Test("a side that starts another process and is killed. Expect that one ended, too")
  func group() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("tdxbench-\(UUID())")
    defer { try? FileManager.default.removeItem(at: file) }
    let script = Self.greeting + "read word; sleep 4321 & echo $! >>\"$1\"; sleep 100"
    let (said, _) = outcome(shell(script, file.path))
    #expect(said.contains("no answer to `list`"))
    usleep(200_000)
    let processes = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    #expect(!processes.isEmpty)
    for process in processes {
      let command = try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)
      #expect(command?.contains("4321") != true)
    }
  }

  @Test(
    "a side that is lines of a shell and does as it should. Expect it compared: the others are refused for what they do"
  )
  func good() {
    let (said, _) = outcome(shell(Self.prepared("echo ready 1 1 1 - - x")))
    #expect(said == "a: compared")
  }
}

@Suite("planted work") struct PlantedWorkTests {
  @Test("texts. Expect NAME=PERCENT and nothing else")
  func texts() {
    #expect(PlantedWork("construct/a=2.5").map { [$0.workload, "\($0.percent)"] } == ["construct/a", "2.5"])
    for text in ["", "a", "=5", "a=", "a=x", "a=-1", "a=nan", "a=1e9"] { #expect(PlantedWork(text) == nil) }
  }
}
