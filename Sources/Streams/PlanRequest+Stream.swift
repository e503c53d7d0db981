import Answers
import JSON
import MapReaders
import Questions
import Requests
import TDXMemory

/// Answers `plan --jsonl`: with the plan, and with the module's verdict where CMRs are given. Where a log is read, with
/// what the reader has to say, too.
public typealias PlanResponder = Responder<PlanRequest>

extension PlanRequest: StreamRequest {
  public static func makeEngine() -> PlanSession { PlanSession() }

  public func appendAnswer(by session: PlanSession, to writer: inout JSONWriter) throws(AnswerFailure) {
    guard hasRegions, profiles.isEmpty, !afterKexec.isAsked else {
      return try appendAnswerOnMachine(by: session, to: &writer)
    }
    let (plan, verdict) = session.plan(
      UnsafeBufferPointer(regions),
      convertible: hasConvertible ? UnsafeBufferPointer(convertible) : nil,
      options: options,
      keyIDBits: keyIDBits
    )
    writer.appendPlan(plan, id: id, options: options, verdict: verdict)
  }

  @inline(never)
  private func appendAnswerOnMachine(
    by session: PlanSession,
    to writer: inout JSONWriter
  ) throws(AnswerFailure) {
    var machine = try machine()
    let keyIDBits = profiles.upperBits(keyIDBits: machine.keyIDBits, module: machine.module)
    let options = profiles.options(
      options,
      for: &machine,
      upperBits: keyIDBits,
      isSettled: saysKindOfPAMT
    )
    let canInitializeAgain: Bool?
    do throws(QuestionError) {
      canInitializeAgain = try afterKexec.apply(to: &machine)
    } catch {
      throw AnswerFailure(error)
    }
    let (plan, verdict) = session.plan(machine, options: options, keyIDBits: keyIDBits)
    let tdmrs = plan.failure == nil ? plan.tdmrs.count : nil
    if let cost = AfterKexec.cost(on: machine, tdmrs: tdmrs, options: options, keyIDBits: keyIDBits) {
      machine.notes.append(cost)
    }
    if options.dynamicPAMT {
      machine.notes += dynamicPAMTNotes(keyIDBits: keyIDBits, physBits: profiles.physBits)
    }
    writer.appendPlan(
      plan,
      of: machine,
      id: id,
      options: options,
      verdict: verdict,
      givenUp: nil,
      canInitializeAgain: canInitializeAgain
    )
  }
}
