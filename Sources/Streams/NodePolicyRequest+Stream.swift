import Answers
import JSON
import MemoryHotplug
import Questions
import Requests
import TDXMemory

/// Answers `policy --jsonl`: with what `policy --format json` prints. The options of a plan do not matter.
public typealias NodePolicyResponder = Responder<NodePolicyRequest>

extension NodePolicyRequest: StreamRequest {
  public static func makeEngine() {}

  public func appendAnswer(by engine: Void, to writer: inout JSONWriter) throws(AnswerFailure) {
    let script = try members.script.map { (text) throws(AnswerFailure) in try HotplugScript(ofStream: text) }
    let described = try plan.machine()
    do throws(QuestionError) {
      let question = try PolicyQuestion(members, script: script)
      let (judgement, notes, machine) = try question.answer(about: described, name: "regions")
      writer.appendJudgement(
        judgement,
        designs: members.tellsDesigns,
        notes: notes + machine.failureNote,
        id: id
      )
    } catch {
      throw AnswerFailure(error)
    }
  }
}
