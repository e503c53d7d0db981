import Foundation
import Testing

@Suite struct RunCommandTests {
  @Test("a pattern that no workload has. Expect status 64 and the nearest names")
  func nothingMatches() throws {
    let run = try Command("run", "--filter", "validat/sever")
    #expect(run.status == 64)
    #expect(run.output == "")
    #expect(
      run.errors.hasPrefix(
        "tdxbench: no workload matches --filter validat/sever; the nearest are validate/server"
      )
    )
  }

  @Test(
    "measuring options that make no sense. Expect status 64",
    arguments: [
      ["--quick", "--time", "3"], ["--time", "0"], ["--time=-1"], ["--time", "nan"], ["--time", "1e9"],
      ["--threads", "0"],
      ["--threads", "1025"],
    ]
  )
  func nonsense(options: [String]) throws {
    let run = try Command(["run"] + options)
    #expect(run.status == 64)
    #expect(run.output == "")
  }

  /// Workloads that read files need a place for them. Expect to be told which variable names it.
  @Test func temporaryFilesNeedAPlace() throws {
    let run = try Command(
      ["run", "--filter", "load/tdxmap", "--quick"],
      environment: Command.environment.merging(["TMPDIR": "/nowhere"]) { _, new in new }
    )
    #expect(run.status == 1)
    let text = (run.output + run.errors).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(text.contains("/nowhere (TMPDIR): No such file or directory"), "\(text)")
  }

  @Test("two workloads for a second. Expect a row of each, and status 0")
  func chosen() throws {
    let run = try Command(
      "run",
      "--filter",
      "validate/server",
      "--filter",
      "construct/linux/server*",
      "--time",
      "1"
    )
    #expect(run.status == 0)
    let rows = run.output.split(separator: "\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }
    #expect(rows.count >= 3)
    #expect(rows.allSatisfy { $0.count <= 80 })
  }
}
