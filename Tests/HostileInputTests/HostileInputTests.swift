import Answers
import Foundation
import JSON
import MapReaders
import Pastings
import RandomNumbers
import Requests
import Streams
import TDXMemory
import Testing

import struct TestSupport.FieldFile
import struct TestSupport.Log
import struct TestSupport.Mutator
import func TestSupport.vectorFile

/// Spoiled logs and requests go the whole way: readers, plan, the module's rules, text and JSON. Expect an answer or a
/// refusal each time; a crash or a hang ends the test run.
@Suite struct HostileInputTests {
  /// 8 seeds x 900: with the requests, more than 13,000 inputs.
  @Test(arguments: 1...8 as ClosedRange<UInt64>) func spoiledLogs(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let logs = try Self.logs().map(Mutator.init)
    let session = PlanSession()
    var (answered, refused) = (0, 0)
    for _ in 0..<900 {
      let log = logs.randomElement(using: &random)!.mutated(using: &random)
      let options = Self.options(using: &random)
      do throws(InputError) {
        let machine = try readMachine(texts: [("log", log)])
        Self.answer(machine, options, session)
        answered += 1
      } catch {
        #expect(error.exitCode == 65)
        refused += 1
      }
    }
    #expect(answered > 50 && refused > 5, "the changes are too wild or too tame: \(answered), \(refused)")
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>) func spoiledPlanRequests(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let responders = (0..<20).map { _ in
      PlanResponder(defaults: Self.options(using: &random), defaultKeyIDBits: 6)
    }
    try answer("linux", using: &random) { responders.randomElement(using: &$0)!.answer($1, into: &$2) }
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>) func spoiledValidateRequests(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let responder = ValidateResponder(defaults: PlanOptions(), defaultKeyIDBits: 6)
    try answer("tdx-module", using: &random) { responder.answer($1, into: &$2) }
  }

  /// Spoiled logs, as they are and as a hostile client may escape them, in requests of every verb about a machine, and
  /// such requests spoiled once more. Expect an object in answer to each.
  @Test(arguments: 1...8 as ClosedRange<UInt64>) func spoiledLogsInRequests(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let logs = try Self.logs().map(Mutator.init)
    let answerers: [any LineAnswerer] = [
      PlanResponder(defaults: Self.options(using: &random), defaultKeyIDBits: nil),
      AdviseResponder(defaults: PlanOptions(), defaultKeyIDBits: nil),
      HotplugResponder(defaults: PlanOptions(), defaultKeyIDBits: nil),
      NodePolicyResponder(defaults: PlanOptions(), defaultKeyIDBits: nil),
    ]
    var answer = JSONWriter()
    var (answered, refused) = (0, 0)
    // 40 logs, and more where few were answered: their members come in another order in each process.
    for number in 0..<400 where number < 40 || answered <= 20 {
      let log = logs.randomElement(using: &random)!.mutated(using: &random)
      var line = try Self.request(log, using: &random)
      if Bool.random(using: &random) { line = Mutator(line).mutated(using: &random) }
      for answerer in answerers {
        answer.removeAll()
        let isRequest = line.withUnsafeBytes { answerer.answer(.bytes($0), number: number, into: &answer) }
        if isRequest { answered += 1 } else { refused += 1 }
        #expect(Self.isObject(answer.bytes))
      }
    }
    #expect(answered > 20 && refused > 20, "the changes are too wild or too tame: \(answered), \(refused)")
  }

  // MARK: -

  /// A request with a log, and with a script and a policy that may be spoiled.
  private static func request(_ log: [UInt8], using random: inout SplitMix64) throws -> [UInt8] {
    let script = Mutator(
      Array("init-tdx\noffline 3\nonline 3\nadd 0x100000000-0x108000000 node 1\nquery 1G+1G".utf8)
    )
    let nodes = Mutator(Array("+0-3,!all".utf8))
    let text = String(decoding: log, as: UTF8.self)
    var object: [String: Any] = ["id": 7, "limits": ["max_reserved": Int.random(in: 0...20, using: &random)]]
    if Bool.random(using: &random) {
      object["log"] = text
    } else {
      object["logs"] = [text, "CMR: [0x0, 0x1000)"]
    }
    if Bool.random(using: &random) {
      object["script"] = String(decoding: script.mutated(using: &random), as: UTF8.self)
    }
    if Bool.random(using: &random) {
      object["membind"] = String(decoding: nodes.mutated(using: &random), as: UTF8.self)
    }
    return Array(try JSONSerialization.data(withJSONObject: object))
  }

  /// Spoils 400 lines of a file of vectors. Expect an object in answer to each.
  private func answer(
    _ vectors: String,
    using random: inout SplitMix64,
    with body: (inout SplitMix64, UnsafeRawBufferPointer, inout JSONWriter) -> Bool
  ) throws {
    let lines = try Self.lines(vectors)
    var answer = JSONWriter()
    var (answered, refused) = (0, 0)
    for _ in 0..<400 {
      let line = lines.randomElement(using: &random)!.mutated(using: &random)
      answer.removeAll()
      let isRequest = line.withUnsafeBytes { body(&random, $0, &answer) }
      if isRequest { answered += 1 } else { refused += 1 }
      #expect(Self.isObject(answer.bytes))
    }
    #expect(answered > 20 && refused > 20, "the changes are too wild or too tame: \(answered), \(refused)")
  }

  /// Logs, files of every form that people paste, and the shortest log in every wrapping.
  private static func logs() throws -> [[UInt8]] {
    let logs = try Log.all().map(\.bytes)
    let shortest = logs.min { $0.count < $1.count }!
    return try logs + FieldFile.all().map(\.bytes) + Pasting.allCases.map { $0.apply(to: shortest) }
  }

  private static func lines(_ name: String) throws -> [Mutator] {
    try Data(contentsOf: vectorFile(name)).split(separator: 10).map { Mutator(Array($0)) }
  }

  /// Any options, extreme limits among them.
  private static func options(using random: inout SplitMix64) -> PlanOptions {
    let limits: [UInt64] = [0, 1, 2, 16, 29, 64, 1 << 20, 1 << 52, .max]
    let sizes: [UInt16] = [0, 8, 16, .max]
    return PlanOptions(
      policy: Policy.allCases.randomElement(using: &random)!,
      placement: Placement.allCases.randomElement(using: &random)!,
      dynamicPAMT: Bool.random(using: &random),
      limits: ModuleLimits(
        maxTDMRs: limits.randomElement(using: &random)!,
        maxReserved: limits.randomElement(using: &random)!,
        pamtEntryBytes: PAMTEntryBytes(page4K: sizes.randomElement(using: &random)!)
      )
    )
  }

  private static func answer(_ machine: Machine, _ options: PlanOptions, _ session: PlanSession) {
    let (plan, verdict) = session.plan(machine, options: options, keyIDBits: machine.keyIDBits ?? 6)
    let text = PlanText(plan, of: machine, options: options, verdict: verdict, style: .plain).render()
    let planner = options.policy == .optimal ? "Optimal   " : "Linux     "
    #expect(text.contains(planner + (plan.failure == nil ? "fits" : "fails")))
  }

  private static func isObject(_ bytes: UnsafeRawBufferPointer) -> Bool {
    (try? JSONSerialization.jsonObject(with: Data(bytes))) is [String: Any]
  }
}
