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

  @Test(
    "Ctrl-C while 10^7 regions are made, and once more with files to write. Expect the end at once, and what there is",
    arguments: [("INT", 130), ("TERM", 143)]
  )
  func interrupted(signal: String, status: Int) throws {
    try withFolder { folder in
      let run = try Command(
        shell: """
          $tdxbench run --filter construct/linux/fragmented-1e7 --filter validate/server-2s-1tib --csv a.csv >out 2>err &
          # Once it catches SIGINT, and a moment later it is busy.
          until grep -q 'SigCgt:.*[2367abef]$' /proc/$!/status; do sleep 0.1; done
          sleep 1
          begin=$(date +%s%N)
          kill -\(signal) $!
          wait $!
          echo $? $(($(date +%s%N) - begin < 5000000000))
          """,
        in: folder
      )
      #expect(run.output == "\(status) 1\n", "\(run.output)\(run.errors)")
      let table = try String(contentsOf: folder.appending(path: "out"), encoding: .utf8)
      #expect(table.contains("incomplete: interrupted before the end; 2 workloads were not"), "\(table)")
      #expect(try String(contentsOf: folder.appending(path: "a.csv"), encoding: .utf8).contains("name"))
      #expect(try String(contentsOf: folder.appending(path: "err"), encoding: .utf8) == "")
    }
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
