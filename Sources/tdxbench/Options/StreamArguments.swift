import ArgumentParser
import Glibc
import Streams
import SystemIO
import TDXMemory

/// How a stream of requests is answered.
struct StreamArguments: ParsableArguments {
  @Flag(help: "One JSON request a line in, one answer a line out.")
  var jsonl = false

  @Option(help: ArgumentHelp("Answer --jsonl on so many threads, in order (default: 1).", valueName: "n"))
  var threads: Int?

  func validate() throws {
    guard let threads else { return }
    guard jsonl else { throw ValidationError("--threads is for --jsonl") }
    guard 1...Self.mostThreads ~= threads else {
      throw ValidationError("--threads must be 1 to \(Self.mostThreads), not \(threads)")
    }
  }

  private static let mostThreads = 256

  /// Checks what a command was given beside the options of the stream.
  ///
  /// - Parameter others: the options that say where and how a single answer goes, and whether each was given.
  func validate(_ input: InputArguments, without others: KeyValuePairs<String, Bool>) throws {
    guard jsonl else { return try input.validateMachine() }
    guard others.allSatisfy({ !$0.value }) else {
      let names = others.map { "no \($0.key)" }.joined(separator: ", ")
      throw ValidationError("--jsonl writes JSON lines to standard output: \(names)")
    }
    guard !input.host else { throw ValidationError("--jsonl reads requests, not this machine") }
  }

  /// Answers every line of the inputs on standard output, in flat memory.
  ///
  /// - Parameter defaults: what members that a request does not have are taken from.
  /// - Throws: exit status 65 at the end where a line was bad.
  func answer<Request: StreamRequest>(
    _ kind: Request.Type,
    from input: InputArguments,
    defaults: PlanOptions,
    keyIDBits: Int?
  ) throws {
    var isClean = true
    // A stream is standard input where nothing else is named.
    for file in input.files.isEmpty ? ["-"] : input.files {
      let descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw Failure(opening: file, errno) }
      defer { if descriptor != STDIN_FILENO { close(descriptor) } }
      do throws(SystemError) {
        let allGood = try answerLines(from: descriptor, to: STDOUT_FILENO, threads: threads ?? 1) {
          Responder<Request>(
            defaults: defaults,
            defaultKeyIDBits: keyIDBits ?? ModuleArguments.defaultKeyIDBits
          )
        }
        isClean = allGood && isClean
      } catch {
        throw Failure(error, error.operation == .read ? file : "standard output")
      }
    }
    if !isClean { throw ExitCode.badData }
  }
}
