import JSON
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
  private let defaults: PlanOptions
  private let defaultKeyIDBits: Int
  private let request = Request()
  private let engine = Request.makeEngine()

  /// - Parameters:
  ///   - defaults: what members that a request does not have are taken from.
  ///   - defaultKeyIDBits: the same for `keyid_bits`, 0 to 52.
  public init(defaults: PlanOptions, defaultKeyIDBits: Int) {
    self.defaults = defaults
    self.defaultKeyIDBits = defaultKeyIDBits
  }

  /// Appends the answer to a line, or what is wrong with it.
  ///
  /// - Returns: false where the line is no request.
  public func answer(_ line: UnsafeRawBufferPointer, into writer: inout JSONWriter) -> Bool {
    do throws(RequestError) {
      try request.decode(line, defaults: defaults, defaultKeyIDBits: defaultKeyIDBits)
    } catch {
      writer.appendError(id: request.id, message: error.description)
      return false
    }
    request.appendAnswer(by: engine, to: &writer)
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

/// Answers `plan --jsonl`: with the plan, and with the module's verdict where CMRs are given.
public typealias PlanResponder = Responder<PlanRequest>

/// Answers `validate --jsonl`: with the module's verdict. `policy` and `placement` of its defaults do not matter.
public typealias ValidateResponder = Responder<ValidateRequest>

/// A kind of request: one object is decoded into again and again.
public protocol StreamRequest: AnyObject {
  /// What works out an answer, with memory that it keeps from request to request.
  associatedtype Engine

  init()
  static func makeEngine() -> Engine

  /// The JSON value of `id` as it stands in the line, `null` where there is none.
  var id: UnsafeRawBufferPointer { get }

  /// Reads one line. After an error only `id` means something.
  func decode(
    _ line: UnsafeRawBufferPointer,
    defaults: PlanOptions,
    defaultKeyIDBits: Int
  ) throws(RequestError)

  /// Appends the answer to the request that was decoded last.
  func appendAnswer(by engine: Engine, to writer: inout JSONWriter)
}

extension PlanRequest: StreamRequest {
  public static func makeEngine() -> PlanSession { PlanSession() }

  public func appendAnswer(by session: PlanSession, to writer: inout JSONWriter) {
    let (plan, verdict) = session.plan(
      UnsafeBufferPointer(regions),
      convertible: hasConvertible ? UnsafeBufferPointer(convertible) : nil,
      options: options,
      keyIDBits: keyIDBits
    )
    writer.appendPlan(plan, id: id, options: options, verdict: verdict)
  }
}

extension ValidateRequest: StreamRequest {
  public static func makeEngine() -> ModuleRules { ModuleRules() }

  public func appendAnswer(by rules: ModuleRules, to writer: inout JSONWriter) {
    writer.appendVerdict(rules.verdict(on: configuration), id: id)
  }

  /// What the module's rules are asked about; valid until the next `decode`.
  public var configuration: ModuleConfiguration {
    ModuleConfiguration(
      tdmrs: tdmrs,
      cmrs: convertible,
      keyIDBits: keyIDBits,
      dynamicPAMT: dynamicPAMT,
      limits: limits
    )
  }
}
