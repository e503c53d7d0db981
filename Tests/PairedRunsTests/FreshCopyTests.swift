import BenchmarkComparison
import BenchmarkKit
import Foundation
import RandomNumbers
import SystemIO
import TestSupport
import Testing

@testable import PairedRuns

private let stub = productsFolder.appendingPathComponent("turn-stub").path

private func build(_ program: String, links: [String] = []) -> Build {
  var build = Build(label: "stub", program: program, arguments: [])
  build.links = links
  return build
}

private func comparison(of program: String) throws -> Comparison {
  var plan = TurnPlan()
  plan.budget = .milliseconds(200)
  return try PairedRun(
    before: build(program),
    after: build(program),
    plan: plan,
    rule: VerdictRule(threshold: 0.5),
    chosen: { Set($0) }
  ).run()
}

@Suite("from where rounds start builds", .serialized) struct FreshCopyTests {
  /// The bytes of a file that a copy has to have: all that is loaded.
  private func loaded(_ path: String) -> LoadedBytes? { LoadedBytes(of: path) }

  @Test(
    "two builds. Expect copies of all that is loaded, other ones of each, and new ones once it starts over"
  )
  func copies() throws {
    var random = SplitMix64(seed: 1)
    let copies = FreshCopies(of: [build(stub), build(stub)])
    #expect(copies.areMade && copies.note == nil)
    let first = copies.next(using: &random).map(\.program)
    #expect(first[0] != first[1] && !first.contains(stub))
    #expect(loaded(first[0]) == loaded(stub) && loaded(first[1]) == loaded(stub))
    // Much less than the file, which has debug information: a copy of that would cost as much again.
    var status = stat()
    #expect(stat(first[0], &status) == 0)
    let held = status.st_blocks * 512
    #expect(stat(stub, &status) == 0 && held < status.st_size)
    let numbers = first.map { path in
      #expect(stat(path, &status) == 0)
      return status.st_ino
    }
    copies.startOver()
    for path in copies.next(using: &random).map(\.program) {
      #expect(stat(path, &status) == 0 && !numbers.contains(status.st_ino))
    }
  }

  @Test("copies that cost more than a fifth of the time. Expect them kept for the next rounds")
  func share() throws {
    var random = SplitMix64(seed: 1)
    let copies = FreshCopies(of: [build(stub), build(stub)])
    func number() -> UInt {
      var status = stat()
      return stat(copies.next(using: &random)[0].program, &status) == 0 ? status.st_ino : 0
    }
    let first = number()
    #expect(first != 0 && number() == first)
    // Until copies have cost less than that.
    let patience = ContinuousClock.now + .seconds(60)
    while number() == first, ContinuousClock.now < patience { usleep(10_000) }
    #expect(number() != first)
  }

  @Test("a build with a link of other code. Expect each drawn in turn")
  func links() throws {
    var random = SplitMix64(seed: 1)
    let copies = FreshCopies(of: [build(stub, links: ["/bin/cat"]), build(stub)])
    var seen = [0, 0]
    for _ in 0..<20 {
      copies.startOver()
      let program = copies.next(using: &random)[0].program
      seen[loaded(program) == loaded(stub) ? 0 : 1] += 1
    }
    #expect(seen[0] > 3 && seen[1] > 3, "\(seen)")
  }

  @Test("the builds of this package. Expect them compared from copies, without a word")
  func executable() throws {
    let comparison = try comparison(of: stub)
    #expect(comparison.rows.count == 3 && comparison.errors.isEmpty)
    #expect(comparison.notes.allSatisfy { !$0.contains("the files themselves") }, "\(comparison.notes)")
  }

  @Test(
    "a script, and a program that looks for what lies beside it. Expect both compared from their files, and a note"
  )
  func files() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "tdxbench-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let script = folder.appending(path: "script")
    try Data("#!/bin/sh\nexec '\(stub)'\n".utf8).write(to: script)
    #expect(chmod(script.path, 0o755) == 0)
    let ofScript = try comparison(of: script.path)
    #expect(ofScript.rows.count == 3 && ofScript.errors.isEmpty)
    #expect(ofScript.notes.contains { $0.contains("no executable that can be copied") }, "\(ofScript.notes)")

    // A shell is told by its arguments what to do; this one goes by the file that it was started from.
    var plan = TurnPlan()
    plan.budget = .milliseconds(200)
    let shell = Build(
      label: "shell",
      program: "/bin/bash",
      arguments: ["-c", "case $(readlink /proc/$$/exe) in /memfd*) exit 1 ;; esac; exec '\(stub)'"]
    )
    let besideIt = try PairedRun(
      before: shell,
      after: shell,
      plan: plan,
      rule: VerdictRule(threshold: 0.5),
      chosen: { Set($0) }
    ).run()
    #expect(besideIt.rows.count == 3 && besideIt.errors.isEmpty)
    #expect(besideIt.notes.contains { $0.contains("do not start from copies") }, "\(besideIt.notes)")
  }
}
