import Foundation
import TestSupport
import Testing

@Suite struct PlanCommandTests {
  @Test func theLogOfIssue135FailsAsItDidOnTheMachine() throws {
    let plan = try Command("plan", Log.path("tdx-emr-2024-issue135"))
    #expect(plan.status == 1)
    #expect(
      plan.output.contains(
        "  virt/tdx: initialization failed: TDMR [0x0, 0x80000000): reserved areas exhausted.\n"
      )
    )
    #expect(plan.errors == "")
  }

  @Test func theSameLogFitsWithHolesFromItsCMRs() throws {
    let plan = try Command("plan", Log.path("tdx-emr-2024-issue135"), "--policy", "linux-cmr")
    #expect(plan.status == 0)
    #expect(plan.output.contains("Module    accepts (TDX_SUCCESS, 0x0)"))
  }

  @Test(arguments: [("tdx-1t-5cmr", 4_202_516), ("tdx-512g-issue206", 2_101_260)])
  func thePAMTIsWhatTheMachinePrinted(log: String, kilobytes: Int) throws {
    let plan = try Command("plan", Log.path(log))
    #expect(plan.status == 0)
    #expect(plan.output.contains("PAMT      \(kilobytes) KB allocated for PAMT"))
    #expect(plan.output.contains("Machine   as planned: \(kilobytes) KB allocated for PAMT"))
    #expect(plan.output.contains("Note      There are no memory ranges, so the CMRs serve as the memory."))
  }

  @Test(arguments: ["tdx-spr-eaglestream-128g", "tdx-spr-ast2600evb-128g"])
  func thePAMTsOfEarlyKernelsHaveTheSizeOfTheFormula(log: String) throws {
    let plan = try Command("plan", Log.path(log))
    #expect(plan.output.contains("it printed 33 TDMRs of its own; 33 of their PAMTs have the size"))
  }

  @Test func fragmentsOfLogsAreRefused() throws {
    let plan = try Command("plan", Log.path("cxl-srat-fragments"))
    #expect(plan.status == 65)
    #expect(plan.output == "")
    #expect(plan.errors.contains("cxl-srat-fragments.log:20: "))
  }

  @Test func aLogWithoutAMapSaysHowToGetOneThatHasIt() throws {
    let plan = try Command("plan", "-", input: "[    0.000000] Linux version 6.8.0\nnothing here\n")
    #expect(plan.status == 65)
    #expect(plan.errors.contains("no memory map and no CMRs"))
    #expect(plan.errors.contains("sudo dmesg > boot.log"))
  }

  /// Files alone are not for the parser of options. Expect the same as where an option says what is so without it.
  @Test(
    arguments: [
      [Log.path("tdx-1t-5cmr")], [Log.path("tdx-emr-2024-issue135")], [Log.path("cxl-srat-fragments")],
      [Log.path("tdx-1t-5cmr"), Log.path("tdx-512g-issue206")], ["no-such-file"], ["help"], ["/"],
    ]
  )
  func withoutOptionsEverythingIsAsItIsByDefault(files: [String]) throws {
    let plain = try Command(["plan"] + files)
    for options in [["--policy", "linux"], ["--placement", "first-fit"], ["--format", "text"], ["--"]] {
      let parsed = try Command(["plan"] + options + files)
      #expect(plain.status == parsed.status)
      #expect(plain.output == parsed.output)
      #expect(plain.errors == parsed.errors)
    }
  }

  @Test("what is empty or begins with a dash is for the parser of options, wherever it stands")
  func doubtfulArgumentsAreParsed() throws {
    let log = Log.path("tdx-1t-5cmr")
    #expect(try Command("plan", log, "--format", "json").output.hasPrefix("{\"id\":"))
    #expect(try Command("plan", log, "--frobnicate").status == 64)
    #expect(try Command("plan", log, "--help").output.contains("USAGE: tdxbench plan"))
    #expect(try Command("plan", log, "-").status == 65)
    #expect(try Command("plan", log, "").errors == Command("plan", "--policy", "linux", log, "").errors)
  }

  @Test func usageAndInputErrorsHaveTheirExitStatus() throws {
    #expect(try Command("plan").status == 64)
    #expect(try Command("plan", "--policy", "best", "x").status == 64)
    #expect(try Command("plan", "--keyid-bits", "53", "x").status == 64)
    #expect(try Command("plan", "--pamt-entry-bytes", "4k=70000", "x").status == 64)
    #expect(try Command("frobnicate").status == 64)
    let missing = try Command("plan", "no-such-file")
    #expect(missing.status == 66)
    #expect(missing.errors.contains("no-such-file"))
    #expect(try Command("plan", Log.path("tdx-1t-5cmr"), "-o", "/no/such/folder/plan").status == 74)
    #expect(try Command("plan", "--help").status == 0)
  }

  @Test func overlappingMemoryNamesBothRanges() throws {
    let plan = try Command("plan", "-", input: #"{"regions":[[0,8192,0],[4096,12288,0]]}"#)
    #expect(plan.status == 65)
    #expect(plan.errors.contains("[0x0, 0x2000)"))
    #expect(plan.errors.contains("[0x1000, 0x3000)"))
  }

  @Test func colourOnlyOnATerminal() throws {
    let plan = try Command("plan", Log.path("tdx-1t-5cmr"))
    #expect(!plan.output.contains("\u{1b}"))
    #expect(plan.output.contains("█"))
    let ascii = try Command("plan", Log.path("tdx-1t-5cmr"), environment: ["LC_ALL": "C"])
    #expect(ascii.output.allSatisfy { $0.isASCII })
  }

  @Test func jsonHasThePlanAndTheNotes() throws {
    let plan = try Command("plan", Log.path("tdx-512g-issue206"), "--format", "json")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(plan.output.utf8)) as? [String: Any]
    )
    #expect(object["outcome"] as? String == "ok")
    #expect(object["pamt_kib"] as? Int == 2_101_260)
    #expect((object["tdmrs"] as? [Any])?.count == 3)
    #expect((object["module"] as? [String: Any])?["name"] as? String == "TDX_SUCCESS")
    #expect(object["source"] as? String == "CMRs")
    #expect((object["notes"] as? [Any])?.isEmpty == false)
  }

  /// Expect a file that is whole, the bytes that `validate` accepts, and no file where there is no plan.
  @Test func tdmrInfoGoesThroughValidate() throws {
    try withFolder { folder in
      let file = folder.appendingPathComponent("tdmrs.bin").path
      let log = Log.path("tdx-emr-2024-issue135")
      let failed = try Command("plan", log, "--format", "tdmr-info", "-o", file)
      #expect(failed.status == 1)
      #expect(!FileManager.default.fileExists(atPath: file))

      let options = ["--policy", "linux-cmr", "--format", "tdmr-info", "-o", file]
      #expect(
        try Command("plan", log, options[0], options[1], options[2], options[3], options[4], file).status == 0
      )
      #expect(try Data(contentsOf: URL(fileURLWithPath: file)).count == 512)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(names == ["tdmrs.bin"])

      let verdict = try Command("validate", file, log)
      #expect(verdict.status == 0)
      #expect(verdict.output.hasPrefix("TDX_SUCCESS (0x0)"))
      #expect(try Command("validate", log, file).status == 0)
      #expect(try Command("validate", file).status == 65)
      #expect(try Command("validate", log).status == 65)

      // A reserved area that is gone: what it covered is outside the CMRs.
      var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
      bytes.replaceSubrange(64..<80, with: repeatElement(0, count: 16))
      try bytes.write(to: URL(fileURLWithPath: file))
      let refused = try Command("validate", file, log, "--format", "json")
      #expect(refused.status == 1)
      #expect(
        refused.output.contains(#""status":"0xc0000a2100000000","name":"TDX_NON_ORDERED_RESERVED_IN_TDMR""#)
      )

      try bytes.dropLast().write(to: URL(fileURLWithPath: file))
      #expect(try Command("validate", file, log).status == 65)
    }
  }

  /// Expect the entry size of the limit: 64 + 16 x 64 bytes, rounded up to 512.
  /// A plan that fails: expect the remedy in short, and the command that says more, as one could type it.
  @Test func aFailureShowsTheWayOn() throws {
    let log = Log.path("tdx-emr-2024-issue135")
    let words = try Command("plan", log).output.split { $0.isWhitespace }.joined(separator: " ")
    #expect(
      words.contains(
        "Do keep 8 KiB from the kernel, with memmap=4K$0x64158000 memmap=4K$0x6f7ff000; "
          + "`tdxbench advise \(log)` says more"
      )
    )
    #expect(try !Command("plan", Log.path("tdx-1t-5cmr")).output.contains("advise"))
  }

  /// Expect the text and beside it a picture; with `-` the picture alone, and the same exit status.
  @Test func drawsThePlan() throws {
    try withFolder { folder in
      let file = folder.appendingPathComponent("plan.svg").path
      let log = Log.path("tdx-emr-2024-issue135")
      let plan = try Command("plan", log, "--svg", file)
      #expect(plan.status == 1 && plan.output.contains("reserved areas exhausted.\n"))
      let picture = try String(contentsOfFile: file, encoding: .utf8)
      #expect(picture.hasPrefix("<svg") && picture.contains("needs 18 reserved areas"))
      let alone = try Command("plan", log, "--svg", "-")
      #expect(alone.status == 1 && alone.output == picture)
    }
  }

  /// A log whose name steers a terminal. Expect a picture that is XML; and one file for two outputs to be refused.
  @Test func picturesHoldNoControlCharacters() throws {
    try withFolder { folder in
      let log = folder.appendingPathComponent("x\u{1b}]0;t\u{7}\u{9b}31m.log")
      try FileManager.default.copyItem(atPath: Log.path("tdx-1t-5cmr"), toPath: log.path)
      let drawn = try Command("plan", log.path, "--svg", "-")
      #expect(drawn.status == 0 && drawn.output.hasPrefix("<svg"))
      let controls = drawn.output.unicodeScalars.filter {
        $0.properties.generalCategory == .control && $0 != "\n"
      }
      #expect(controls.isEmpty)
      let file = folder.appendingPathComponent("same").path
      #expect(try Command("plan", log.path, "-o", file, "--svg", file).status == 64)
    }
  }

  @Test func tdmrInfoHasEntriesOfEqualSize() throws {
    try withFolder { folder in
      let file = folder.appendingPathComponent("tdmrs.bin").path
      let log = Log.path("tdx-1t-5cmr")
      let plan = try Command("plan", log, "--max-reserved", "64", "--format", "tdmr-info", "-o", file)
      #expect(plan.status == 0)
      #expect(try Data(contentsOf: URL(fileURLWithPath: file)).count == 5 * 1536)
      #expect(try Command("validate", file, log, "--max-reserved", "64").status == 0)
    }
  }

  @Test(arguments: ["map.txt", "map.json", "map.tdxmap"])
  func aWrittenMapPlansAsTheLogDoes(name: String) throws {
    try withFolder { folder in
      let file = folder.appendingPathComponent(name).path
      let log = Log.path("tdx-spr-eaglestream-128g")
      let fromLog = try Command("plan", log, "--format", "json", "--write-map", file)
      let fromMap = try Command("plan", file, "--format", "json")
      #expect(fromMap.status == 0)
      let (one, other) = (try answer(fromMap), try answer(fromLog))
      #expect(one == other)
    }
  }

  /// The members that do not tell where the map came from.
  private func answer(_ command: Command) throws -> NSDictionary {
    var object = try #require(
      try JSONSerialization.jsonObject(with: Data(command.output.utf8)) as? [String: Any]
    )
    for member in ["id", "source", "notes", "tdx_log", "kernel", "module_version"] { object[member] = nil }
    return object as NSDictionary
  }
}
