import NodePolicy
import TDXMemory
import TerminalText

/// What `tdxbench policy` tells a person.
public struct PolicyText {
  private let judgement: PolicyJudgement
  private let notes: [String]
  private let style: Style

  /// - Parameter notes: what the reader of the machine has to say.
  public init(_ judgement: PolicyJudgement, notes: [String], style: Style) {
    self.judgement = judgement
    self.notes = notes
    self.style = style
  }

  public func render(designs: Bool) -> String {
    let (request, situation) = (judgement.request, judgement.situation)
    var text = labelled("Policy", "\(request.mode.rawValue) \(request.nodes)")
    text += labelled("Allowed", named(situation.allowed))
    text += labelled("Capable", named(situation.capable))
    text += labelled("Today", landing(judgement.today))
    text += labelled("With TDX", landing(judgement.withTDX))
    text += "\n" + labelled("Verdict", "\(painted(judgement.verdict)): \(judgement.message)")
    text += labelled("Try", judgement.suggestion)
    if designs {
      text += "\n"
      for design in judgement.designs { text += block(design) }
    }
    if !notes.isEmpty { text += "\n" }
    return text + notes.map { labelled("Note", $0) }.joined()
  }

  private func named(_ nodes: NodeSet) -> String {
    nodes.isEmpty
      ? "no node"
      : "\(nodes.count == 1 ? "node" : "nodes") \(nodes), "
        + "\(ByteCount(judgement.situation.capacity(of: nodes))) of TDX memory"
  }

  private func landing(_ landing: PolicyJudgement.Landing) -> String {
    if landing.all.isEmpty { return "nowhere" }
    return "\(landing.nodes)" + (landing.fallback.isEmpty ? "" : ", then \(landing.fallback)")
  }

  private func painted(_ verdict: PolicyJudgement.Verdict) -> String {
    switch verdict {
    case .ok: style.paint("ok", .green)
    case .warning: style.paint("warning", .yellow)
    case .refused: style.paint("refused", .red)
    }
  }

  private func block(_ design: DesignOutcome) -> String {
    let lands = design.lands.isEmpty ? "no guest" : "lands on \(design.lands)"
    return labelled(
      "Design",
      "\(style.paint(design.design.rawValue, .bold)): \(painted(design.verdict)), \(lands). \(design.outcome)"
    ) + labelled("", "Old code: \(design.oldCode)")
  }
}
