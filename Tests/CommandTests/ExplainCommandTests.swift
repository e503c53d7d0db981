import Foundation
import TestSupport
import Testing

/// `explain`: each line about TDX in words, with or without a map.
@Suite struct ExplainCommandTests {
  private static let logs = (try? Log.all()) ?? []

  private func boots(_ arguments: String..., input: String = "", status: Int32 = 0) throws -> [[String: Any]]
  {
    let run = try Command(["explain", "--format", "json"] + arguments, input: input)
    #expect(run.status == status, "\(run.errors)")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
    )
    return try #require(object["boots"] as? [[String: Any]])
  }

  private func lines(_ boot: [String: Any]) -> [[String: Any]] { boot["lines"] as? [[String: Any]] ?? [] }

  private func flat(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// Expect each log of a real machine to be explained, with no line about TDX that the tables do not know.
  @Test(arguments: logs) func everyLogIsExplained(log: Log) throws {
    let hasFailed = log.name.contains("issue135")
    for boot in try boots(Log.path(log.name.replacing(".log", with: "")), status: hasFailed ? 1 : 0) {
      for line in lines(boot) {
        #expect(line["known"] as? Bool == true, "\(log.name): \(line["text"] ?? "")")
        #expect((line["what"] as? String)?.isEmpty == false)
      }
      // In order.
      let numbers = lines(boot).compactMap { $0["line"] as? Int }
      #expect(numbers == numbers.sorted())
    }
  }

  /// What a journal may hold: an old kernel's boot, then a new one's, with lines of KVM and of no one.
  private static let journal = """
    host kernel: Linux version 6.16.3 (x@y) (gcc) #1 SMP
    host kernel: Command line: root=/dev/sda kvm_intel.tdx=1 nohibernate
    host kernel: virt/tdx: BIOS enabled: private KeyID range [32, 64)
    host kernel: virt/tdx: initialization failed: TDMRs exhausted.
    host kernel: virt/tdx: module initialization failed (-28)
    host kernel: Linux version 7.2.0 (x@y) (gcc) #1 SMP
    host kernel: virt/tdx: BIOS enabled: private KeyID range [32, 64)
    host kernel: virt/tdx: SEAMCALL (0x0000000000000022) failed: 0xc0000c0000000000
    host kernel: virt/tdx: RCX 0x0000000000000000 RDX 0x9100000100000013 R08 0x0000000000000000
    host kernel: virt/tdx: Enable Dynamic PAMT
    host kernel: virt/tdx: 10092 KB allocated for PAMT
    host kernel: virt/tdx: TDX-Module initialized
    host kernel: virt/tdx: a line that is new
    host systemd[1]: Started tdx-attest.service.
    host kernel: virt/tdx: TDH.SYS.DISABLE failed: 0xc000010000000000

    """

  @Test func oldAndNewLinesInOneJournal() throws {
    let boots = try boots("-", input: Self.journal)
    #expect(boots.count == 2)
    #expect(boots[0]["kernel"] as? String == "6.16.3" && boots[1]["kernel"] as? String == "7.2.0")
    #expect(boots[0]["outcome"] as? String == "failed" && boots[1]["outcome"] as? String == "initialized")
    let old = lines(boots[0])
    #expect(old.count == 4)
    #expect((old[0]["here"] as? String)?.hasPrefix("kvm_intel.tdx=1 asks KVM for TDs") == true)
    #expect(old[3]["kernels"] as? String == "6.8 to 7.0")
    let new = lines(boots[1])
    #expect(new.map { $0["line"] as? Int } == [7, 8, 10, 11, 12, 13, 14, 15])
    // The registers belong to the call.
    #expect(new[1]["last_line"] as? Int == 9)
    #expect((new[1]["what"] as? String)?.contains("for PAMT_PAGE_BITMAP_ENTRY_BITS") == true)
    #expect((new[1]["here"] as? String)?.contains("a later attempt succeeded") == true)
    #expect(new.map { $0["known"] as? Bool } == [true, true, true, true, true, false, false, true])
    #expect(new[5]["text"] as? String == "virt/tdx: a line that is new")
  }

  @Test func forPeople() throws {
    let run = try Command("explain", "-", input: Self.journal)
    #expect(run.status == 0)
    let text = flat(run.output)
    #expect(text.contains("12 lines about TDX in 2 boots"))
    #expect(text.contains("Kernel 7.2.0: the kernel initialises TDX while it boots"))
    #expect(text.contains("is a line about TDX that the tables do not have"))
    #expect(text.contains("do `tdxbench advise` on the whole log says which memory to withhold"))
    #expect(run.output.contains("4         virt/tdx: initialization failed: TDMRs exhausted.\n"))
  }

  @Test(arguments: [
    "virt/tdx: TDX-Module initialization failed (-5)", "virt/tdx: TDX not supported by the host platform",
    "virt/tdx: module initialization failed (-28)", "kvm_intel: APICv is required for TDX",
  ])
  func aFailureEndsWithOne(line: String) throws {
    #expect(try Command("explain", "-", input: line + "\n").status == 1)
    #expect(try Command("explain", "-", input: line + "\nvirt/tdx: TDX-Module initialized\n").status == 0)
  }

  @Test func whatIsNoLog() throws {
    let nothing = try Command("explain", "-", input: "hello\n")
    #expect(nothing.status == 65)
    #expect(nothing.errors.contains("standard input: no line about TDX"))
    #expect(try Command("explain", "-", input: "").status == 65)
    #expect(try Command("explain", "/nowhere/boot.log").status == 66)
    #expect(try Command("explain").status == 64)
    let quiet = try Command("explain", "-", input: "Linux version 7.2.0 (x@y)\n")
    #expect(quiet.status == 0)
    #expect(flat(quiet.output).contains("no line says anything of TDX"))
  }

  @Test func wrappedLogsToo() throws {
    let journal = """
      {"MESSAGE":"Linux version 7.1.0 (x@y)","_TRANSPORT":"kernel"}
      {"MESSAGE":"virt/tdx: TDX-Module initialized","_TRANSPORT":"kernel"}

      """
    #expect(try boots("-", input: journal).first?["outcome"] as? String == "initialized")
    let coloured = "\u{1b}[32m[    0.1] \u{1b}[0m\u{1b}[33mvirt/tdx: \u{1b}[0mmodule initialized\n"
    let lines = lines(try #require(try boots("-", input: coloured).first))
    #expect(lines.first?["text"] as? String == "virt/tdx: module initialized")
  }

  @Test func linesBeyondThoseThatAreKept() throws {
    let flood = (0..<3000).map { "virt/tdx: TDX module nonsense \($0)\n" }.joined()
    let boot = try #require(try boots("-", input: flood).first)
    #expect(lines(boot).count == 1024 && boot["hidden"] as? Int == 3000 - 1024)
    let same = String(repeating: "virt/tdx: SEAMCALL (0x1c) failed: 0xc000030000000001\n", count: 3000)
    let one = lines(try #require(try boots("-", input: same).first))
    #expect(one.count == 1 && one[0]["count"] as? Int == 3000 && one[0]["last_line"] as? Int == 3000)
  }

  @Test func hostileLinesReachNoTerminal() throws {
    let log =
      "virt/tdx: \u{1b}]0;owned\u{7}x\nvirt/tdx: CMR: [0x10, 0x5)\ntdx: TDX TDMR[0]: 0x0\n"
      + "virt/tdx: CMR: [0x0, 0xffffffffffffffff)\nvirt/tdx: BIOS enabled: private KeyID range [9, 3)\n"
      + "Linux version 9999999999999999999999.1 tdx\n" + String(repeating: "tdx ", count: 5000) + "\n"
    for format in ["text", "json"] {
      let run = try Command("explain", "-", "--format", format, input: log)
      #expect(run.status == 0, "\(run.errors)")
      #expect(!run.output.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    }
  }

  @Test func theModuleOfSysfs() throws {
    try withFolder { folder in
      let log = folder.appendingPathComponent("boot.log")
      try "virt/tdx: TDX-Module initialized\n".write(to: log, atomically: true, encoding: .utf8)
      let host = folder.appendingPathComponent("tdx_host")
      try FileManager.default.createDirectory(at: host, withIntermediateDirectories: true)
      func write(_ name: String, _ text: String) throws {
        try text.write(to: host.appendingPathComponent(name), atomically: true, encoding: .utf8)
      }
      try write("version", "1.5.24\n")
      try write("seamldr_version", "1.5.00\n")
      try write("num_remaining_updates", "3\n")
      let run = try Command("explain", log.path, host.path)
      #expect(run.status == 0, "\(run.errors)")
      #expect(flat(run.output).contains("Module 1.5.24, offers Dynamic PAMT"))
      #expect(
        flat(run.output).contains("can be updated 3 times before the next boot, by the P-SEAMLDR 1.5.00")
      )
      for (name, text) in [("version", "one"), ("num_remaining_updates", "-1"), ("seamldr_version", "1.5.x")]
      {
        try write(name, text + "\n")
        let broken = try Command("explain", log.path, host.path)
        #expect(broken.status == 65)
        #expect(
          broken.errors.contains("\(name):1:") && broken.errors.contains("`\(text)`"),
          "\(broken.errors)"
        )
        try write(name, name == "num_remaining_updates" ? "3" : "1.5.00")
      }
    }
  }
}
