import Answers
import Foundation
import JSON
import RandomNumbers
import TDXMemory
import Testing

@testable import Requests

@Suite struct ValidateRequestTests {
  private static let pamt = #""pamt":{"1g":[1,2],"2m":[3,4],"4k":["0x5",6]}"#

  @Test func buildsTheBytesOfTheTable() {
    let request = ValidateRequest()
    let many = (1...29).map { "[\($0),\($0 + 100)]" }.joined(separator: ",")
    let line = #"""
      {"cmrs":[[9,0],["0x7",8],[0,0]],"tdmrs":[
       {"base":10,"size":20,\#(Self.pamt),"reserved":[[7,8],[0,0],[9,10]],"node":3},
       {"reserved":[\#(many)],\#(Self.pamt),"size":40,"base":30},
       {"base":50,"size":60,\#(Self.pamt)}],
       "limits":{"max_reserved":29},"dynamic_pamt":true,"keyid_bits":4,"id":7}
      """#
    // What a longer request leaves behind must not show through in the unused slots.
    for line in [line.replacing("[0,0],[9,10]", with: "[5,5],[6,6],[7,7],[8,8]"), line] {
      #expect(decodeValidate(Array(line), into: request) == nil)
    }
    #expect(request.dynamicPAMT && request.keyIDBits == 4 && request.limits.maxReserved == 29)
    #expect(
      Array(request.convertible) == [
        ConvertibleRegionSlot(base: 9, size: 0), ConvertibleRegionSlot(base: 7, size: 8),
        ConvertibleRegionSlot(base: 0, size: 0),
      ]
    )
    // Expect 512 bytes for up to 28 areas and 1024 for 29.
    #expect(request.tdmrs.map(\.reservedSlots) == [28, 60, 28])
    #expect(request.tdmrs.map(\.base) == [10, 30, 50])
    #expect(request.tdmrs.map(\.size) == [20, 40, 60])
    for tdmr in request.tdmrs {
      #expect(tdmr.pamt(.page1G) == (1, 2))
      #expect(tdmr.pamt(.page2M) == (3, 4))
      #expect(tdmr.pamt(.page4K) == (5, 6))
    }
    let areas = request.tdmrs.map { tdmr in (0..<tdmr.reservedSlots).map { tdmr.reserved($0) } }
    #expect(areas[0].map(\.offset) == [7, 0, 9] + Array(repeating: 0, count: 25))
    #expect(areas[0].map(\.size) == [8, 0, 10] + Array(repeating: 0, count: 25))
    #expect(areas[1].map(\.offset) == Array(1...29) + Array(repeating: 0, count: 31))
    #expect(areas[2].allSatisfy { $0 == (0, 0) })
  }

  @Test func entriesAreAligned() {
    var table = TDMRInfoBuffer()
    for entry in 0..<200 {
      table.beginEntry()
      for area in 0..<entry { table.appendReservedArea(offset: UInt64(area), size: 1) }
      table.endEntry((UInt64(entry), 0), page1G: (0, 0), page2M: (0, 0), page4K: (0, 0))
      let words = table.view
      #expect(words.count == entry + 1 && table.indexOfMostReserved == entry)
      #expect(words[entry].base == UInt64(entry) && words[entry].usedReservedSlots == entry)
      #expect(words[entry].reservedSlots - entry < 32)
    }
  }

  @Test(arguments: [
    (#"{"cmrs":[]}"#, "tdmrs: missing"),
    (#"{"cmrs":[],"tdmrs":null}"#, "tdmrs: missing"),
    (#"{"tdmrs":[]}"#, "cmrs: missing"),
    (#"{"cmrs":[[1]],"tdmrs":[]}"#, "cmrs[0]: expected [base, size] (byte 12)"),
    (#"{"tdmrs":[7]}"#, "tdmrs[0]: expected an object (byte 10)"),
    (#"{"tdmrs":[{"size":1,\#(pamt)}]}"#, "tdmrs[0].base: missing"),
    (#"{"tdmrs":[{"base":1,\#(pamt)}]}"#, "tdmrs[0].size: missing"),
    (
      #"{"tdmrs":[{"base":1.5,\#(pamt)}]}"#,
      "tdmrs[0].base: fraction or exponent, expected a whole number in plain digits (byte 18)"
    ),
    (#"{"tdmrs":[{"base":1,"size":1}]}"#, "tdmrs[0].pamt.1g: missing"),
    (#"{"tdmrs":[{"base":1,"size":1,"pamt":null}]}"#, "tdmrs[0].pamt.1g: missing"),
    (#"{"tdmrs":[{"base":1,"size":1,"pamt":{"1g":[0,0],"4k":[0,0]}}]}"#, "tdmrs[0].pamt.2m: missing"),
    (
      #"{"tdmrs":[{"base":1,"size":1,"pamt":{"1g":[0,0],"2m":[0,0],"4k":null}}]}"#,
      "tdmrs[0].pamt.4k: missing"
    ),
    (#"{"tdmrs":[{"pamt":{"2m":[0]}}]}"#, "tdmrs[0].pamt.2m: expected [base, size] (byte 27)"),
    (#"{"tdmrs":[{"reserved":{}}]}"#, "tdmrs[0].reserved: expected an array (byte 22)"),
    (
      #"{"tdmrs":[{"base":1,"size":1,\#(pamt)},{"reserved":[[0,0],[0,-1]]}]}"#,
      "tdmrs[1].reserved[1]: negative, expected a whole number (byte 98)"
    ),
    (
      #"{"tdmrs":[{"base":1,"size":1,\#(pamt)},{"base":1,"size":1,\#(pamt),"reserved":[[0,0],[1,1],[2,2]]}],"#
        + #""limits":{"max_reserved":2},"cmrs":[]}"#,
      "tdmrs[1]: 3 reserved areas, above the limit 2"
    ),
  ])
  func saysWhatIsWrongAndWhere(_ line: String, _ message: String) {
    #expect(decodeValidate(Array(line), into: ValidateRequest()) == message)
  }

  @Test func theLastOfSeveralMembersCounts() {
    let request = ValidateRequest()
    let line = #"""
      {"id":1,"tdmrs":[{},7],"tdmrs":[{"base":1,"base":2,"size":3,"reserved":[[1,1],[2,2]],"reserved":[[3,3]],
       "pamt":{},\#(Self.pamt)}],"cmrs":[[1,2]],"cmrs":[],"id":2}
      """#
    #expect(decodeValidate(Array(line), into: request) == "tdmrs[0].base: missing")
    #expect(decodeValidate(Array(line.replacing("[{},7]", with: "[]")), into: request) == nil)
    #expect(request.tdmrs.map(\.base) == [2] && request.tdmrs.map(\.usedReservedSlots) == [1])
    #expect(request.tdmrs[0].reserved(0) == (3, 3) && request.convertible.isEmpty)
  }

  /// The whole way: bytes in, the module's rules, bytes out.
  @Test func answersEveryVector() throws {
    let request = ValidateRequest()
    let rules = ModuleRules()
    var writer = JSONWriter()
    for line in try vectorLines("tdx-module") {
      try line.withUnsafeBytes { bytes in
        try request.decode(bytes, defaults: PlanOptions(), defaultKeyIDBits: 6)
        let configuration = ModuleConfiguration(
          tdmrs: request.tdmrs,
          cmrs: request.convertible,
          keyIDBits: request.keyIDBits,
          dynamicPAMT: request.dynamicPAMT,
          limits: request.limits
        )
        writer.removeAll()
        writer.appendVerdict(rules.verdict(on: configuration), id: request.id)
      }
      var answer = try object(Array(writer.bytes))
      #expect(answer.removeValue(forKey: "op") as? String == "validate")
      // The vectors do not name the level.
      let hasLevel = answer.removeValue(forKey: "level") != nil
      #expect(hasLevel == (answer["name"] as? String)?.contains("_PAMT"))
      let expected = try expected(line, with: ["id"])
      #expect(NSDictionary(dictionary: answer) == expected, "\(line.text)")
    }
  }
}

/// Lines that nobody would write must end in an error or in a request, never in a crash.
@Suite struct MutatedRequestTests {
  @Test func mutatedVectorsNeverCrash() throws {
    var generator = SplitMix64(seed: 4)
    let lines = try shortVectorLines("linux") + shortVectorLines("tdx-module")
    let alphabet = Array(#"[]{},:"\u0123456789-+.eEx tfn"#) + [0x00, 0x1f, 0x7f, 0x80, 0xc3, 0xe2, 0xff]
    let plan = PlanRequest()
    let validate = ValidateRequest()
    var outcomes = (decoded: 0, refused: 0)
    for _ in 0..<20_000 {
      var line = lines.randomElement(using: &generator)!
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let position = Int.random(in: 0..<line.count, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: line[position] = alphabet.randomElement(using: &generator)!
        case 1 where line.count > 1: line.remove(at: position)
        case 2: line.removeSubrange(position..<min(line.count - 1, position + 20))
        case 3: line.insert(contentsOf: line[position..<min(line.count, position + 20)], at: position)
        default: line.insert(alphabet.randomElement(using: &generator)!, at: position)
        }
        if line.isEmpty { line = [0x7b] }
      }
      let decoded = decodePlan(line, into: plan)
      if decoded.error == nil { outcomes.decoded += 1 } else { outcomes.refused += 1 }
      #expect(isJSON(decoded.id), "the id can be echoed")
      if decodeValidate(line, into: validate) == nil { outcomes.decoded += 1 } else { outcomes.refused += 1 }
      #expect(validate.tdmrs.allSatisfy { $0.reservedSlots >= 28 })
    }
    #expect(outcomes.decoded > 1000 && outcomes.refused > 1000, "\(outcomes)")
  }
}
