import Answers
import Foundation
import JSON
import TDXMemory
import Testing

@testable import Requests

@Suite struct AnswersTests {
  private let planner = Planner()

  /// The whole way: bytes in, the planner, bytes out.
  private func answer(
    _ line: [UInt8],
    _ request: PlanRequest,
    _ writer: inout JSONWriter,
    verdict: ModuleVerdict? = nil
  ) throws {
    try line.withUnsafeBytes { bytes in
      try request.decode(bytes, defaults: PlanOptions(), defaultKeyIDBits: 6)
      let regions = UnsafeBufferPointer(request.regions)
      let convertible = UnsafeBufferPointer(request.convertible)
      let options = request.options
      let needed = Planner.requiredBytes(regions, convertible: convertible, options: options)
      let entries = UnsafeMutableRawBufferPointer.allocate(byteCount: needed, alignment: TDMRInfo.alignment)
      defer { entries.deallocate() }
      let plan = planner.plan(regions, convertible: convertible, options: options, into: entries)
      writer.appendPlan(plan, id: request.id, options: options, verdict: verdict)
    }
  }

  @Test func answersEveryVector() throws {
    let request = PlanRequest()
    var writer = JSONWriter()
    for line in try vectorLines("linux") {
      writer.removeAll()
      try answer(line, request, &writer)
      var answer = try object(Array(writer.bytes))
      #expect(answer.removeValue(forKey: "op") as? String == "plan")
      // Messages are not given where the outcome is EINVAL.
      if answer["outcome"] as? String == "EINVAL" { answer["messages"] = nil }
      let expected = try expected(line, with: ["id", "policy", "placement", "dynamic_pamt"])
      #expect(NSDictionary(dictionary: answer) == expected, "\(line.text)")
    }
  }

  @Test func membersStandInTheirOrder() throws {
    // One GiB of memory from 1 GiB on, the last page missing. Expect the PAMTs below it and two areas, not one: Linux
    // does not merge a hole with a PAMT.
    let line = #"{"id":"a","policy":"linux","placement":"top","regions":[[1073741824,2147479552,2]]}"#
    var writer = JSONWriter()
    try answer(Array(line), PlanRequest(), &writer, verdict: ModuleVerdict(refusal: nil))
    #expect(
      writer.bytes.text
        == #"{"id":"a","policy":"linux","placement":"top","dynamic_pamt":false,"outcome":"ok","messages":[],"#
        + #""tdmrs":[{"base":1073741824,"size":1073741824,"node":2,"pamt":{"4k":[2143272960,4194304],"#
        + #""2m":[2147467264,8192],"1g":[2147475456,4096]},"reserved":[[1069531136,4206592],[1073737728,4096]]}],"#
        + #""pamt_kib":4108,"module":{"status":"0x0","name":"TDX_SUCCESS"},"op":"plan"}"# + "\n"
    )
  }

  @Test func verdictsNameTheTDMRAndTheLevel() {
    func answer(_ refusal: ModuleRefusal?) -> String {
      var writer = JSONWriter()
      Array("7").withUnsafeBytes { writer.appendVerdict(ModuleVerdict(refusal: refusal), id: $0) }
      return writer.bytes.text
    }
    #expect(answer(nil) == #"{"id":7,"status":"0x0","name":"TDX_SUCCESS","op":"validate"}"# + "\n")
    #expect(
      answer(.pamtOutsideCMRs(tdmr: 0, level: .page1G))
        == #"{"id":7,"status":"0xc0000a1100000200","name":"TDX_PAMT_OUTSIDE_CMRS","tdmr":0,"level":"1g","op":"validate"}"#
        + "\n"
    )
    #expect(
      answer(.cmrListInvalid)
        == #"{"id":7,"status":"0xc0000a2200000000","name":"TDX_CMR_LIST_INVALID","op":"validate"}"#
        + "\n"
    )
    #expect(
      answer(.nonOrderedTDMR(3))
        == #"{"id":7,"status":"0xc0000a0100000003","name":"TDX_NON_ORDERED_TDMR","tdmr":3,"op":"validate"}"#
        + "\n"
    )
  }

  @Test func errorsAreOneLine() {
    var writer = JSONWriter()
    Array(#""a""#).withUnsafeBytes { writer.appendError(id: $0, message: "unknown name \"x\n\"") }
    #expect(writer.bytes.text == #"{"id":"a","error":"unknown name \"x\n\""}"# + "\n")
  }
}
