import MapReaders
import TDXMessages
import TerminalText

/// What `tdxbench explain` tells a person.
public struct ExplainText {
  private let logs: ExplainedLogs
  private let style: Style

  public init(_ logs: ExplainedLogs, style: Style) {
    self.logs = logs
    self.style = style
  }

  public func render() -> String {
    logs.logs.map { log in
      var text = labelled("Log", "\(fitForTerminal(log.file, limit: 160)): \(size(log))")
      for (index, boot) in log.boots.enumerated() {
        if log.boots.count > 1 { text += "\n" + labelled("Boot", "\(index + 1) of \(log.boots.count)") }
        text += head(boot) + "\n" + boot.lines.map { line($0) }.joined()
        if boot.hidden > 0 { text += "... and \(boot.hidden) more lines\n\n" }
        text += verdict(boot)
      }
      return text + log.notes.map { labelled("Note", $0) }.joined()
    }.joined(separator: "\n")
  }

  private func size(_ log: ExplainedLogs.Log) -> String {
    let lines = log.boots.reduce(0) { $0 + $1.lines.reduce(0) { $0 + $1.line.count } + $1.hidden }
    guard lines > 0 else { return "no line says anything of TDX" }
    let boots = log.boots.count > 1 ? " in \(log.boots.count) boots" : ""
    return "\(counted(lines, "line")) about TDX\(boots)"
  }

  private func head(_ boot: ExplainedLogs.Boot) -> String {
    var text = labelled("Kernel", "\(boot.kernel): \(boot.kernel.initialization)")
    if let module = boot.module { text += labelled("Module", module.sentence) }
    return text
  }

  private func line(_ explained: ExplainedLine) -> String {
    let (line, explanation) = (explained.line, explained.explanation)
    let number = line.last > line.first ? "\(line.first)-\(line.last)" : "\(line.first)"
    let rows = quoted(line.text, indent: 10, style: style).map { style.paint($0, .bold) }
    var text = number.padded(to: 10, .left) + rows.joined(separator: "\n")
    if line.count > 1 { text += " (\(line.count) lines)" }
    text += "\n"
    let kernels = explanation.kernels.map { " (\(Self.kernelsText($0)))" } ?? ""
    text += labelled("    is", explanation.what + kernels)
    if let here = explanation.here { text += labelled("    here", here) }
    text += labelled("    do", explanation.remedy ?? "nothing")
    return text + "\n"
  }

  /// `6.8 on` is Linux's; `out of tree` says so itself.
  static func kernelsText(_ kernels: String) -> String {
    kernels.first?.isNumber == true ? "Linux \(kernels)" : kernels
  }

  private func verdict(_ boot: ExplainedLogs.Boot) -> String {
    switch boot.verdict {
    case nil: return labelled("Outcome", "nothing is said of how the initialisation ended")
    case .initialized?: return labelled("Outcome", style.paint("TDX is initialised", .green))
    case .failed(let failure)?:
      let version = boot.module?.version ?? boot.history.moduleVersion
      var text = labelled(
        "Outcome",
        "\(style.paint("fails", .red)): \(failure.verdict(memoryFits: nil, module: version))"
      )
      if let remedy = failure.remedy(module: version) { text += labelled("Do", remedy) }
      return text
    }
  }
}
