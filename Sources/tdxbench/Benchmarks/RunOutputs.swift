import ArgumentParser
import BenchmarkKit
import BenchmarkRecords
import Glibc
import SystemIO
import TerminalText

/// Where the results of a run go, beside the table.
struct RunOutputs: ParsableArguments {
  @Option(help: ArgumentHelp("Write Google Benchmark JSON, as its compare.py reads it.", valueName: "file"))
  var json: String?

  @Option(help: ArgumentHelp("Write CSV, a line for each workload.", valueName: "file"))
  var csv: String?

  @Option(help: ArgumentHelp("Write a Markdown table, for the summary of a CI run.", valueName: "file"))
  var markdown: String?

  @Option(help: ArgumentHelp("Write the Bencher Metric Format.", valueName: "file"))
  var bencher: String?

  @Option(
    help: ArgumentHelp(
      "Write the input of github-action-benchmark, tool customSmallerIsBetter.",
      discussion: """
        Where a file is -, it is standard output, and the table goes to standard error. A file appears whole or \
        not at all.
        """,
      valueName: "file"
    )
  )
  var githubAction: String?

  @Option(
    defaultAsFlag: "results",
    help: ArgumentHelp(
      "Keep the run in a new folder DATE.N-MACHINE in this folder (default: results).",
      discussion: "A run that was wrong or interrupted is not kept.",
      valueName: "folder"
    )
  )
  var record: String?

  func validate() throws {
    guard files.count(where: { $0 == "-" }) <= 1 else {
      throw ValidationError("only one file can be -, standard output.")
    }
  }

  private var files: [String] { [json, csv, markdown, bencher, githubAction].compactMap { $0 } }

  /// What is said of the machine and the build, taken before the run loads the machine.
  struct Surroundings {
    let machine = MachineFacts()
    let build = BuildFacts()
    let run = RunFacts()
  }

  /// To be called before the run.
  ///
  /// - Throws: `Failure` where a file has no folder that can be written to: better now than after a minute.
  func prepare() throws(Failure) -> Surroundings {
    try checkWritable(files)
    if let record {
      do throws(RecordError) { try RecordFolder(record).prepare() } catch { throw Failure(error) }
    }
    return Surroundings()
  }

  /// Prints the table and writes what was asked for.
  ///
  /// - Throws: `Failure` where something cannot be written.
  func deliver(_ report: Report, table: String, _ surroundings: Surroundings) throws(Failure) {
    // A reader of the table that has gone ends this process: what is kept of the run comes before.
    let kept = Result { () throws(Failure) in try keep(report, surroundings) }
    if files.contains("-") {
      writeToStandardError(table)
    } else {
      try OutputTarget(nil).write(table)
    }
    try kept.get()
  }

  private func keep(_ report: Report, _ surroundings: Surroundings) throws(Failure) {
    if let json { try OutputTarget(json).write(json: report.googleBenchmarkJSON(surroundings)) }
    if let csv { try OutputTarget(csv).write(data: report.csv()) }
    if let markdown { try OutputTarget(markdown).write(data: report.markdown(items: "regions")) }
    if let bencher { try OutputTarget(bencher).write(json: report.bencherJSON()) }
    if let githubAction { try OutputTarget(githubAction).write(json: report.gitHubActionJSON()) }
    if let record { try keep(report, in: record, surroundings) }
  }

  private func keep(_ report: Report, in folder: String, _ surroundings: Surroundings) throws(Failure) {
    do throws(RecordError) {
      let record = try Record(
        report,
        machine: surroundings.machine,
        build: surroundings.build,
        run: surroundings.run
      )
      complain("recorded in \(try RecordFolder(folder).write(record, of: report, items: "regions"))")
    } catch {
      guard error.kind == .notRecorded else { throw Failure(error) }
      // The exit status says already that the run was wrong or interrupted.
      complain("not recorded: \(error)")
    }
  }
}

extension Report {
  fileprivate func googleBenchmarkJSON(_ surroundings: RunOutputs.Surroundings) -> String {
    googleBenchmarkJSON(machine: surroundings.machine, build: surroundings.build, run: surroundings.run)
  }
}

extension Failure {
  init(_ error: RecordError) {
    let exitCode: ExitCode =
      switch error.kind {
      case .notRecorded: .no
      case .notFound: .noInput
      case .badData: .badData
      case .io: .ioError
      }
    self.init(error.description, exitCode)
  }
}
