import BenchmarkKit
import BenchmarkRecords
import Foundation
import SystemIO
import Testing

@Suite("where a run's results go") struct RunOutputTests {
  static let workload = "validate/server-2s-1tib"

  /// The least that can be run.
  func run(_ arguments: String...) throws -> Command {
    try Command(["run", "--filter", Self.workload, "--time", "0.01"] + arguments)
  }

  @Test("all formats and a record in one run. Expect each whole, and nothing else")
  func all() throws {
    try withFolder { folder in
      let files = ["json", "csv", "markdown", "bencher", "github-action"]
      let options = files.flatMap { ["--\($0)", "\(folder.path)/\($0)"] }
      let command = try Command(
        ["run", "--filter", Self.workload, "--time", "0.01", "--record", "\(folder.path)/kept"]
          + options
      )
      #expect(command.status == 0, "\(command.errors)")
      #expect(command.output.contains(Self.workload))
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(names.sorted() == (files + ["kept"]).sorted())
      let json = try JSONSerialization.jsonObject(
        with: Data(contentsOf: folder.appendingPathComponent("json"))
      )
      let benchmarks = try #require((json as? [String: Any])?["benchmarks"] as? [[String: Any]])
      #expect(benchmarks.first?["run_name"] as? String == Self.workload)

      let records = RecordFolder("\(folder.path)/kept")
      let name = try #require(try records.names().first)
      let record = try Record.load("\(records.path)/\(name)")
      #expect(record.samples.workloads.map(\.name) == [Self.workload])
      #expect(record.run.command.first == "tdxbench")
      #expect(!record.run.command.contains { $0.contains(folder.path) })
      #expect(command.errors.contains("recorded in \(records.path)/\(name)"))
    }
  }

  @Test("- as a file. Expect it alone on standard output, the table on standard error")
  func standardOutput() throws {
    let command = try run("--csv", "-")
    #expect(command.status == 0)
    #expect(command.output.hasPrefix("name,error,threads,"))
    #expect(!command.output.contains("per call"))
    #expect(command.errors.contains("per call"))
  }

  @Test(
    "two files on standard output, a workload without --profile, a profile without one. Expect wrong usage"
  )
  func usage() throws {
    #expect(try run("--csv", "-", "--json", "-").status == 64)
    #expect(try Command("run", Self.workload).status == 64)
    #expect(try Command("plna").status == 64)
    #expect(try Command("run", "--profile", "cpu").status == 64)
    #expect(try Command("run", "--profile", "cpu", "nothing/of/the/kind").status == 64)
    #expect(try Command("run", "--profile-output", "x").status == 64)
  }

  @Test("a folder that is not there. Expect the error before anything is measured")
  func noFolder() throws {
    let command = try run("--json", "/no/such/folder/x.json")
    #expect(command.status == 74)
    #expect(command.output.isEmpty)
    #expect(command.errors.contains("/no/such/folder/x.json"))
  }

  @Test(
    "instructions, five times. Expect the same count to the instruction",
    .enabled(if: ChildProcess.find("valgrind") != nil, "valgrind is not installed"),
    // valgrind does not run what is built for the address sanitizer.
    .enabled(if: AllocationCounter.isLive, "built with a sanitizer")
  )
  func instructions() throws {
    var counts = Set<Int>()
    for _ in 1...5 {
      let command = try run("--instructions", "--bencher", "-")
      let json = try JSONSerialization.jsonObject(with: Data(command.output.utf8)) as? [String: Any]
      let measures = json?[Self.workload] as? [String: [String: Any]]
      counts.insert(try #require(measures?["instructions"]?["value"] as? Int, "\(command.errors)"))
    }
    #expect(counts.count == 1 && counts.first! > 1000, "\(counts)")
  }

  @Test("instructions where valgrind is not. Expect the run all the same, and what to install")
  func noValgrind() throws {
    let command = try Command(
      ["run", "--filter", Self.workload, "--time", "0.01", "--instructions", "--bencher", "-"],
      environment: ["PATH": "/nowhere"]
    )
    #expect(command.status == 0)
    #expect(command.errors.contains("apt-get install valgrind"))
    #expect(!command.output.contains("instructions"))
  }
}
