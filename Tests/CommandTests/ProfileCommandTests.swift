import Foundation
import TestSupport
import Testing

/// What the kernel and the module make of answers: words, Dynamic PAMT, the window of hotplug, kexec.
@Suite struct ProfileCommandTests {
  private func flat(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private func object(_ run: Command) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
  }

  private static let memory = """
    Early memory node ranges
      node   0: [mem 0x0000000000100000-0x000000007fffffff]
      node   0: [mem 0x0000000100000000-0x000000407fffffff]
    virt/tdx: BIOS enabled: private KeyID range [32, 64)

    """

  /// 17 holes: more than a TDMR has areas.
  private static let failing =
    "Early memory node ranges\n"
    + (0..<20).map {
      "  node   0: [mem 0x\(String(0x10_0000 + $0 * 0x2_0000, radix: 16))-0x\(String(0x10_ffff + $0 * 0x2_0000, radix: 16))]\n"
    }
    .joined() + "  node   0: [mem 0x0000000100000000-0x00000001ffffffff]\n"

  // MARK: - Words

  @Test(arguments: [
    ("6.16", "virt/tdx: module initialization failed (-28)"),
    ("7.0.1", "virt/tdx: module initialization failed (-28)"),
    ("7.1", "virt/tdx: TDX-Module initialization failed (-28)"),
  ])
  func theKernelsOwnWords(kernel: String, line: String) throws {
    let logged = "Linux version \(kernel) (x@y)\n" + Self.failing
    for (arguments, input) in [(["--kernel", kernel], Self.failing), ([], logged)] {
      let text = try Command(["plan", "-"] + arguments, input: input)
      #expect(text.status == 1)
      #expect(text.output.contains("  \(line)\n"), "\(text.output)")
      #expect(!text.output.contains("Nothing names the kernel"))
      let json = try object(try Command(["plan", "-", "--format", "json"] + arguments, input: input))
      #expect((json["messages"] as? [String])?.last == line)
      #expect(json["kernel"] as? String == kernel)
    }
  }

  /// Where nothing names it, people get the newest and a note; programs get the words that they know.
  @Test func noKernel() throws {
    let text = try Command("plan", "-", input: Self.failing)
    #expect(text.output.contains("  virt/tdx: TDX-Module initialization failed (-28)\n"))
    #expect(flat(text.output).contains("Nothing names the kernel: its lines are in the words of Linux 7.4"))
    let json = try object(try Command("plan", "-", "--format", "json", input: Self.failing))
    #expect((json["messages"] as? [String])?.last == "virt/tdx: module initialization failed (-28)")
    #expect(json["kernel"] == nil)
    // The log's own words tell, too.
    let byWords = try Command(
      "plan",
      "-",
      input: Self.failing + "virt/tdx: module initialization failed (-28)\n"
    )
    #expect(byWords.output.contains("  virt/tdx: module initialization failed (-28)\n"))
    #expect(!byWords.output.contains("Nothing names the kernel"))
  }

  @Test func streamsKeepTheOldWords() throws {
    let regions = (0..<20).map { "[\(0x10_0000 + $0 * 0x2_0000),\(0x11_0000 + $0 * 0x2_0000),0]" }
    let line = #"{"id":1,"regions":[\#(regions.joined(separator: ",")),[4294967296,8589934592,0]]}"#
    let run = try Command("plan", "--jsonl", input: line + "\n")
    #expect(run.output.contains(#""virt/tdx: module initialization failed (-28)"]"#))
    #expect(!run.output.contains("kernel"))
    #expect(try Command("plan", "--jsonl", "--kernel", "7.1", input: line).status == 0)
  }

  @Test(arguments: [
    ["--kernel", "6.7"], ["--kernel", "7.5"], ["--kernel", "x"], ["--module", "2.0.19"],
    ["--module", "0.9"], ["--module", "1.5.x"], ["--phys-bits", "53"], ["--phys-bits", "35"],
  ])
  func whatCannotBeAskedAbout(arguments: [String]) throws {
    for verb in ["plan", "advise", "hotplug"] {
      #expect(try Command([verb, "-"] + arguments, input: Self.memory).status == 64, "\(verb) \(arguments)")
    }
  }

