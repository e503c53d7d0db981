import JSON
import NodePolicy

extension JSONWriter {
  /// A judgement as an object and a newline.
  ///
  /// - Parameters:
  ///   - designs: whether to tell what the designs of the mail thread make of it.
  ///   - notes: what the reader of the machine has to say.
  ///   - id: of a line of a stream; nil where it is the only answer.
  public mutating func appendJudgement(
    _ judgement: PolicyJudgement,
    designs: Bool,
    notes: [String],
    id: UnsafeRawBufferPointer? = nil
  ) {
    beginAnswer("policy", id: id)
    appendMember("mode", judgement.request.mode.rawValue)
    append("requested", judgement.request.nodes)
    append("allowed", judgement.situation.allowed)
    append("capable", judgement.situation.capable)
    append("today", judgement.today.nodes)
    append("with_tdx", judgement.withTDX.nodes)
    append("today_fallback", judgement.today.fallback)
    append("with_tdx_fallback", judgement.withTDX.fallback)
    appendMember("verdict", judgement.verdict.rawValue)
    appendMember("message", judgement.message)
    appendMember("suggestion", judgement.suggestion)
    if designs {
      appendName("designs")
      appendArray(judgement.designs) { $0.append($1) }
    }
    appendMember("notes", notes)
    append("}\n")
  }

  private mutating func append(_ design: DesignOutcome) {
    append("{")
    appendMember("design", design.design.key)
    append("lands", design.lands)
    appendMember("verdict", design.verdict.rawValue)
    appendMember("outcome", design.outcome)
    appendMember("old_code", design.oldCode)
    append("}")
  }

  private mutating func append(_ name: StaticString, _ nodes: NodeSet) {
    appendName(name)
    appendArray(nodes.nodes) { $0.append(UInt64($1)) }
  }
}
