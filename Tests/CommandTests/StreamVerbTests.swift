import Foundation
import TestSupport
import Testing

/// `--jsonl` of every verb about a machine, as a process: logs in requests, and the answers of one machine.
@Suite struct StreamVerbTests {
  /// A log in a request of each verb. Expect what `--format json` prints for the file, on one line, with `id` and `op`.
  @Test(arguments: [
    ("plan", [], #""policy":"linux""#),
    ("plan", ["--policy", "linux-cmr", "--placement", "top"], #""policy":"linux-cmr","placement":"top""#),
    ("advise", [], ""), ("advise", ["--slack", "2"], #""slack":2"#),
    ("hotplug", [], ""), ("hotplug", ["--block-size", "128M"], #""block_size":"128M""#),
    ("policy", ["--membind", "0"], #""membind":"0""#),
    ("policy", ["--membind", "0", "--designs"], #""membind":0,"designs":true"#),
    (
      "policy", ["--", "numactl", "--preferred=0", "qemu-kvm"], #""command":"numactl --preferred=0 qemu-kvm""#
    ),
    ("policy", ["--", "numactl", "-m", "0", "a b"], #""command":["numactl","-m","0","a b"]"#),
  ])
  func answersAsForOneMachine(verb: String, options: [String], members: String) throws {
    for name in ["tdx-emr-2024-issue135", "tdx-spr-eaglestream-128g", "8node-1t-unaligned"] {
      let log = String(decoding: try Log.named(name).bytes, as: UTF8.self)
      let words = options.firstIndex(of: "--").map { (options[..<$0], options[$0...]) } ?? (options[...], [])
      let single = try Command(
        [verb, "--format", "json"] + words.0 + [Log.path(name)] + words.1
      )
      var expected = try object(single.output)
      expected["id"] = name
      expected["op"] = verb
      let request = #"{"id":"\#(name)","log":\#(try json(log))\#(members.isEmpty ? "" : ",")\#(members)}"#
      let stream = try Command(verb, "--jsonl", input: request + "\n")
      #expect(stream.status == 0 && stream.output.split(separator: "\n").count == 1)
      // Messages name the input, which is another one.
      let answer = stream.output.replacing("log and ", with: "\(Log.path(name)) and ")
      #expect(try NSDictionary(dictionary: object(answer)) == NSDictionary(dictionary: expected), "\(name)")
    }
  }

  /// Several texts of one machine. Expect what several files say together.
  @Test func severalLogsAreOneMachine() throws {
    let map = "   0: 0x0000000000100000..0x000000007fffffff    0 NONE\n"
    let convertible = "CMR: [0x100000, 0x80000000)\n"
    let request = #"{"logs":[\#(try json(map)),\#(try json(convertible))]}"#
    let plan = try object(Command("plan", "--jsonl", input: request).output)
    #expect(plan["source"] as? String == "memblock (debugfs)")
    #expect((plan["module"] as? [String: Any])?["name"] as? String == "TDX_SUCCESS")
    #expect(plan["notes"] as? [String] == [])
    let broken = try object(
      Command("plan", "--jsonl", input: #"{"id":9,"logs":["CMR: [0x100, 0x50)\n","x"]}"#).output
    )
    #expect((broken["error"] as? String)?.hasPrefix("logs[0]:1: ") == true)
  }

  /// Regions count more than a log, CMRs and key-id bits of the request more than those of its log.
  @Test func membersCountMoreThanTheLog() throws {
    let log = try json(
      "   0: 0x0000000000100000..0x000000007fffffff    0 NONE\nCMR: [0x100000, 0x80000000)\n"
    )
    let input = """
      {"log":\(log),"regions":[["0x100000","0x40000000",0]]}
      {"log":\(log),"cmrs":[["0x100000","0x70000000"]]}
      """
    let answers = try Command("plan", "--jsonl", input: input).output.split(separator: "\n").map {
      try object(String($0))
    }
    #expect(((answers[0]["tdmrs"] as? [[String: Any]])?.first?["size"] as? Int) == 1 << 30)
    #expect(answers[0]["source"] == nil && answers[0]["module"] == nil)
    let module = answers[1]["module"] as? [String: Any]
    #expect(module?["name"] as? String == "TDX_TDMR_OUTSIDE_CMRS")
  }

  /// Every map of the vectors as a log. Expect the same plans.
  @Test func vectorsAsLogs() throws {
    let vectors = try String(contentsOf: vectorFile("linux"), encoding: .utf8).split(separator: "\n").map {
      try object(String($0))
    }.filter { vector in
      // A log without a whole page of memory tells of no machine.
      ((vector["regions"] as? [[Int]]) ?? []).contains { ($0[0] + 4095) / 4096 < $0[1] / 4096 }
    }
    #expect(vectors.count > 500)
    let requests = try vectors.map { vector in
      var request = vector
      let regions = vector["regions"] as! [[Int]]
      let convertible = vector["cmrs"] as? [[Int]]
      request["log"] =
        regions.enumerated().map { index, region in
          "\(index): 0x\(hex(region[0]))..0x\(hex(region[1] - 1)) \(region.count > 2 ? region[2] : 0) NONE\n"
        }.joined()
        + (convertible ?? []).map { "CMR: [0x\(hex($0[0])), 0x\(hex($0[1])))\n" }.joined()
      // No line of a log says that there are none.
      if convertible?.isEmpty != true { request["cmrs"] = nil }
      for name in ["regions", "expect"] { request[name] = nil }
      return String(decoding: try JSONSerialization.data(withJSONObject: request), as: UTF8.self)
    }
    let answers = try Command("plan", "--jsonl", "--threads", "2", input: requests.joined(separator: "\n"))
      .output.split(separator: "\n").map { try object(String($0)) }
    #expect(answers.count == vectors.count)
    for (vector, answer) in zip(vectors, answers) {
      let expected = try #require(vector["expect"] as? [String: Any])
      for (member, value) in expected {
        #expect((answer[member] as? NSObject) == (value as? NSObject), "\(vector["id"] ?? ""): \(member)")
      }
      #expect((answer["tdmrs"] != nil) == (expected["tdmrs"] != nil))
    }
  }

  /// Every scenario of the vectors. Expect every outcome; a script may be one text, too.
  @Test func hotplugVectors() throws {
    let lines = try String(contentsOf: vectorFile("hotplug"), encoding: .utf8).split(separator: "\n")
    let answers = try Command("hotplug", "--jsonl", "--threads", "2", input: lines.joined(separator: "\n"))
      .output.split(separator: "\n").map { try object(String($0)) }
    #expect(answers.count == lines.count)
    for (line, answer) in zip(lines, answers) {
      let vector = try object(String(line))
      let outcomes = (answer["lines"] as? [[String: Any]])?.map { $0["outcome"] as? String }
      #expect(outcomes == vector["expect"] as? [String], "\(vector["id"] ?? "")")
    }
    let text = ##"{"regions":[[0,2147483648]],"script":"# nothing\ninit-tdx\noffline 3 # expect ok\n"}"##
    let answer = try object(Command("hotplug", "--jsonl", input: text).output)
    #expect((answer["lines"] as? [[String: Any]])?.map { $0["line"] as? Int } == [2, 3])
  }

  /// The module's rules with the CMRs of a log.
  @Test func validateTakesCMRsOfALog() throws {
    let vector = try object(
      String(try String(contentsOf: vectorFile("tdx-module"), encoding: .utf8).split(separator: "\n")[0])
    )
    let log = (vector["cmrs"] as! [[Any]]).map { $0.map(number) }
      .map { "CMR: [0x\(hex($0[0])), 0x\(hex($0[0] + $0[1])))\n" }
      .joined()
    var request = vector
    request["cmrs"] = nil
    request["log"] = log + "0: 0x1000..0x1fff\n"
    let input = String(decoding: try JSONSerialization.data(withJSONObject: request), as: UTF8.self)
    let answer = try object(Command("validate", "--jsonl", input: input).output)
    let expected = vector["expect"] as? [String: Any]
    #expect(answer["name"] as? String == expected?["name"] as? String)
    #expect(answer["op"] as? String == "validate")
  }

  /// Bad lines of every kind, in every verb. Expect an error for each, an answer for the rest, 65 at the end, and 0 with
  /// `--keep-going`.
  @Test(arguments: ["plan", "validate", "advise", "hotplug", "policy"])
  func badLines(verb: String) throws {
    let good =
      verb == "validate"
      ? try String(contentsOf: vectorFile("tdx-module"), encoding: .utf8).split(separator: "\n").map(
        String.init
      )[0]
      : #"{"id":"good","regions":[["0x100000","0x80000000",0]]}"#
    let bad = [
      "not json", "[]", #"{"id":1}"#, #"{"id":2,"log":""}"#, #"{"id":3,"log":"nothing"}"#,
      #"{"id":4,"logs":[1]}"#,
      #"{"id":5,"log":{}}"#, #"{"id":6,"logs":[]}"#, #"{"id":7,"regions":[[2,1]]}"#, "{\"log\":\"\\ud800\"}",
    ]
    let input = (bad + [good]).joined(separator: "\n")
    for (arguments, status) in [([], 65), (["--keep-going"], 0)] as [([String], Int32)] {
      let stream = try Command([verb, "--jsonl"] + arguments, input: input)
      let answers = try stream.output.split(separator: "\n").map { try object(String($0)) }
      #expect(stream.status == status && answers.count == bad.count + 1)
      #expect(answers.dropLast().allSatisfy { $0["error"] is String && $0["op"] == nil })
      #expect(answers.last?["op"] as? String == verb && answers.last?["error"] == nil)
    }
    #expect(try Command(verb, "--jsonl", "--keep-going", input: good).status == 0)
    #expect(try Command(verb, "--keep-going", Log.path("tdx-1t-5cmr")).status == 64)
  }

  /// Options of a request that make no sense. Expect an error that names them.
  @Test(arguments: [
    ("advise", #""slack":1025"#, "slack: 1025 is above 1024"), ("advise", #""slack":-1"#, "slack: negative"),
    ("hotplug", #""script":"init-tdx\nbogus""#, "script:2: unknown operation"),
    ("hotplug", #""script":7"#, "script: expected"),
    ("hotplug", #""block_size":4096"#, "a block size is"), ("hotplug", #""blocks":true"#, "blocks: "),
    ("hotplug", #""hypervisor":true,"cxl_advice":"1G""#, "two rules"),
    ("hotplug", #""block_size":"12 parsecs""#, #"block_size: "12 parsecs" is no size"#),
    ("policy", #""membind":"0","interleave":"0""#, "conflicting policies"),
    ("policy", #""membind":"7""#, "--membind: node argument 7 is out of range"),
    ("policy", #""capable":"all""#, #"capable: unknown name "all", expected whole or some"#),
    ("policy", #""cpuset_mems":"x""#, "--cpuset-mems=x"),
    ("policy", #""memory":"much""#, "memory: "),
  ])
  func optionsThatMakeNoSense(verb: String, members: String, message: String) throws {
    let input = #"{"id":1,"regions":[["0x100000","0x80000000",0]],\#(members)}"#
    let stream = try Command(verb, "--jsonl", input: input)
    let answer = try object(stream.output)
    #expect(stream.status == 65)
    #expect((answer["error"] as? String)?.contains(message) == true, "\(answer)")
  }

  /// A policy of the command line, one of the request, and none. Expect the request's first.
  @Test func aPolicyOfTheRequestTakesThePlaceOfTheOptions() throws {
    let map = #""regions":[[0,2147483648,0],[4294967296,8589934592,1]]"#
    let input = "{\(map)}\n{\(map),\"interleave\":\"0,1\"}\n{\(map),\"localalloc\":true}\n"
    let modes = try Command("policy", "--jsonl", "--membind", "1", input: input).output
      .split(separator: "\n").map { try object(String($0))["mode"] as? String }
    #expect(modes == ["bind", "interleave", "local"])
  }

  @Test(arguments: [
    ["advise", "--jsonl", "--format", "json"], ["advise", "--jsonl", "-o", "x"],
    ["advise", "--jsonl", "--host"],
    ["hotplug", "--jsonl", "--blocks"], ["hotplug", "--jsonl", "--format", "csv"],
    ["hotplug", "--jsonl", "--script", "-"], ["policy", "--jsonl", "--script", "-"],
    ["policy", "--jsonl", "--format", "json"], ["policy", "--threads", "2", "x"],
  ])
  func whatGoesNotTogether(arguments: [String]) throws {
    let command = try Command(arguments)
    #expect(command.status == 64 && command.output.isEmpty && !command.errors.isEmpty)
  }

  // MARK: -

  /// A number of a request: JSON's, or a string with hexadecimal digits.
  private func number(_ value: Any) -> Int {
    (value as? String).flatMap { Int($0.dropFirst(2), radix: 16) } ?? value as! Int
  }

  private func hex(_ number: Int) -> String { String(number, radix: 16) }

  private func json(_ text: String) throws -> String {
    String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
  }

  private func object(_ line: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }
}
