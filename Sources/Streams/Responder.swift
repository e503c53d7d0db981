import Answers
import JSON
import Requests
import SystemIO
import TDXMemory

/// Answers the lines of a stream, one after the other, in memory that grows only to the largest.
public protocol LineAnswerer: AnyObject {
  /// Appends the answer to a line.
  ///
  /// - Parameter number: of the line, from 1.
  /// - Returns: false where the line is no request.
  func answer(_ line: InputLine, number: Int, into writer: inout JSONWriter) -> Bool
}

/// Answers requests of one kind with what works them out. It belongs to one thread.
public final class Responder<Request: StreamRequest>: LineAnswerer {
  private let defaults: RequestDefaults
  private let request: Request
  private let engine = Request.makeEngine()

  /// - Parameters:
  ///   - request: what lines are decoded into; it has the defaults of members of its own.
  ///   - defaults: what members that a request does not have are taken from; key-id bits 0 to 52, or nil: what the
  ///     machine says, else what is assumed.
  public init(_ request: Request = Request(), defaults: RequestDefaults) {
    self.request = request
    self.defaults = defaults
  }

  /// The same where no kernel, module or processor is named.
  public convenience init(_ request: Request = Request(), defaults: PlanOptions, defaultKeyIDBits: Int?) {
    self.init(request, defaults: RequestDefaults(defaults, keyIDBits: defaultKeyIDBits))
  }

  /// Appends the answer to a line, or what is wrong with it.
  ///
  /// - Returns: false where the line is no request.
  public func answer(_ line: UnsafeRawBufferPointer, into writer: inout JSONWriter) -> Bool {
    do throws(RequestError) {
      try request.decode(line, defaults: defaults)
    } catch {
      writer.appendError(id: request.id, message: error.description)
      return false
    }
    let start = writer.count
    do throws(AnswerFailure) {
      try request.appendAnswer(by: engine, to: &writer)
    } catch {
      writer.removeAll(from: start)
      writer.appendError(id: request.id, message: error.message)
      return false
    }
    return true
  }

  public func answer(_ line: InputLine, number: Int, into writer: inout JSONWriter) -> Bool {
    switch line {
    case .bytes(let bytes): return answer(bytes, into: &writer)
    case .tooLong(let limit):
      writer.appendError(id: RequestID.null, message: "line \(number) is longer than \(limit) bytes")
      return false
    }
  }
}
