import Answers
import JSON
import Questions
import Requests
import TDXMemory

/// Answers `advise --jsonl`: with what `advise --format json` prints. `policy` of its defaults does not matter.
public typealias AdviseResponder = Responder<AdviseRequest>

extension AdviseRequest: StreamRequest {
  public static func makeEngine() -> AdviceMemo { AdviceMemo() }

  public func appendAnswer(by memo: AdviceMemo, to writer: inout JSONWriter) throws(AnswerFailure) {
    var machine = try plan.machine()
    var question = AdviceQuestion(
      options: plan.options,
      keyIDBits: givenKeyIDBits,
      slack: slack,
      tdMemory: tdMemory ?? 0,
      profiles: profiles
    )
    if !saysKindOfPAMT { question.settleDynamicPAMT(on: &machine) }
    let (advice, figures) = memo.answer(question, about: &machine)
    writer.appendAdvice(advice, figures, of: machine, id: id, showsBill: tdMemory != nil)
  }
}
