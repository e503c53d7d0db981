import Answers
import JSON
import MapReaders
import Requests
import TDXMemory

/// Answers `validate --jsonl`: with the module's verdict. `policy` and `placement` of its defaults do not matter.
public typealias ValidateResponder = Responder<ValidateRequest>

extension ValidateRequest: StreamRequest {
  public static func makeEngine() -> ModuleRules { ModuleRules() }

  public func appendAnswer(by rules: ModuleRules, to writer: inout JSONWriter) throws(AnswerFailure) {
    guard hasConvertible else {
      return writer.appendVerdict(try verdictWithCMRsOfLogs(by: rules), id: id)
    }
    writer.appendVerdict(rules.verdict(on: configuration), id: id)
  }

  @inline(never)
  private func verdictWithCMRsOfLogs(by rules: ModuleRules) throws(AnswerFailure) -> ModuleVerdict {
    let machine: Machine
    do throws(InputError) { machine = try readMachine(texts: logs) } catch { throw AnswerFailure(error) }
    guard let convertible = machine.convertible else {
      throw AnswerFailure("the log has no CMRs, which the module's rules need")
    }
    let slots = convertible.map { ConvertibleRegionSlot(base: $0.start, size: $0.size) }
    return slots.withUnsafeBufferPointer {
      rules.verdict(
        on: configuration(convertible: $0, keyIDBits: givenKeyIDBits ?? machine.keyIDBits)
      )
    }
  }
}
