import Answers
import JSON
import Requests
import TDXMemory

/// Answers `plan --jsonl`: with the plan, and with the module's verdict where CMRs are given.
public typealias PlanResponder = Responder<PlanRequest>

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
