import Foundation
import JSON
import Streams
import TDXMemory
import TestSupport
import Testing

/// A stream works a layout out once. Expect the answer of a stream that has met nothing before.
@Suite struct AdviceMemoTests {
  @Test func answersAsIfItRememberedNothing() throws {
    let memo = AdviseResponder(defaults: PlanOptions(), defaultKeyIDBits: nil)
    let logs = try Log.all()
    #expect(logs.count > 10)
    for (round, extra) in ["", #""keyid_bits":2,"#, "", #""dynamic_pamt":true,"#, #""slack":1,"#].enumerated()
    {
      for log in logs {
        // Another boot of the machine, at another time: the layout is the same, the notes are as its log has them.
        let text = "round \(round)\n" + String(decoding: log.bytes, as: UTF8.self)
        let string = try #require(String(data: JSONEncoder().encode(text), encoding: .utf8))
        let line = #"{"id":"\#(round) \#(log.name)",\#(extra)"log":\#(string)}"#
        let alone = AdviseResponder(defaults: PlanOptions(), defaultKeyIDBits: nil)
        #expect(answer(line, of: memo) == answer(line, of: alone), "\(round) \(log.name)")
      }
    }
  }

  /// Expect right answers also where more layouts come than are kept.
  @Test func forgets() throws {
    let memo = AdviseResponder(defaults: PlanOptions(), defaultKeyIDBits: nil)
    func line(_ number: Int) -> String { #"{"id":0,"regions":[[1048576,\#((2 << 30) + number << 12)]]}"# }
    let first = answer(line(0), of: memo)
    for number in 1...1100 { _ = answer(line(number), of: memo) }
    #expect(answer(line(0), of: memo) == first)
    #expect(answer(line(1), of: memo) != first)
  }

  private func answer(_ line: String, of responder: AdviseResponder) -> String {
    var writer = JSONWriter()
    let bytes = Array(line.utf8)
    _ = bytes.withUnsafeBytes { responder.answer($0, into: &writer) }
    return writer.bytes.text
  }
}
