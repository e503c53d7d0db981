import ArgumentParser
import BenchmarkKit
import Workloads

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs the benchmark suite and prints one table (the default command).",
    discussion: """
      Every result is checked off the clock; a wrong one is a row without a time, and exit status 1. Times are \
      medians of samples that are interleaved in random order across the workloads; allocations are counted \
      exactly, in a pass of their own.
      """
  )

  func run() throws {
    let suite = Suite(try allWorkloads())
    var line = ProgressLine()
    let report = suite.run { line.show($0) }
    line.clear()
    print(report.table(items: "regions"), terminator: "")
    if !report.isSuccess { throw ExitCode.no }
  }
}

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists the workloads, one a line, with why each exists."
  )

  func run() throws {
    let workloads = try allWorkloads()
    let width = workloads.map(\.name.count).max() ?? 0
    for workload in workloads {
      let space = String(repeating: " ", count: width - workload.name.count)
      print("\(workload.name)\(space)  \(workload.why)")
    }
  }
}

private func allWorkloads() throws -> [Workload] {
  do {
    return try workloads()
  } catch {
    throw Failure("a map of the suite cannot be read: \(error)", .fault)
  }
}
