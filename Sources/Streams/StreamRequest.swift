import JSON
import Requests

/// A kind of request that a stream of lines may have: what works out its answers, and how they are written.
public protocol StreamRequest: Request {
  /// What works out an answer, with memory that it keeps from request to request.
  associatedtype Engine

  static func makeEngine() -> Engine

  /// Appends the answer to the request that was decoded last.
  func appendAnswer(by engine: Engine, to writer: inout JSONWriter)
}
