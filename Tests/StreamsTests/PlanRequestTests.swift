import RandomNumbers
import TDXMemory
import Testing

@testable import Requests

@Suite struct PlanRequestTests {
  @Test(
    "errors behind regions that are read in one step with the one before them. Expect the region and the byte"
  )
  func errorsBehindPlainRegions() {
    let padding = String(repeating: " ", count: 100)
    #expect(
      decodePlan(#"{"regions":[[0,4096,0],[4096,8192,0],[8192,12288,0] 7"# + padding).error
        == "regions[2]: not JSON: unexpected character 7 (byte 52)"
    )
    #expect(
      decodePlan(#"{"regions":[[0,4096,0],[4096,8192,0],[8192,12288,0],[1,0]"# + padding).error
        == "regions[3]: the range [0x1, 0x0) ends before it starts (byte 52)"
    )
  }

  @Test("every name of a policy and of a placement, plain and with an escape in it. Expect it")
  func knowsEveryName() {
    for policy in Policy.allCases {
      for placement in Placement.allCases {
        let escaped =
          "\\u00" + String(policy.rawValue.utf8.first!, radix: 16) + String(policy.rawValue.dropFirst())
        for name in [policy.rawValue, escaped] {
          let line = #"{"regions":[],"policy":"\#(name)","placement":"\#(placement.rawValue)"}"#
          let decoded = decodePlan(line)
          #expect(decoded.error == nil)
          #expect(decoded.options.policy == policy && decoded.options.placement == placement, "\(line)")
        }
      }
    }
  }

  @Test func readsEveryMember() {
    let decoded = decodePlan(
      #"""
      {"id":"a","policy":"linux-cmr","placement":"top","dynamic_pamt":true,"keyid_bits":5,"limits":{"max_tdmrs":7,
       "max_reserved":"0x9","pamt_entry_bytes":{"4k":1,"2m":2,"1g":3}},"unknown":{"x":[1,{}]},
       "regions":[["0x1000",8192,3],[16384,"20480"]],"cmrs":[[0,"0x100001"],["2097152",4194304]]}
      """#
    )
    let limits = ModuleLimits(
      maxTDMRs: 7,
      maxReserved: 9,
      pamtEntryBytes: PAMTEntryBytes(page4K: 1, page2M: 2, page1G: 3)
    )
    #expect(
      decoded
        == Decoded(
          id: #""a""#,
          options: PlanOptions(policy: .linuxCMR, placement: .top, dynamicPAMT: true, limits: limits),
          keyIDBits: 5,
          regions: [
            MemoryRegion(start: 4096, end: 8192, node: 3), MemoryRegion(start: 16384, end: 20480, node: 0),
          ],
          convertible: [
            AddressRange(unchecked: 0, 0x100001), AddressRange(unchecked: 2_097_152, 4_194_304),
          ]
        )
    )
  }

  @Test func membersComeInAnyOrder() {
    let members = [
      #""id":-1.50"#, #""policy":"linux-cmr""#, #""placement":"bottom""#, #""dynamic_pamt":true"#,
      #""limits":{"max_tdmrs":3}"#, #""regions":[[4096,8192,1]]"#, #""cmrs":[[4096,8192]]"#,
      #""keyid_bits":0"#,
    ]
    let expected = decodePlan("{" + members.joined(separator: ",") + "}")
    #expect(expected.error == nil && expected.id == "-1.50" && expected.options.limits.maxTDMRs == 3)
    var generator = SplitMix64(seed: 3)
    for _ in 0..<200 {
      let line = "{" + members.shuffled(using: &generator).joined(separator: " , ") + "}"
      #expect(decodePlan(line) == expected, "\(line)")
    }
  }

  @Test func whatTheLineDoesNotNameStaysAsTheOptionsHaveIt() {
    let defaults = PlanOptions(
      policy: .linuxCMR,
      placement: .bottom,
      dynamicPAMT: true,
      limits: ModuleLimits(
        maxTDMRs: 5,
        maxReserved: 6,
        pamtEntryBytes: PAMTEntryBytes(page4K: 7, page2M: 8, page1G: 9)
      )
    )
    for line in [
      #"{"regions":[]}"#,
      #"{"regions":[],"limits":{}}"#,
      #"{"regions":[],"limits":{"pamt_entry_bytes":{}}}"#,
      #"{"regions":[],"limits":{"max_tdmrs":null,"max_reserved":null,"pamt_entry_bytes":null}}"#,
      #"{"regions":[],"id":null,"policy":null,"placement":null,"dynamic_pamt":null,"limits":null,"cmrs":null,"#
        + #""keyid_bits":null}"#,
    ] {
      #expect(decodePlan(line, defaults: defaults) == Decoded(id: "null", options: defaults), "\(line)")
    }
    var expected = defaults
    expected.limits.pamtEntryBytes.page2M = 65535
    #expect(
      decodePlan(#"{"limits":{"pamt_entry_bytes":{"2m":65535}},"regions":[]}"#, defaults: defaults).options
        == expected
    )
    expected.limits.pamtEntryBytes = PAMTEntryBytes(page4K: 0, page2M: 0, page1G: 0)
    expected.limits.maxReserved = .max
    let numbers = #"{"limits":{"pamt_entry_bytes":0,"max_reserved":18446744073709551615},"regions":[]}"#
    #expect(decodePlan(numbers, defaults: defaults).options == expected)
  }

  @Test func theLastOfSeveralMembersCounts() {
    let line = #"""
      {"id":1,"id":"2","regions":[[0,4096]],"regions":[[8192,12288]],"policy":"linux-cmr","policy":"linux",
       "cmrs":[[1,2]],"cmrs":null,"limits":{"max_tdmrs":1},"limits":{"max_reserved":2},"dynamic_pamt":true,
       "dynamic_pamt":false}
      """#
    #expect(
      decodePlan(line)
        == Decoded(
          id: #""2""#,
          options: PlanOptions(limits: ModuleLimits(maxReserved: 2)),
          regions: [MemoryRegion(start: 8192, end: 12288)]
        )
    )
  }

  @Test(arguments: [
    "null", "true", "false", "0", "-0", "1e999", "-1.50E-7", "123456789012345678901234567890", #""""#,
    #""a\u0000\"\\\ud83d\ude00 é😀""#, #""{}""#,
  ])
  func repeatsTheIDAsItStands(_ id: String) {
    #expect(decodePlan(#"{"id" : \#(id) ,"regions":[]}"#) == Decoded(id: id))
    #expect(decodePlan(#"{"regions":[],"id":\#(id)}"#) == Decoded(id: id))
    // After an error too, before and behind it.
    #expect(decodePlan(#"{"id":\#(id),"regions":7}"#).id == id)
    #expect(decodePlan(#"{"regions":7,"id":\#(id)}"#).id == id)
    #expect(decodePlan(#"{"id":\#(id),"regions":"#).id == id)
  }

