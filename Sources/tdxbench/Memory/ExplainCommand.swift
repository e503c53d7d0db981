import Answers
import ArgumentParser
import JSON
import MapReaders
import TDXMemory

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Says in words what each line about TDX in a log is, what it means and what to do.",
    usage: "tdxbench explain [<options>] [<input> ...]",
    discussion: """
      Reads boot logs and journals, with or without a memory map, each by itself; beside them it takes \
      /sys/devices/faux/tdx_host. Exit status 0 where TDX did not fail in the last boot, 1 where it did.
      """
  )

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json
  }

  @OptionGroup var input: InputArguments
  @OptionGroup var profile: ProfileArguments

  @Option(help: "text, or json for programs.")
  var format = Format.text

  @Option(name: .shortAndLong, help: ArgumentHelp("Write to a file, whole or not at all.", valueName: "file"))
  var output: String?

  @OptionGroup var terminal: TerminalArguments

  func validate() throws { try input.validateMachine() }

  func run() throws {
    ProgressWatch.beginReading(input.files, name: input.name)
    let logs: TDXLogs
    do throws(InputError) {
      logs = try readTDXLogs(input.inputs.all)
      // What says nothing of TDX must be a kernel's log, at least.
      if let log = logs.logs.first(where: { $0.isEmpty && !$0.hasKernelLines }) {
        throw InputError(
          kind: .badData,
          file: log.file,
          message: "no line about TDX, and none that a kernel prints while it boots"
        )
      }
    } catch {
      throw Failure(error)
    }
    let explained = ExplainedLogs(
      logs,
      namedKernel: profile.kernel,
      namedModule: profile.moduleVersion
    )
    let target = OutputTarget(output)
    switch format {
    case .text: try target.write(ExplainText(explained, style: target.style).render())
    case .json:
      var object = JSONWriter()
      object.appendExplanation(explained)
      try target.write(object)
    }
    if explained.isFailure { throw ExitCode.no }
  }
}
