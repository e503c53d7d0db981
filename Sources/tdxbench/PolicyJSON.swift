import JSON
import NodePolicy
import PlanJSON

extension JSONWriter {
  /// A judgement as an object and a newline.
  mutating func appendJudgement(_ judgement: PolicyJudgement, designs: Bool, notes: [String]) {
    append(#"{"mode":"#)
    appendString(judgement.request.mode.rawValue)
    for (name, nodes) in [
      ("requested", judgement.request.nodes), ("allowed", judgement.situation.allowed),
      ("capable", judgement.situation.capable), ("today", judgement.today.nodes),
      ("with_tdx", judgement.withTDX.nodes), ("today_fallback", judgement.today.fallback),
      ("with_tdx_fallback", judgement.withTDX.fallback),
    ] {
      append(",")
      appendString(name)
      append(":")
      append(nodes)
    }
    append(#","verdict":"#)
    appendString(judgement.verdict.rawValue)
    append(#","message":"#)
    appendString(judgement.message)
    append(#","suggestion":"#)
    appendString(judgement.suggestion)
    if designs {
      append(#","designs":["#)
      for (index, design) in judgement.designs.enumerated() {
        if index > 0 { append(",") }
        append(design)
      }
      append("]")
    }
    append(#","notes":"#)
    appendStrings(notes)
    append("}\n")
  }

  private mutating func append(_ design: DesignOutcome) {
    append(#"{"design":"#)
    appendString(design.design.key)
    append(#","lands":"#)
    append(design.lands)
    append(#","verdict":"#)
    appendString(design.verdict.rawValue)
    append(#","outcome":"#)
    appendString(design.outcome)
    append(#","old_code":"#)
    appendString(design.oldCode)
    append("}")
  }

  private mutating func append(_ nodes: NodeSet) {
    append("[")
    for (index, node) in nodes.nodes.enumerated() {
      if index > 0 { append(",") }
      append(UInt64(node))
    }
    append("]")
  }
}
