import ArgumentParser
import Glibc
import Requests
import Streams
import SystemIO
import TDXMemory

/// How a stream of requests is answered.
struct StreamArguments: ParsableArguments {
  @Flag(help: "One JSON request a line in, one answer a line out.")
  var jsonl = false

  @Option(help: ArgumentHelp("Answer --jsonl on so many threads, in order (default: 1).", valueName: "n"))
  var threads: Int?

  @Flag(help: "With --jsonl, end with 0 where every line was answered, bad ones included.")
  var keepGoing = false

  func validate() throws {
    guard !keepGoing || jsonl else { throw ValidationError("--keep-going is for --jsonl") }
    guard let threads else { return }
    guard jsonl else { throw ValidationError("--threads is for --jsonl") }
    try Self.validate(threads: threads)
  }

  static func validate(threads: Int) throws {
    guard 1...mostThreads ~= threads else {
      throw ValidationError("--threads must be 1 to \(mostThreads), not \(threads)")
    }
  }

  private static let mostThreads = 256
}

/// A verb about one machine that answers streams of such questions, too: what all of these share.
protocol StreamingCommand: ParsableCommand {
  associatedtype Request: StreamRequest
  associatedtype Format: RawRepresentable<String>

  var input: InputArguments { get }
  var format: Format { get }
  var output: String? { get }
  var stream: StreamArguments { get }
  /// Further options that say how a single answer is made, and whether each was given.
  var optionsOfOneAnswer: KeyValuePairs<String, Bool> { get }

  /// What members that a request does not have are taken from.
  var options: PlanOptions { get }
  var keyIDBits: Int? { get }
  var profiles: NamedProfiles { get }

  /// What lines are decoded into, with the defaults of members that only this verb has; one for each thread.
  func makeRequest() throws -> () -> Request
}

extension StreamingCommand {
  var optionsOfOneAnswer: KeyValuePairs<String, Bool> { [:] }

  var profiles: NamedProfiles { NamedProfiles() }

  func makeRequest() throws -> () -> Request { { Request() } }

  /// Checks what was given beside the options of the stream.
  func validateStream() throws {
    guard stream.jsonl else { return try input.validateMachine() }
    let others = [("--format", format.rawValue != "text"), ("--output", output != nil)] + optionsOfOneAnswer
    guard others.allSatisfy({ !$0.1 }) else {
      let names = others.map { "no \($0.0)" }.joined(separator: ", ")
      throw ValidationError("--jsonl writes JSON lines to standard output: \(names)")
    }
    guard !input.host else { throw ValidationError("--jsonl reads requests, not this machine") }
  }

  /// Answers every line of the inputs on standard output, in flat memory.
  ///
  /// - Throws: exit status 65 at the end where a line was bad, unless that is no matter.
  func answerStream() throws {
    let makeRequest = try makeRequest()
    var isClean = true
    // A stream is standard input where nothing else is named.
    for file in input.files.isEmpty ? ["-"] : input.files {
      let descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw Failure(opening: file, errno) }
      defer { if descriptor != STDIN_FILENO { close(descriptor) } }
      // Where the answers are to be seen, they are the progress.
      if !OutputTarget(nil).isTerminal {
        ProgressWatch.begin("answering \(file == "-" ? "standard input" : file)") { _ in
          shareRead(of: descriptor)
        }
      }
      do throws(SystemError) {
        let allGood = try answerLines(from: descriptor, to: STDOUT_FILENO, threads: stream.threads ?? 1) {
          Responder(
            makeRequest(),
            defaults: RequestDefaults(options, keyIDBits: keyIDBits, profiles: profiles)
          )
        }
        isClean = allGood && isClean
      } catch {
        endWhereReaderHasGone(error)
        throw Failure(error, error.operation == .read ? file : "standard output")
      }
    }
    if !isClean, !stream.keepGoing { throw ExitCode.badData }
  }
}

/// How much of a regular file has been read through a descriptor; nil of anything else.
private func shareRead(of descriptor: Int32) -> Double? {
  var status = stat()
  guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else {
    return nil
  }
  let position = lseek(descriptor, 0, SEEK_CUR)
  return position < 0 ? nil : Double(position) / Double(status.st_size)
}
