import Foundation
import TestSupport
import Testing

/// `plan --jsonl` and `validate --jsonl` as a process.
@Suite struct StreamTests {
  /// Every line of the vectors, in one stream: expect every answer, in order.
  @Test(arguments: [("plan", "linux"), ("validate", "tdx-module")])
  func everyVector(command: String, file: String) throws {
    let lines = try vectorLines(file)
    let answers = try Command(command, "--jsonl", input: lines.joined(separator: "\n")).output
      .split(separator: "\n").map { try object(String($0)) }
    #expect(answers.count == lines.count)
    for (line, answer) in zip(lines, answers) {
      let vector = try object(line)
      let expected = try #require(vector["expect"] as? [String: Any])
      #expect(answer["id"] as? String == vector["id"] as? String)
      for (member, value) in expected {
        #expect((answer[member] as? NSObject) == (value as? NSObject), "\(line.prefix(40)): \(member)")
      }
      #expect((answer["tdmrs"] != nil) == (expected["tdmrs"] != nil))
    }
  }

  /// Expect an answer to every line, the error in its place, and 65 at the end.
  @Test func aBadLineDoesNotEndTheStream() throws {
    let input = """
      {"id":1,"regions":[["0x100000","0x80000000",0]]}
      {"id":2,"regions":[[0,"0xg",0]]}
      not json

      {"id":4,"regions":[]}
      """
    let plan = try Command("plan", "--jsonl", input: input)
    let lines = plan.output.split(separator: "\n")
    #expect(plan.status == 65)
    #expect(lines.count == 4)
    #expect(
      lines[0].hasPrefix(
        #"{"id":1,"policy":"linux","placement":"first-fit","dynamic_pamt":false,"outcome":"ok""#
      )
    )
    #expect(lines[1].hasPrefix(#"{"id":2,"error":"regions[0]"#))
    #expect(lines[2].hasPrefix(#"{"id":null,"error":"not JSON"#))
    #expect(lines[3].contains(#""outcome":"ENOMEM""#))
  }

  /// Members of the object before options of the command line, those before the defaults.
  @Test func membersOverrideOptions() throws {
    let map = #""regions":[["0x100000","0x80000000",0]]"#
    let input = "{\(map)}\n" + #"{"placement":"bottom","dynamic_pamt":false,"# + map + "}\n"
    let lines = try Command("plan", "--jsonl", "--placement", "top", "--dynamic-pamt", input: input).output
      .split(separator: "\n").map { try object(String($0)) }
    #expect(lines[0]["placement"] as? String == "top")
    #expect(lines[0]["dynamic_pamt"] as? Bool == true)
    #expect(lines[1]["placement"] as? String == "bottom")
    #expect(lines[1]["dynamic_pamt"] as? Bool == false)
  }

  @Test func streamsFilesToo() throws {
    try withFolder { folder in
      let file = folder.appendingPathComponent("requests.jsonl")
      try Data(#"{"id":"a","regions":[]}"#.utf8).write(to: file)
      let plan = try Command("plan", "--jsonl", file.path, file.path)
      #expect(plan.output.split(separator: "\n").count == 2)
      #expect(try Command("plan", "--jsonl", folder.appendingPathComponent("none").path).status == 66)
    }
  }

  /// Expect the same bytes and the same exit status on several threads, with a bad line in the stream and without.
  @Test(arguments: [("plan", "linux"), ("validate", "tdx-module")])
  func threadsChangeNothing(command: String, file: String) throws {
    let lines = try vectorLines(file)
    for input in [lines.joined(separator: "\n"), lines.joined(separator: "\nbad\n")] {
      let one = try Command(command, "--jsonl", input: input)
      for threads in ["1", "2", "5"] {
        let several = try Command(command, "--jsonl", "--threads", threads, input: input)
        #expect(several.output == one.output && several.status == one.status)
      }
    }
  }

  @Test(arguments: [
    ["plan", "--threads", "2", "x"], ["plan", "--jsonl", "--threads", "0"],
    ["plan", "--jsonl", "--threads", "257"],
    ["validate", "--threads", "2", "x"], ["validate", "--jsonl", "--threads", "two"],
    ["plan", "--jsonl", "--host"],
    ["plan", "--jsonl", "--format", "json"], ["plan", "--jsonl", "-o", "x"],
    ["plan", "--jsonl", "--write-map", "x"],
    ["validate", "--jsonl", "--format", "json"], ["validate", "--jsonl", "-o", "x"],
  ])
  func whatGoesNotTogether(arguments: [String]) throws {
    let command = try Command(arguments)
    #expect(command.status == 64 && command.output.isEmpty && command.errors.contains("--"))
  }

  private func vectorLines(_ name: String) throws -> [String] {
    try String(contentsOf: vectorFile(name), encoding: .utf8).split(separator: "\n").map(String.init)
  }

  private func object(_ line: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }
}
