import ArgumentParser
import BenchmarkKit
import Glibc
import MapReaders
import Questions
import Streams
import SystemIO
import TerminalText

/// Why a command ends without a result: a message for standard error and an exit status.
struct Failure: Error {
  var message: String
  var exitCode: ExitCode

  init(_ message: String, _ exitCode: ExitCode) {
    self.message = message
    self.exitCode = exitCode
  }

  init(_ error: InputError) {
    self.init(error.description, ExitCode(error.exitCode))
  }

  init(_ error: QuestionError) {
    switch error {
    case .machine(let message): self.init(message, .badData)
    case .question(let message): self.init(message, .wrongUsage)
    }
  }

  /// - Parameter file: what was read or written.
  init(_ error: SystemError, _ file: String) {
    self.init("\(file): \(error)", error.code == ENOMEM ? .fault : .ioError)
  }
}

extension ExitCode {
  /// Done, and the answer is no.
  static let no = ExitCode(1)
  /// EX_USAGE.
  static let wrongUsage = ExitCode(64)
  /// EX_DATAERR.
  static let badData = ExitCode(65)
  /// EX_NOINPUT.
  static let noInput = ExitCode(66)
  /// EX_SOFTWARE.
  static let fault = ExitCode(70)
  /// EX_IOERR.
  static let ioError = ExitCode(74)
  /// Ended by Ctrl-C or its like, as a shell reports it: 130 is 128 and SIGINT.
  static var interrupted: ExitCode {
    ExitCode(128 + (Interruption.hasOccurred ? Interruption.number : SIGINT))
  }
}

/// Writes a line to standard error; on a terminal, lines that fit it.
func complain(_ message: String) {
  ProgressWatch.end()
  var text = "tdxbench: \(message)"
  if isatty(STDERR_FILENO) == 1 {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    text = lines.flatMap { wrapped(String($0), indent: "  ") }.joined(separator: "\n")
  }
  writeToStandardError(text + "\n")
}

/// Writes lines to standard error, fit for a terminal. There is nowhere to report that this failed.
func writeToStandardError(_ lines: String) {
  try? writeAll(linesFitForTerminal(lines), to: STDERR_FILENO)
}
