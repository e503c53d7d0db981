import ArgumentParser
import Glibc
import PlanJSON

/// Answers every line of the inputs on standard output, in flat memory.
///
/// - Parameter body: answers one line; false where it was no request.
/// - Throws: exit status 65 at the end where a line was bad.
func answerRequests(
  from input: InputArguments,
  with body: (UnsafeRawBufferPointer, inout JSONWriter) -> Bool
) throws {
  var isClean = true
  for file in input.streams {
    let descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(opening: file, errno) }
    defer { if descriptor != STDIN_FILENO { close(descriptor) } }
    do throws(IOError) {
      try answerLines(from: descriptor, to: STDOUT_FILENO) { number, line, answer in
        switch line {
        case .bytes(let bytes):
          isClean = body(bytes, &answer) && isClean
        case .tooLong(let limit):
          answer.appendError(id: RequestID.null, message: "line \(number) is longer than \(limit) bytes")
          isClean = false
        }
      }
    } catch {
      throw Failure(error, error.operation == .read ? file : "standard output")
    }
  }
  if !isClean { throw ExitCode.badData }
}
