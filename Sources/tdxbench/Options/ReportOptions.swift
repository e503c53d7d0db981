import ArgumentParser
import TerminalText

/// Where a report goes beside or in place of the table on standard output.
struct ReportOptions: ParsableArguments {
  @Option(
    defaultAsFlag: "-",
    help: ArgumentHelp("Write JSON (default: to standard output, in place of the table).", valueName: "file")
  )
  var json: String?

  @Option(
    defaultAsFlag: "-",
    help: ArgumentHelp(
      "Write Markdown, for the summary of a CI run (default: to standard output, in place of the table).",
      valueName: "file"
    )
  )
  var markdown: String?

  @Flag(help: "Show no progress, and say nothing of what is being built.")
  var quiet = false

  func validate() throws {
    if json == "-", markdown == "-" {
      throw ValidationError("only one of --json and --markdown can be standard output.")
    }
  }

  /// Whether something else than the table is wanted.
  var isUsed: Bool { json != nil || markdown != nil }

  /// To be called before anything is measured.
  ///
  /// - Throws: `Failure` where a file has no folder that can be written to.
  func prepare() throws(Failure) { try checkWritable([json, markdown].compactMap { $0 }) }

  /// - Throws: `Failure` where something cannot be written.
  func deliver(table: String, json: String, markdown: String) throws(Failure) {
    if self.json != "-", self.markdown != "-" { try OutputTarget(nil).write(table) }
    if let file = self.json { try OutputTarget(file).write(json: json) }
    if let file = self.markdown { try OutputTarget(file).write(data: markdown) }
  }
}
