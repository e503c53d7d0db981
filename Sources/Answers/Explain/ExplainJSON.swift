import JSON
import MapReaders
import TDXMessages

extension JSONWriter {
  /// What logs say of TDX, as an object a log and a newline each:
  /// `{"file":…,"boots":[{"kernel":…,"module_version":…,"outcome":…,"lines":[…]}],"notes":[…]}`.
  public mutating func appendExplanation(_ logs: ExplainedLogs) {
    for log in logs.logs {
      append("{")
      appendMember("file", log.file)
      appendName("boots")
      appendArray(log.boots) { $0.append($1) }
      appendMember("notes", log.notes)
      append("}\n")
    }
  }

  private mutating func append(_ boot: ExplainedLogs.Boot) {
    append("{")
    if boot.kernel.isNamed { appendMember("kernel", boot.kernel.release.text) }
    if let module = boot.module { appendMember("module_version", module.version.description) }
    switch boot.verdict {
    case nil: appendMember("outcome", "unknown")
    case .initialized?: appendMember("outcome", "initialized")
    case .failed(let failure)?:
      let version = boot.module?.version ?? boot.history.moduleVersion
      appendMember("outcome", "failed")
      appendMember("stage", failure.stage.name)
      appendMember("why", failure.verdict(memoryFits: nil, module: version))
      if let remedy = failure.remedy(module: version) { appendMember("remedy", remedy) }
    }
    if boot.hidden > 0 { appendMember("hidden", boot.hidden) }
    appendName("lines")
    appendArray(boot.lines) { $0.append($1) }
    append("}")
  }

  private mutating func append(_ explained: ExplainedLine) {
    let (line, explanation) = (explained.line, explained.explanation)
    append("{")
    appendMember("line", line.first)
    if line.last > line.first { appendMember("last_line", line.last) }
    if line.count > 1 { appendMember("count", line.count) }
    appendMember("text", line.text)
    appendMember("known", explanation.isKnown)
    appendMember("what", explanation.what)
    if let kernels = explanation.kernels { appendMember("kernels", kernels) }
    if let here = explanation.here { appendMember("here", here) }
    if let remedy = explanation.remedy { appendMember("do", remedy) }
    append("}")
  }
}
