import JSON
import MapReaders
import MemoryHotplug
import Questions
import Requests

/// A kind of request that a stream of lines may have: what works out its answers, and how they are written.
public protocol StreamRequest: Request {
  /// What works out an answer, with memory that it keeps from request to request.
  associatedtype Engine

  static func makeEngine() -> Engine

  /// Appends the answer to the request that was decoded last.
  ///
  /// - Throws: what is wrong with it, which turns out only now; what was appended is dropped.
  func appendAnswer(by engine: Engine, to writer: inout JSONWriter) throws(AnswerFailure)
}

/// Why a request that could be decoded has no answer, as a sentence without its end.
public struct AnswerFailure: Error {
  let message: String

  init(_ error: InputError) { message = error.description }
  init(_ error: QuestionError) { message = error.description }
  init(_ message: String) { self.message = message }

  /// What a script says that is none.
  init(_ error: ScriptError) {
    self.init(
      InputError(
        kind: .badData,
        file: "script",
        line: error.line,
        text: error.text,
        message: error.reason.description
      )
    )
  }
}

extension PlanRequest {
  /// The machine that the request is about, with the kernel and the module that it names.
  func machine() throws(AnswerFailure) -> Machine {
    do throws(InputError) {
      return profiles.applied(to: try readMachine(self))
    } catch {
      throw AnswerFailure(error)
    }
  }
}
