import JSON
import MapReaders
import TDXMessages

extension JSONWriter {
  /// `"tdx_log":{…}`: what the log of a machine says of TDX. Nothing where it says nothing.
  ///
  /// - Parameter memoryFits: whether a plan fits; nil where there is none.
  mutating func appendTDXLog(_ observed: Observations, memoryFits: Bool?) {
    let history = observed.tdx
    guard !history.isEmpty else { return }
    appendName("tdx_log")
    append("{")
    switch history.verdict {
    case nil: appendMember("outcome", "unknown")
    case .initialized?: appendMember("outcome", "initialized")
    case .failed(let failure)?:
      appendMember("outcome", "failed")
      appendMember("stage", failure.stage.name)
      appendMember("why", failure.verdict(memoryFits: memoryFits, module: history.moduleVersion))
      if let remedy = failure.remedy(module: history.moduleVersion) { appendMember("remedy", remedy) }
      if let errno = failure.errno { appendMember("errno", TDXFailure.errorName(errno)) }
      appendMember("concerns_memory", failure.concernsMemory)
    }
    if let version = history.moduleVersion { appendMember("module_version", version.description) }
    appendName("lines")
    appendArray(history.messages) { $0.append($1) }
    append("}")
  }

  private mutating func append(_ message: TDXMessage) {
    append("{")
    appendMember("line", message.line)
    appendMember("text", message.text)
    if message.count > 1 { appendMember("count", message.count) }
    if let meaning = message.meaning { appendMember("meaning", meaning) }
    if case .seamcall(let failure) = message.content { append(failure) }
    append("}")
  }

  /// The members of a call that failed.
  private mutating func append(_ failure: SEAMCALLFailure) {
    appendMember("leaf", failure.call)
    appendMember("status", hexText(failure.status.value))
    appendMember("answer", failure.answer)
    if let field = failure.field { appendMember("field", field.description) }
    guard !failure.registers.isEmpty else { return }
    appendName("registers")
    append("{")
    for (index, register) in failure.registers.enumerated() {
      if index > 0 { append(",") }
      appendString(register.name)
      append(":")
      appendString(hexText(register.value))
    }
    append("}")
  }
}
