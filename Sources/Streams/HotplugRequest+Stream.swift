import Answers
import JSON
import MemoryHotplug
import Questions
import Requests
import TDXMemory

/// Answers `hotplug --jsonl`: with what `hotplug --format json` prints; the lines of a script in one.
public typealias HotplugResponder = Responder<HotplugRequest>

extension HotplugRequest: StreamRequest {
  public static func makeEngine() {}

  public func appendAnswer(by engine: Void, to writer: inout JSONWriter) throws(AnswerFailure) {
    // A script that cannot be read is told of before anything is done.
    let script = try script.map { (text) throws(AnswerFailure) in try HotplugScript(ofStream: text) }
    var described = try plan.machine()
    let upperBits = profiles.upperBits(keyIDBits: givenKeyIDBits, module: described.module)
    let options = profiles.options(
      plan.options,
      for: &described,
      upperBits: upperBits,
      isSettled: saysKindOfPAMT
    )
    var machine: HotplugMachine
    do throws(QuestionError) {
      machine = HotplugMachine(
        described,
        blockSize: try described.blockSize(sizes),
        options: options,
        keyIDBits: upperBits
      )
    } catch {
      throw AnswerFailure(error)
    }
    if let script {
      writer.appendOutcomes(of: script, id: id) { machine.perform($0) }
    } else {
      let initialized = machine.initializeTDX()
      writer.appendSummary(machine, initialized: initialized, of: described, id: id)
    }
  }
}

extension HotplugScript {
  /// More operations than anyone plans: what an operation costs grows with those before it.
  private static let mostLines = 1 << 16

  /// An ejection goes block by block, of 128 MiB or more: 65,536 of them at the most in a script.
  private static let mostEjected: UInt64 = 8 << 40

  /// A script in a request.
  init(ofStream text: String) throws(AnswerFailure) {
    do throws(ScriptError) { try self.init(text) } catch { throw AnswerFailure(error) }
    guard lines.count <= Self.mostLines else {
      throw AnswerFailure("script: \(lines.count) operations, above \(Self.mostLines)")
    }
    var ejected: UInt64 = 0
    for line in lines {
      guard case .eject(let range) = line.operation else { continue }
      ejected = ejected.addingSaturated(range.size)
      guard ejected <= Self.mostEjected else {
        throw AnswerFailure(
          "script: line \(line.number) ejects what makes more than \(ByteCount(Self.mostEjected)) in all"
        )
      }
    }
  }
}
