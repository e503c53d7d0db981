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
  chosen: @escaping ([String]) throws -> Set<String> = { Set($0) },
  isInterrupted: @escaping () -> Bool = { false }
) throws -> Comparison {
  var plan = TurnPlan()
  plan.budget = .milliseconds(200)
  plan.answerLimit = patience
  return try PairedRun(
    before: before,
    after: after,
    plan: plan,
    // Far above what an unquiet machine does to a test, in which one disturbed round of six decides the interval.
    rule: VerdictRule(threshold: 0.5),
    chosen: chosen,
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

  @Test("an interruption, and names of which some are chosen. Expect what there is, marked incomplete")
  func interrupted() throws {
    let comparison = try compare(stub(), stub(), chosen: { _ in ["b"] }, isInterrupted: { true })
    #expect(!comparison.isComplete && comparison.rows.isEmpty)
    let chosen = try compare(stub(), stub(), chosen: { _ in ["b"] })
    #expect(chosen.rows.map(\.name) == ["b"])
  }
}

@Suite("planted work") struct PlantedWorkTests {
  @Test("texts. Expect NAME=PERCENT and nothing else")
  func texts() {
    #expect(PlantedWork("construct/a=2.5").map { [$0.workload, "\($0.percent)"] } == ["construct/a", "2.5"])
    for text in ["", "a", "=5", "a=", "a=x", "a=-1", "a=nan", "a=1e9"] { #expect(PlantedWork(text) == nil) }
  }
}