  @Test func namesNoIDThatIsNone() {
    for line in [
      #"{"id":[1],"regions":[]}"#, #"{"id":"\ud83d","regions":[]}"#, "{\"id\":\"\u{1}\"}", #"{"id":tru}"#,
      "[]", "",
    ] {
      #expect(decodePlan(line).id == "null", "\(line)")
      #expect(decodePlan(line).error != nil, "\(line)")
    }
    let line = Array("{\"id\":\"a") + [0xff] + Array("\",\"regions\":[]}")
    #expect(decodePlan(line) == Decoded(id: "null", error: "id: not JSON: invalid UTF-8 (byte 8)"))
  }

  @Test(arguments: [
    ("", "not JSON: the text ends early (byte 0)"),
    ("[]", "expected an object (byte 0)"),
    ("7", "expected an object (byte 0)"),
    ("garbage", "not JSON: unexpected character g (byte 0)"),
    ("{}", "regions: missing"),
    (#"{"regions":null}"#, "regions: missing"),
    (#"{"regions":[]} x"#, "not JSON: text after the end of the value (byte 15)"),
    (#"{"regions":[] "id":1}"#, "not JSON: unexpected character \" (byte 14)"),
    (#"{"id":{}}"#, "id: expected a string, a number, true, false or null (byte 6)"),
    (#"{"policy":"best"}"#, #"policy: unknown name "best", expected \#(names(Policy.self)) (byte 10)"#),
    (#"{"policy":1}"#, "policy: expected a string (byte 10)"),
    (#"{"placement":"Top"}"#, #"placement: unknown name "Top", expected top, bottom or first-fit (byte 13)"#),
    (#"{"placement":[]}"#, "placement: expected a string (byte 13)"),
    (#"{"dynamic_pamt":1}"#, "dynamic_pamt: expected true or false (byte 16)"),
    (#"{"keyid_bits":53}"#, "keyid_bits: 53 is above 52 (byte 14)"),
    (#"{"keyid_bits":-1}"#, "keyid_bits: negative, expected a whole number (byte 14)"),
    (#"{"limits":[]}"#, "limits: expected an object (byte 10)"),
    (
      #"{"limits":{"max_tdmrs":1.0}}"#,
      "limits.max_tdmrs: fraction or exponent, expected a whole number in plain digits (byte 23)"
    ),
    (#"{"limits":{"max_reserved":18446744073709551616}}"#, "limits.max_reserved: above 2^64 - 1 (byte 26)"),
    (#"{"limits":{"pamt_entry_bytes":65536}}"#, "limits.pamt_entry_bytes: 65536 is above 65535 (byte 30)"),
    (
      #"{"limits":{"pamt_entry_bytes":true}}"#,
      #"limits.pamt_entry_bytes: expected a whole number or {"4k": …, "2m": …, "1g": …} (byte 30)"#
    ),
    (
      #"{"limits":{"pamt_entry_bytes":{"1g":65536}}}"#,
      "limits.pamt_entry_bytes.1g: 65536 is above 65535 (byte 36)"
    ),
    (#"{"regions":{}}"#, "regions: expected an array (byte 11)"),
    (#"{"regions":[[0,1],7]}"#, "regions[1]: expected [start, end, node] or [start, end] (byte 18)"),
    (#"{"regions":[[]]}"#, "regions[0]: expected [start, end, node] or [start, end] (byte 14)"),
    (#"{"regions":[[1]]}"#, "regions[0]: expected [start, end, node] or [start, end] (byte 15)"),
    (#"{"regions":[[1,2,3,4]]}"#, "regions[0]: expected [start, end, node] or [start, end] (byte 19)"),
    (#"{"regions":[[1,-2]]}"#, "regions[0]: negative, expected a whole number (byte 15)"),
    (#"{"regions":[[8192,4096]]}"#, "regions[0]: the range [0x2000, 0x1000) ends before it starts (byte 12)"),
    (#"{"regions":[[0,1,4294967296]]}"#, "regions[0], node: 4294967296 is above 4294967295 (byte 12)"),
    (
      #"{"regions":[[4096,12288],[8192,16384]]}"#,
      "regions: the ranges [0x1000, 0x3000) and [0x2000, 0x4000) overlap"
    ),
    (#"{"cmrs":{}}"#, "cmrs: expected an array (byte 8)"),
    (#"{"cmrs":[[0,1,2]]}"#, "cmrs[0]: expected [start, end] (byte 14)"),
    (#"{"cmrs":[[0,1],[2,1]]}"#, "cmrs[1]: the range [0x2, 0x1) ends before it starts (byte 15)"),
    (#"{"regions":[],"cmrs":[[1,3],[2,4]]}"#, "cmrs: the ranges [0x1, 0x3) and [0x2, 0x4) overlap"),
  ])
  func saysWhatIsWrongAndWhere(_ line: String, _ message: String) {
    #expect(decodePlan(line).error == message)
  }

  private static func names(_: Policy.Type) -> String {
    let names = Policy.allCases.map(\.rawValue)
    return names.dropLast().joined(separator: ", ") + " or " + names.last!
  }

  @Test func longUnknownNamesAreCut() {
    let error = decodePlan(#"{"policy":"\#(String(repeating: "é", count: 1000))"}"#).error ?? ""
    #expect(
      error.hasPrefix(#"policy: unknown name "\#(String(repeating: "é", count: 30))…", expected linux"#)
    )
  }

  @Test func sortsRegionsAndRoundsThemToPages() {
    let decoded = decodePlan(
      #"{"regions":[[40960,50000,1],[1,12288],[20000,20001]],"cmrs":[[9,10],[5,5],[1,2]]}"#
    )
    #expect(
      decoded.regions == [
        MemoryRegion(start: 4096, end: 12288), MemoryRegion(start: 40960, end: 49152, node: 1),
      ]
    )
    #expect(decoded.convertible == [AddressRange(unchecked: 1, 2), AddressRange(unchecked: 9, 10)])
  }

  @Test func oneRequestDecodesManyLines() throws {
    let request = PlanRequest()
    let lines = try shortVectorLines("linux")
    let large =
      "{\"regions\":[" + (0..<5000).map { "[\($0 * 8192),\($0 * 8192 + 4096)]" }.joined(separator: ",") + "]}"
    #expect(decodePlan(Array(large), into: request).regions.count == 5000)
    for line in lines + [Array("{")] + lines.reversed() {
      // Nothing of the line before may remain.
      #expect(decodePlan(line, into: request) == decodePlan(line))
    }
    #expect(lines.count == 20)
    #expect(lines.allSatisfy { decodePlan($0).error == nil })
  }
}
