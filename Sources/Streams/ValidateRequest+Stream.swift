import Answers
import JSON
import Requests
import TDXMemory

/// Answers `validate --jsonl`: with the module's verdict. `policy` and `placement` of its defaults do not matter.
public typealias ValidateResponder = Responder<ValidateRequest>

extension ValidateRequest: StreamRequest {
  public static func makeEngine() -> ModuleRules { ModuleRules() }

  public func appendAnswer(by rules: ModuleRules, to writer: inout JSONWriter) {
    writer.appendVerdict(rules.verdict(on: configuration), id: id)
  }
}
