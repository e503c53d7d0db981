import Foundation
import TestSupport
import Testing

/// Kernel, module and processor as members of requests, as defaults of a stream's lines, and as a fleet's hosts have them.
@Suite struct ProfileStreamTests {
  private func objects(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  private static let regions =
    #""regions":[["0x100000","0x80000000",0],["0x100000000","0x4080000000",0]]"#

  private static let memory = """
    Early memory node ranges
      node   0: [mem 0x0000000000100000-0x000000007fffffff]
      node   0: [mem 0x0000000100000000-0x000000407fffffff]
    virt/tdx: BIOS enabled: private KeyID range [32, 64)

    """

  /// Options of a command and members of a request: expect the same answer but for what a log says beside.
  @Test(arguments: [
    ("plan", ["--kernel", "7.4", "--module", "2.0.18"], #""kernel":"7.4","module":"2.0.18""#),
    ("plan", ["--phys-bits", "46"], #""phys_bits":46"#),
    (
      "plan", ["--after-kexec", "--kernel", "7.2", "--kho-scratch", "8G+512M"],
      #""after_kexec":true,"kernel":"7.2","kho_scratch":[["0x200000000","0x220000000"]]"#
    ),
    ("plan", ["--after-kexec", "--kernel", "7.1"], #""after_kexec":true,"kernel":"7.1""#),
    (
      "advise", ["--kernel", "7.4", "--module", "2.0.08", "--td-memory", "64G"],
      #""kernel":"7.4","module":"2.0.08","td_memory":"64G""#
    ),
    ("hotplug", ["--kernel", "7.4", "--module", "1.5.20"], #""kernel":"7.4","module":"1.5.20""#),
  ])
  func membersAreOptions(verb: String, options: [String], members: String) throws {
    let log = String(decoding: try JSONEncoder().encode(Self.memory), as: UTF8.self)
    let single = try objects(Command([verb, "-", "--format", "json"] + options, input: Self.memory).output)
    var expected = try #require(single.first)
    expected["id"] = "a"
    expected["op"] = verb
    for (arguments, input) in [
      ([], #"{"id":"a","log":\#(log),\#(members)}"#), (options, #"{"id":"a","log":\#(log)}"#),
    ] {
      let stream = try Command([verb, "--jsonl"] + arguments, input: input + "\n")
      #expect(stream.status == 0, "\(stream.errors)")
      let answer = try #require(try objects(stream.output).first)
      #expect(NSDictionary(dictionary: answer) == NSDictionary(dictionary: expected), "\(stream.output)")
    }
  }

  /// The bytes of an answer to plain regions: expect none to move, and only new members where a kernel is named.
  @Test func onlyNewMembers() throws {
    let plain = try Command("plan", "--jsonl", input: "{\(Self.regions)}\n")
    let named = try Command("plan", "--jsonl", input: "{\(Self.regions),\"kernel\":\"6.8\"}\n")
    let (one, other) = (try objects(plain.output)[0], try objects(named.output)[0])
    #expect(one["kernel"] == nil && other["kernel"] as? String == "6.8")
    for (name, value) in one { #expect(other[name] as? NSObject == value as? NSObject, "\(name)") }
    // A line counts more than an option, and `null` is as absent.
    let lines = "{\(Self.regions),\"kernel\":\"7.2\"}\n{\(Self.regions),\"kernel\":null}\n"
    let answers = try objects(Command("plan", "--jsonl", "--kernel", "6.16", input: lines).output)
    #expect(answers.map { $0["kernel"] as? String } == ["7.2", "6.16"])
  }

  @Test(arguments: [
    (#""kernel":"9.1""#, #"kernel: "9.1" is no kernel from 6.8 to 7.4"#),
    (#""kernel":"x""#, "is no kernel"), (#""module":"2.0.19""#, "is no module from 1.0 to 2.0.18"),
    (#""module":{}"#, "module: "), (#""phys_bits":35"#, "phys_bits: 35 is below 36"),
    (#""phys_bits":53"#, "phys_bits: 53 is above 52"),
    (
      #""after_kexec":true,"kho_scratch":[[1,4096]]"#,
      "kho_scratch[0]: the range [0x1, 0x1000) is empty or not"
    ),
    (#""after_kexec":true,"kho_scratch":[[0,8192],[4096,8192]]"#, "overlap"),
    (#""kho_scratch":[[0,8192]]"#, "after_kexec: missing"),
  ])
  func whatIsNoProfile(member: String, message: String) throws {
    let run = try Command(
      "plan",
      "--jsonl",
      input: "{\"id\":1,\(Self.regions),\(member)}\n{\(Self.regions)}\n"
    )
    #expect(run.status == 65)
    let answers = try objects(run.output)
    #expect((answers[0]["error"] as? String)?.contains(message) == true, "\(answers[0])")
    #expect(answers[1]["outcome"] as? String == "ok", "the stream goes on")
  }

  // MARK: - Configurations

  private static let configuration =
    #""keyid_bits":6,"cmrs":[[0,1073741824],[1073741824,1073741824]],"#
    + #""tdmrs":[{"base":0,"size":1073741824,"pamt":{"1g":[1073741824,4096],"2m":[1073745920,8192],"4k":[1073754112,4194304]},"#
    + #""reserved":[]}]"#

  @Test(arguments: [
    ([], "", "TDX_SUCCESS"), (["--config-version", "2"], #""config_version":2"#, "0xc000010000000000"),
    (
      ["--config-version", "1", "--module", "1.5.06"], #""config_version":1,"module":"1.5.06""#,
      "0xc000010000000000"
    ),
    (
      ["--config-version", "1", "--r9", "0x1000000000", "--tdx-features0", "0x40000"],
      #""config_version":1,"r9":"0x1000000000","tdx_features0":"0x40000""#, "0xc000010000000009"
    ),
    (["--config-version", "1", "--r10", "1"], #""config_version":1,"r10":1"#, "0xc00001000000000a"),
    // 32 bits of address are left: the TDMRs lie below.
    (["--phys-bits", "38"], #""phys_bits":38"#, "TDX_SUCCESS"),
    (["--phys-bits", "36"], #""phys_bits":36"#, "TDX_CMR_LIST_INVALID"),
    // One that takes addresses to have 52 bits.
    (["--phys-bits", "36", "--module", "1.5.06"], #""phys_bits":36,"module":"1.5.06""#, "TDX_SUCCESS"),
    // Memory of system management mode below, across and beyond the CMRs' end.
    (["--smrr", "2G+8M"], #""smrrs":[["0x80000000","0x800000"]]"#, "TDX_SUCCESS"),
    (["--smrr", "1G+8M"], #""smrrs":[["0x40000000","0x800000"]]"#, "0xc000091200000100"),
    (
      ["--smrr", "2G+8M", "--smrr", "0x3f800000-0x40000000"],
      #""smrrs":[["0x80000000","0x800000"],["0x3f800000","0x800000"]]"#, "0xc000091200000001"
    ),
    (["--smrr", "2G+12K"], #""smrrs":[["0x80000000","0x3000"]]"#, "0xc000091100000000"),
    (["--smrr", "4G+8M"], #""smrrs":[["0x100000000","0x800000"]]"#, "TDX_INVALID_SMRR_CONFIGURATION"),
  ])
  func configurationsInAStream(options: [String], members: String, answer: String) throws {
    let single = try Command(
      ["validate", "-", "--format", "json"] + options,
      input: "{\(Self.configuration)}"
    )
    #expect(single.output.contains(answer), "\(single.output)\(single.errors)")
    #expect(single.status == (answer == "TDX_SUCCESS" ? 0 : 1))
    let line = "{\(Self.configuration)\(members.isEmpty ? "" : ",")\(members)}\n"
    for (arguments, input) in [([], line), (options, "{\(Self.configuration)}\n")] {
      let run = try Command(["validate", "--jsonl"] + arguments, input: input)
      #expect(run.output.contains(answer), "\(run.output)\(run.errors)")
    }
  }

  @Test func noMoreThanTwoRanges() throws {
    let option = try Command(
      "validate",
      "--jsonl",
      input: #"{\#(Self.configuration),"smrr":["2G+8M"]}"# + "\n"
    )
    #expect(option.status == 65 && option.output.contains("a request says `smrrs`"), "\(option.output)")
    let smrrs = #""smrrs":[[0,4096],[4096,4096],[8192,4096]]"#
    let run = try Command("validate", "--jsonl", input: "{\(Self.configuration),\(smrrs)}\n")
    #expect(run.status == 65 && run.output.contains("smrrs[2]: 3 is above 2"), "\(run.output)")
    let options = ["--smrr", "0+4K", "--smrr", "4K+4K", "--smrr", "8K+4K"]
    #expect(try Command(["validate", "-"] + options, input: "{\(Self.configuration)}").status == 64)
  }

  // MARK: - Fleets

  /// Two hosts of equal memory, one with Dynamic PAMT by its log, one by its kernel and module, and one without. Expect each to be judged by
  /// its own, and the row to name them.
  @Test func hostsAreJudgedByTheirOwn() throws {
    try withFolder { folder in
      let logs = folder.appending(path: "logs")
      try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
      func write(_ name: String, _ text: String) throws {
        try text.write(to: logs.appending(path: name), atomically: true, encoding: .utf8)
      }
      try write("a", Self.memory)
      try write("b", "Linux version 7.2.0 (x@y)\n" + Self.memory + "virt/tdx: Enable Dynamic PAMT\n")
      try write("c", "Linux version 7.4.1 (x@y)\n" + Self.memory + "virt/tdx: module version: 1.5.20\n")
      func rows(_ arguments: String...) throws -> [[String: Any]] {
        let output = folder.appending(path: UUID().uuidString)
        let run = try Command(["fleet", logs.path, "--output", output.path] + arguments)
        #expect(run.status == 0, "\(run.errors)")
        let csv = try String(contentsOf: output.appending(path: "hosts.csv"), encoding: .utf8)
        #expect(csv.split(separator: "\n")[0].hasSuffix(",error,kernel,module_version"))
        return try objects(String(contentsOf: output.appending(path: "hosts.jsonl"), encoding: .utf8))
      }
      let own = try rows()
      #expect(own.map { $0["kernel"] as? String } == [nil, "7.2.0", "7.4.1"])
      #expect(own.map { $0["module_version"] as? String } == [nil, nil, "1.5.20"])
      let costs = own.map { $0["pamt_kib"] as? Int }
      #expect(costs[0]! > 50 * costs[1]! && costs[1] == costs[2])
      #expect(costs[1] == own[0]["dynamic_pamt_kib"] as? Int)
      #expect(own[0]["group"] as? String != own[1]["group"] as? String)
      // Another kernel and module for all.
      let asked = try rows("--kernel", "7.4", "--module", "2.0.08")
      #expect(asked.allSatisfy { $0["kernel"] as? String == "7.4" && $0["pamt_kib"] as? Int == costs[1] })
      let old = try rows("--kernel", "6.16")
      #expect(old.allSatisfy { $0["pamt_kib"] as? Int == costs[0] })
      // A host of a stream names its own.
      let log = String(decoding: try JSONEncoder().encode(Self.memory), as: UTF8.self)
      let requests = folder.appending(path: "hosts.jsonl")
      try #"{"id":"a","log":\#(log)}"#.appending("\n")
        .appending(#"{"id":"b","log":\#(log),"kernel":"7.4","module":"2.0.18"}"#).appending("\n")
        .write(to: requests, atomically: true, encoding: .utf8)
      let output = folder.appending(path: "streamed")
      _ = try Command("fleet", requests.path, "--output", output.path)
      let streamed = try objects(
        String(contentsOf: output.appending(path: "hosts.jsonl"), encoding: .utf8)
      )
      #expect(streamed.map { $0["pamt_kib"] as? Int } == [costs[0], costs[1]])
    }
  }

  /// Expect a page to draw the plan that the machine has.
  @Test func aReportHasTheMachinesPAMT() throws {
    try withFolder { folder in
      let page = folder.appending(path: "page.html")
      func text(_ log: String) throws -> String {
        let file = folder.appending(path: "boot.log")
        try log.write(to: file, atomically: true, encoding: .utf8)
        #expect(try Command("report", file.path, "-o", page.path).status == 0)
        return try String(contentsOf: page, encoding: .utf8)
      }
      let note = "The log says `Enable Dynamic PAMT`"
      let without = try text(Self.memory)
      let with = try text(Self.memory + "virt/tdx: Enable Dynamic PAMT\n")
      #expect(!without.contains(note) && with.contains(note))
    }
  }

  /// A log of 7.4 that says `Enable Dynamic PAMT`. Expect Dynamic PAMT by its own words, with its own kernel named, too; static
  /// PAMT where a kernel without it is named, or a request says so.
  @Test func dynamicPAMTOfTheLogAndOfTheRequest() throws {
    let log = """
      Linux version 7.4.0
      BIOS-e820: [mem 0x0000000000100000-0x00000000ffffffff] usable
      virt/tdx: Enable Dynamic PAMT
      virt/tdx: 24 KB allocated for PAMT
      virt/tdx: TDX-Module initialized
      """
    let text = log.replacingOccurrences(of: "\n", with: "\\n")
    for (members, isDynamic) in [
      ("", true), (#","kernel":"7.4""#, true), (#","kernel":"6.12""#, false),
      (#","dynamic_pamt":false"#, false),
      (#","dynamic_pamt":true"#, true), (#","dynamic_pamt":null"#, true),
    ] {
      let run = try Command("plan", "--jsonl", input: #"{"log":"\#(text)"\#(members)}"# + "\n")
      #expect(run.output.contains(#""dynamic_pamt":\#(isDynamic)"#), "\(members): \(run.output)")
    }
    try withFolder { folder in
      let file = folder.appending(path: "log").path
      try log.write(toFile: file, atomically: true, encoding: .utf8)
      #expect(try Command("plan", file, "--kernel", "7.4").output.contains("Dynamic PAMT"))
      #expect(try Command("plan", file, "--kernel", "6.20").status == 64)
    }
  }
}
