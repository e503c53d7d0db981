import Foundation
import TestSupport
import Testing

@Suite struct OptimalCommandTests {
  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func thePlanSaysThatItIsProved() throws {
    let log = Log.path("tdx-emr-2024-issue135")
    let text = try Command("plan", log, "--policy", "optimal")
    #expect(text.status == 0)
    #expect(text.output.contains("Optimal   fits: 1 TDMR, at most 2 reserved areas in one; proved"))
    let json = try object(Command("plan", log, "--policy", "optimal", "--format", "json").output)
    #expect(json["proved"] as? Bool == true)
    #expect((json["messages"] as? [String]) == [])
    #expect(json["pamt_kib"] as? Int == 8212)
  }

  @Test func everyVectorThroughTheStream() throws {
    let file = vectorFile("optimal").path
    let answers = try Command("plan", "--jsonl", file).output.split(separator: "\n")
    let vectors = try OptimalVector.all()
    #expect(answers.count == vectors.count)
    for (answer, vector) in zip(answers, vectors) {
      let object = try object(String(answer))
      #expect(object["outcome"] as? String == vector.outcome.rawValue, "\(vector.id)")
      #expect((object["tdmrs"] as? [Any])?.count == vector.tdmrs, "\(vector.id)")
      #expect((object["pamt_kib"] as? UInt64) == vector.pamtBytes.map { $0 / 1024 }, "\(vector.id)")
      #expect((object["proved"] != nil) == (vector.outcome == .ok), "\(vector.id)")
      #expect((object["why"] != nil) == (vector.outcome != .ok), "\(vector.id)")
      if vector.outcome == .ok, !vector.machine.convertible.isEmpty {
        #expect((object["module"] as? [String: String])?["name"] == "TDX_SUCCESS", "\(vector.id)")
      }
    }
  }

  @Test func givesUpTheLeastAndNamesIt() throws {
    // Three islands between four holes, two areas allowed: the islands of 4 KiB and 8 KiB go.
    let input =
      #"{"regions":[["0x100001000","0x108000000"],["0x109000000","0x109002000"],["0x10a000000","0x10a001000"],"#
      + #"["0x10b000000","0x140000000"]]}"#
    let refused = try Command("plan", "-", "--policy", "optimal", "--max-reserved", "2", input: input)
    #expect(refused.status == 1)
    #expect(
      refused.output.contains("the GiB [0x100000000, 0x140000000) needs 4 reserved areas at best, 2 allowed")
        || refused.output.contains("needs 4 reserved")
    )
    let plan = try Command(
      "plan",
      "-",
      "--policy",
      "optimal",
      "--max-reserved",
      "2",
      "--give-up",
      "--format",
      "json",
      input: input
    )
    #expect(plan.status == 0)
    let json = try object(plan.output)
    #expect(
      json["given_up"] as? [[UInt64]] == [[0x1_0900_0000, 0x1_0900_2000], [0x1_0a00_0000, 0x1_0a00_1000]]
    )
    #expect(json["outcome"] as? String == "ok")
    #expect(try Command("plan", "-", "--give-up", input: input).status == 64)
  }

  @Test func adviceOnIssue135IsACommandLine() throws {
    let advice = try Command("advise", Log.path("tdx-emr-2024-issue135"))
    #expect(advice.status == 1)
    #expect(advice.output.contains("\n  memmap=4K$0x64158000 memmap=4K$0x6f7ff000\n"))
    #expect(advice.output.contains(#"memmap=4K\\\$0x64158000"#))
    #expect(advice.output.contains("succeeds with top, bottom, first-fit"))
    // The verdict, then the remedy, then the table that both come from.
    let order = ["Linux     fails", "\nRemedy ", "\npolicy "].compactMap {
      advice.output.range(of: $0)?.lowerBound
    }
    #expect(order.count == 3 && order == order.sorted())
    let json = try object(Command("advise", Log.path("tdx-emr-2024-issue135"), "--format", "json").output)
    let withhold = try #require(json["withhold"] as? [String: Any])
    #expect(withhold["bytes"] as? Int == 8192)
    #expect(withhold["holds_for"] as? [String] == ["top", "bottom", "first-fit"])
  }

  @Test func adviceOnASoundMachineIsStatus0() throws {
    let advice = try Command("advise", Log.path("tdx-1t-5cmr"))
    #expect(advice.status == 0)
    #expect(advice.output.contains("Limits    5 of 64 TDMRs, at most 6 of 16 areas in one"))
    #expect(try Command("advise", "no-such-file").status == 66)
    #expect(try Command("advise").status == 64)
  }
}