  @Test func linuxCMRIsNoMainline() throws {
    let words = "does not take holes from CMRs in mainline"
    let log =
      Self.memory + "virt/tdx: CMR: [0x100000, 0x80000000)\nvirt/tdx: CMR: [0x100000000, 0x4080000000)\n"
    for (kernel, isTold) in [("7.1.0", true), ("6.8.0-1013-intel", false)] {
      let run = try Command(
        "plan",
        "-",
        "--policy",
        "linux-cmr",
        input: "Linux version \(kernel) (x@y)\n" + log
      )
      #expect(flat(run.output).contains(words) == isTold, "\(kernel)")
    }
  }

  // MARK: - Dynamic PAMT

  private static let dynamicLog =
    "Linux version 7.4.0-rc1 (x@y)\n" + memory
    + "virt/tdx: Enable Dynamic PAMT\nvirt/tdx: 25868 KB allocated for PAMT\nvirt/tdx: TDX-Module initialized\n"

  @Test func aLogThatHasItIsPlannedWithIt() throws {
    let run = try Command("plan", "-", input: Self.dynamicLog)
    #expect(run.status == 0)
    #expect(flat(run.output).contains("Dynamic PAMT, up to 64 TDMRs"))
    #expect(flat(run.output).contains("The log says `Enable Dynamic PAMT`"))
    let json = try object(try Command("plan", "-", "--format", "json", input: Self.dynamicLog))
    #expect(json["dynamic_pamt"] as? Bool == true)
    let kibibytes = try #require(json["pamt_kib"] as? Int)
    let own = Self.dynamicLog.replacing("25868", with: "\(kibibytes)")
    #expect(
      flat(try Command("plan", "-", input: own).output).contains("as planned: \(kibibytes) KB allocated")
    )
    let stream = try Command("plan", "--jsonl", input: try request(own))
    #expect(
      stream.output.contains(#""dynamic_pamt":true"#) && stream.output.contains(#""kernel":"7.4.0-rc1""#)
    )
  }

  private func request(_ log: String) throws -> String {
    String(decoding: try JSONSerialization.data(withJSONObject: ["id": 1, "log": log]), as: UTF8.self) + "\n"
  }

  @Test func adviceDoesNotOfferWhatTheHostHas() throws {
    let has = flat(try Command("advise", "-", input: Self.dynamicLog).output)
    #expect(has.contains("Dynamic is on: ") && !has.contains("would save"))
    let json = try object(try Command("advise", "-", "--format", "json", input: Self.dynamicLog))
    #expect((json["today"] as? [String: Any])?["dynamic_pamt"] as? Bool == true)
    #expect(json["dynamic_pamt_bill"] == nil)
  }

  /// By kernel and module, where no log says how it went.
  @Test(arguments: [
    ("7.4", "2.0.18", true), ("7.4", "1.5.20", true), ("7.4", "1.5.16", false), ("7.3", "2.0.18", false),
    ("6.16", "2.0.18", false),
  ])
  func kernelAndModuleTurnItOn(kernel: String, module: String, isOn: Bool) throws {
    let run = try Command(
      "plan",
      "-",
      "--kernel",
      kernel,
      "--module",
      module,
      "--format",
      "json",
      input: Self.memory
    )
    let json = try object(run)
    #expect(json["dynamic_pamt"] as? Bool == isOn)
    #expect(json["kernel"] as? String == kernel && json["module_version"] as? String == module)
    // With too few key ids the module refuses it.
    let few = Self.memory.replacing("[32, 64)", with: "[4, 8)")
    let without = try object(
      try Command("plan", "-", "--kernel", kernel, "--module", module, "--format", "json", input: few)
    )
    #expect(without["dynamic_pamt"] as? Bool == false)
  }

  /// A log that came to static PAMTs had none.
  @Test func aLogWithoutItHasNone() throws {
    let log =
      "Linux version 7.4.0 (x@y)\n" + Self.memory
      + "virt/tdx: TDX module 2.0.08.00, build number 882, build date 0134fed5\n"
    func isDynamic(_ log: String) throws -> Bool? {
      try object(try Command("plan", "-", "--format", "json", input: log))["dynamic_pamt"] as? Bool
    }
    #expect(try isDynamic(log) == true)
    #expect(try isDynamic(log + "virt/tdx: TDX-Module initialized\n") == false)
  }

  @Test func theWholeBill() throws {
    let run = try Command("advise", "-", "--td-memory", "100G", input: Self.memory)
    let text = flat(run.output)
    #expect(text.contains("for 100 GiB of TDs 400 MiB more, 8 KiB for each 2 MiB"))
    #expect(text.contains("of TDs use as much as static PAMT costs"))
    let json = try object(
      try Command("advise", "-", "--td-memory", "100G", "--format", "json", input: Self.memory)
    )
    let bill = try #require(json["dynamic_pamt_bill"] as? [String: Any])
    #expect(bill["in_use_bytes"] as? Int == 400 << 20)
    #expect(bill["refcount_bytes"] as? Int == 516 << 10)
    #expect(bill["static_is_cheaper"] as? Bool == false)
    let old = flat(try Command("advise", "-", "--kernel", "6.16", input: Self.memory).output)
    #expect(old.contains("Linux 6.16 does not use it: kernels from 7.4 on do"))
    let oldModule = flat(try Command("advise", "-", "--module", "1.5.06", input: Self.memory).output)
    #expect(oldModule.contains("the module 1.5.06 does not offer it"))
  }

  /// Expect the PAMT line to tell what the machine has, and as many bytes as the bill beside it.
  @Test func thePAMTThatIsOnIsTold() throws {
    let on = flat(try Command("advise", "-", "--dynamic-pamt", input: Self.memory).output)
    let own = try #require(
      on.firstMatch(of: /PAMT \d+ KB \(([^)]+)\) with linux and Dynamic PAMT Dynamic is on/)
    ).1
    #expect(on.contains(", \(own) of PAMT (its bitmap"), "\(on)")
    let off = flat(try Command("advise", "-", input: Self.memory).output)
    let fixed = try #require(off.firstMatch(of: /PAMT \d+ KB \(([^)]+)\) with linux Dynamic Dynamic PAMT:/)).1
    #expect(fixed != own && off.contains("; static \(fixed) ") && on.contains("; static \(fixed) "), "\(off)")
  }

  /// 256 GB near the top of the address space.
  @Test func sparseMemoryIsTold() throws {
    let log =
      "Early memory node ranges\n  node   0: [mem 0x000fffc000000000-0x000fffffffffffff]\n"
    let text = flat(try Command("advise", "-", input: log).output)
    #expect(text.contains("8 GiB at boot") && text.contains("8 GiB of reference counts"))
    #expect(text.contains("static is cheaper"))
  }

  // MARK: - Hotplug

  @Test func theWindowBeforeTDXIsShutFrom71() throws {
    for (kernel, words) in [
      ("7.1", "Linux 7.1 initialises TDX while it boots: no memory can be added before"),
      ("6.16", "TDX is initialised when kvm_intel is loaded with tdx=1, so memory can be added before"),
    ] {
      let run = try Command("hotplug", "-", "--kernel", kernel, input: Self.memory)
      #expect(flat(run.output).contains(words), "\(run.output)")
      let json = try object(
        try Command("hotplug", "-", "--kernel", kernel, "--format", "json", input: Self.memory)
      )
      #expect(json["kernel"] as? String == kernel)
    }
    #expect(!(try Command("hotplug", "-", input: Self.memory).output.contains("while it boots")))
  }

  /// Expect the first line of TDX to agree with what is said of the window.
  @Test(arguments: [
    ("6.8", "when KVM with Intel's patches is loaded"), ("6.16", "when kvm_intel is loaded"),
    ("7.0", "when kvm_intel is loaded"), ("7.1", "at boot"), ("7.4", "at boot"),
  ])
  func hotplugKnowsWhenTDXInitialises(kernel: String, moment: String) throws {
    let fits = flat(try Command("hotplug", "-", "--kernel", kernel, input: Self.memory).output)
    #expect(fits.contains("TDX initialises \(moment) (linux, "), "\(fits)")
    let fails = flat(
      try Command("hotplug", "-", "--kernel", kernel, "--max-tdmrs", "1", input: Self.memory).output
    )
    #expect(fails.contains("TDX does not initialise \(moment) (linux, "), "\(fails)")
  }

  // MARK: - Kexec

  @Test func whatIsHandedOverSplitsRegions() throws {
    let run = try Command(
      "plan",
      "-",
      "--after-kexec",
      "--kho-scratch",
      "0x2040000000-0x2060000000",
      "--kho-scratch",
      "8G+512M",
      "--kernel",
      "7.2",
      input: Self.memory
    )
    #expect(run.status == 0, "\(run.errors)")
    let text = flat(run.output)
    #expect(
      text.contains("6 regions") && text.contains("2 areas of memory (1 GiB) that a kernel before kexec")
    )
    #expect(text.contains("4 more TDMRs than without: 6, not 2"), "\(text)")
    #expect(text.contains("only where it has TDH.SYS.DISABLE"))
  }

  @Test func aMapOfTheSecondKernelTellsItself() throws {
    for map in [
      """
         0: 0x0000000000100000..0x000000007fffffff    0 NONE
         1: 0x0000000100000000..0x00000002ffffffff    0 NONE
         2: 0x0000000300000000..0x000000033fffffff    0 KHO_SCRATCH
         3: 0x0000000340000000..0x00000007ffffffff    0 NONE

      """,
      """
       memory.cnt  = 0x4
       memory[0x0]\t[0x0000000000100000-0x000000007fffffff], 0x000000007ff00000 bytes on node 0 flags: 0x0
       memory[0x1]\t[0x0000000100000000-0x00000002ffffffff], 0x0000000200000000 bytes on node 0 flags: 0x0
       memory[0x2]\t[0x0000000300000000-0x000000033fffffff], 0x0000000040000000 bytes on node 0 flags: 0x40
       memory[0x3]\t[0x0000000340000000-0x00000007ffffffff], 0x00000004c0000000 bytes on node 0 flags: 0x0

      """,
    ] {
      let text = flat(try Command("plan", "-", input: map).output)
      #expect(text.contains("1 area of memory (1 GiB) that a kernel before kexec handed over"), "\(text)")
      #expect(text.contains("2 more TDMRs than without: 4, not 2"), "\(text)")
      #expect(!text.contains("flags that are not known"))
    }
  }

  /// No kernel calls itself so.
  @Test(arguments: ["07.1", "7.01", "007.1"]) func numbersHaveNoZerosInFront(release: String) throws {
    let run = try Command("plan", "-", "--kernel", release, input: Self.memory)
    #expect(run.status == 64 && run.errors.contains(release))
  }

  /// A log of an old module, and another one named. Expect to be told that the log's words are the old one's.
  @Test func aNamedModuleIsNotTheLogs() throws {
    let log =
      Self.memory
      + "virt/tdx: TDX module: attributes 0x0, vendor_id 0x8086, major_version 1, minor_version 0\n"
    for verb in ["plan", "advise"] {
      let other = try Command(verb, "-", "--module", "2.0.08", input: log)
      #expect(flat(other.output).contains("The log is of the module 1.0, not of 2.0.08"), "\(other.output)")
      let same = try Command(verb, "-", "--module", "1.0", input: log)
      #expect(!same.output.contains("The log is of the module"))
    }
  }

  /// More TDs than fit. Expect a bill for what fits, and to be told so.
  @Test func theBillIsForNoMoreThanTheMachineHas() throws {
    let run = try Command("advise", "-", "--td-memory", "64T", input: Self.memory)
    #expect(
      flat(run.output).contains("TDs can have no more memory than the machine: the bill is for all of its")
    )
    #expect(flat(run.output).contains("not for 64 TiB"))
    let fits = try Command("advise", "-", "--td-memory", "1G", input: Self.memory)
    #expect(!fits.output.contains("TDs can have no more"))
  }

  @Test func theModuleIsNotInitialisedTwice() throws {
    let old = try Command("plan", "-", "--after-kexec", "--kernel", "7.1", input: Self.memory)
    #expect(old.status == 1)
    #expect(flat(old.output).contains("Host Linux 7.1 does not switch the module off before kexec"))
    #expect(flat(old.output).contains("TDX does not come up after kexec"))
    // Programs are told the same as the exit status tells; the plan itself fits.
    for (kernel, comesUp) in [("7.0", false), ("7.1", false), ("7.2", true)] {
      let options = ["plan", "-", "--after-kexec", "--kernel", kernel, "--format", "json"]
      let json = try Command(options, input: Self.memory)
      #expect(json.status == (comesUp ? 0 : 1))
      #expect(json.output.contains(#""outcome":"ok""#))
      #expect(json.output.contains(#""initializes_after_kexec":\#(comesUp)"#), "\(json.output)")
    }
    #expect(try !Command("plan", "-", "--format", "json", input: Self.memory).output.contains("after_kexec"))
    let new = try Command("plan", "-", "--after-kexec", input: Self.memory)
    #expect(new.status == 0)
    #expect(flat(new.output).contains("Nothing is known of memory that is handed over (KHO)"))
  }

  /// 18 holes in a GiB that a border cuts off: expect that the handover is told to save the plan.
  @Test func whatIsHandedOverMaySaveThePlan() throws {
    let log = Log.path("tdx-emr-2024-issue135")
    #expect(try Command("plan", log).status == 1)
    let run = try Command("plan", log, "--after-kexec", "--kho-scratch", "0x40000000-0x48000000")
    #expect(run.status == 0)
    #expect(
      flat(run.output).contains(
        "That costs nothing, it saves the initialisation: without them there is no plan."
      )
    )
    #expect(!run.output.contains("either"))
  }

  /// A wrong address: expect it to be named.
  @Test(arguments: [["0xf0000000000-0xf0000001000"], ["1G+1M", "0x80000000-0x100000000"]])
  func scratchIsMemory(areas: [String]) throws {
    let options = areas.flatMap { ["--kho-scratch", $0] }
    let run = try Command(["plan", "-", "--after-kexec"] + options, input: Self.memory)
    #expect(run.status == 64 && run.output.isEmpty)
    let last = areas.last!.replacing("-", with: ", ")
    #expect(
      flat(run.errors).contains("--kho-scratch: the machine has no memory in [\(last))"),
      "\(run.errors)"
    )
  }

  @Test(arguments: [
    ["--kho-scratch", "1G+1M"], ["--after-kexec", "--kho-scratch", "x"],
    ["--after-kexec", "--kho-scratch", "1G+1"],
    ["--after-kexec", "--kho-scratch", "2G-1G"], ["--after-kexec", "--kho-scratch", "0xffffffffffffffff+1G"],
    ["--after-kexec", "--kho-scratch", "1G+1G", "--kho-scratch", "1G+4K"],
  ])
  func whatIsNoScratch(arguments: [String]) throws {
    #expect(try Command(["plan", "-"] + arguments, input: Self.memory).status == 64)
  }

  // MARK: - The module's rules

  private static let configuration =
    #"{"id":"b","keyid_bits":6,"cmrs":[[0,1073741824],[1073741824,1073741824]],"#
    + #""tdmrs":[{"base":0,"size":1073741824,"pamt":{"1g":[1073741824,4096],"2m":[1073745920,8192],"4k":[1073754112,4194304]},"#
    + #""reserved":[]}]}"#

  @Test(arguments: [
    ([], "TDX_SUCCESS"), (["--config-version", "1"], "TDX_SUCCESS"),
    (["--config-version", "2"], "0xc000010000000000"),
    (["--config-version", "1", "--module", "1.5.06"], "0xc000010000000000"),
    (["--config-version", "1", "--r9", "0x1000000000", "--tdx-features0", "0x40000"], "0xc000010000000009"),
    (["--config-version", "1", "--r9", "0x40000", "--tdx-features0", "0x40000"], "TDX_SUCCESS"),
    (["--config-version", "1", "--r10", "1"], "0xc00001000000000a"),
    // Before the check of Dynamic PAMT, which would refuse R8.
    (["--config-version", "1", "--r10", "1", "--dynamic-pamt", "--phys-bits", "52"], "0xc00001000000000a"),
  ])
  func versionOneOfTheConfiguration(arguments: [String], answer: String) throws {
    let run = try Command(["validate", "-", "--format", "json"] + arguments, input: Self.configuration)
    #expect(run.output.contains(answer), "\(arguments): \(run.output)\(run.errors)")
    #expect(run.status == (answer == "TDX_SUCCESS" ? 0 : 1))
  }

  @Test func operandsOfVersionOneNeedIt() throws {
    for arguments in [["--r9", "1"], ["--r10", "1"], ["--config-version", "256"]] {
      #expect(try Command(["validate", "-"] + arguments, input: Self.configuration).status == 64)
    }
  }

  /// 46 bits of address with 6 of key ids leave 40: memory above 1 TiB is out of reach.
  @Test func theWidthOfAddresses() throws {
    let log =
      "Early memory node ranges\n  node   0: [mem 0x0000010000000000-0x000001007fffffff]\n"
      + "virt/tdx: CMR: [0x10000000000, 0x10080000000)\n"
    #expect(try Command("plan", "-", input: log).status == 0)
    let narrow = try Command("plan", "-", "--phys-bits", "46", input: log)
    #expect(narrow.status == 1)
    let old = flat(try Command("plan", "-", "--phys-bits", "46", "--module", "1.5.06", input: log).output)
    #expect(old.contains("The module 1.5.06 takes addresses to have 52 bits"))
    #expect(
      try Command("plan", "-", "--phys-bits", "46", "--module", "1.5.06", input: log).status == 0
    )
    // Fewer bits of address leave fewer to Dynamic PAMT's tree: 3 bits of key ids are enough then.
    #expect(
      try Command("plan", "-", "--dynamic-pamt", "--keyid-bits", "3", "--phys-bits", "51", input: Self.memory)
        .status == 0
    )
  }
}
