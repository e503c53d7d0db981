import ArgumentParser
import Glibc
import PlanJSON
import TDXMemory

/// `plan --jsonl`: each line is planned with the same session, so memory does not grow with the lines.
struct PlanStream {
  var defaults: PlanOptions
  var keyIDBits: Int

  func run(over input: InputArguments) throws {
    let request = PlanRequest()
    let session = PlanSession()
    try answerRequests(from: input) { line, answer in
      do throws(RequestError) {
        try request.decode(line, defaults: defaults, defaultKeyIDBits: keyIDBits)
      } catch {
        answer.appendError(id: request.id, message: error.description)
        return false
      }
      let (plan, verdict) = session.plan(
        UnsafeBufferPointer(request.regions),
        convertible: request.hasConvertible ? UnsafeBufferPointer(request.convertible) : nil,
        options: request.options,
        keyIDBits: request.keyIDBits
      )
      answer.appendPlan(plan, id: request.id, options: request.options, verdict: verdict)
      return true
    }
  }
}

/// `validate --jsonl`.
struct ValidateStream {
  var defaults: PlanOptions
  var keyIDBits: Int

  func run(over input: InputArguments) throws {
    let request = ValidateRequest()
    let rules = ModuleRules()
    try answerRequests(from: input) { line, answer in
      do throws(RequestError) {
        try request.decode(line, defaults: defaults, defaultKeyIDBits: keyIDBits)
      } catch {
        answer.appendError(id: request.id, message: error.description)
        return false
      }
      answer.appendVerdict(rules.verdict(on: request.configuration), id: request.id)
      return true
    }
  }
}

extension ValidateRequest {
  /// What the module's rules are asked about; valid until the next `decode`.
  var configuration: ModuleConfiguration {
    ModuleConfiguration(
      tdmrs: tdmrs,
      cmrs: convertible,
      keyIDBits: keyIDBits,
      dynamicPAMT: dynamicPAMT,
      limits: limits
    )
  }
}

/// Answers every line of the inputs on standard output, and tells bad lines on standard error too.
///
/// - Parameter body: answers one line; false where it was no request.
/// - Throws: exit status 65 at the end where a line was bad.
private func answerRequests(
  from input: InputArguments,
  _ body: (UnsafeRawBufferPointer, inout JSONWriter) -> Bool
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
