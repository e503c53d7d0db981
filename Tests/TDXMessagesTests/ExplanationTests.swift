import Testing

@testable import TDXMessages

/// Lines in words: what they are, what they mean here, and what to do.
struct ExplanationTests {
  private func explain(
    _ line: String,
    after earlier: [String] = [],
    kernel: String? = nil,
    module: String? = nil,
    convertible: [Range<UInt64>] = []
  ) throws -> Explanation {
    var history = TDXHistory()
    for (index, text) in (earlier + [line]).enumerated() { history.read(Array(text.utf8), line: index + 1) }
    let profile = KernelProfile(
      named: nil,
      logged: try kernel.map { try #require(KernelRelease($0)) },
      history: history
    )
    let context = ExplanationContext(
      kernel: profile,
      module: module.flatMap { ModuleVersion(named: $0.utf8) }.map { ModuleProfile($0, .named) },
      history: history,
      convertible: convertible
    )
    return try #require(TDXMessage(Array(line.utf8), line: 1)).explanation(in: context)
  }

  private static func text(of row: KernelMessage) -> String {
    let prefix =
      switch row.speaker {
      case .core: "virt/tdx: "
      case .kvm: "kvm_intel: "
      case .kexec: "kexec: "
      case .processor: "x86/tme: "
      }
    return prefix + row.pattern.replacing("%", with: "7")
  }

  /// The line of every row is one of the table, is explained by a row of the same words, and says who prints it.
  @Test func everyMessageOfTheTableIsExplained() throws {
    for row in KernelMessage.all {
      let explanation = try explain(Self.text(of: row))
      #expect(explanation.isKnown, "\(row.pattern)")
      #expect(!explanation.what.isEmpty && explanation.kernels != nil, "\(row.pattern)")
    }
  }

  @Test func keyIDsAreCounted() throws {
    let some = try explain("virt/tdx: BIOS enabled: private KeyID range [32, 64)")
    #expect(some.here?.contains("31 TDs can run at once; 6 bits") == true)
    let one = try explain("virt/tdx: BIOS enabled: private KeyID range [63, 64)")
    #expect(one.here?.contains("no TD can run") == true)
    let broken = try explain("virt/tdx: BIOS enabled: private KeyID range [64, 32)")
    #expect(broken.here == nil)
  }

  @Test func resultsInTheWordsOfAnotherKernel() throws {
    let new = try explain("virt/tdx: TDX-Module initialized", kernel: "6.16.1")
    #expect(
      new.here?.contains("these are the words of Linux 7.1 and newer, and the kernel is 6.16.1") == true
    )
    let old = try explain("virt/tdx: module initialized", kernel: "7.2")
    #expect(old.here?.contains("these are the words of Linux 6.8 to 7.0") == true)
    for (line, kernel) in [
      ("virt/tdx: module initialized", "6.16"), ("virt/tdx: TDX-Module initialized", "7.1"),
    ] {
      #expect(try explain(line, kernel: kernel).here?.contains("words") == false)
    }
  }

  @Test func theEndOfAnAttemptSaysWhatForAndWhatCameLater() throws {
    let end = "virt/tdx: TDX-Module initialization failed (-5)"
    let failed = try explain(end, after: ["virt/tdx: module not loaded"])
    #expect(failed.here?.contains("the BIOS loaded no TDX module") == true)
    #expect(failed.remedy == "see the reason above")
    let overcome = try explain(
      "virt/tdx: TDX-Module initialized",
      after: ["virt/tdx: module not loaded", end]
    )
    #expect(overcome.here?.contains("only memory that was there now comes online") == true)
  }

  @Test func newRefusalsAtBoot() throws {
    for (line, words) in [
      ("TDX not supported by the host platform", "left no key ids"),
      ("XSAVE is required for TDX", "XSAVE is off"),
      ("MOVDIR64B is required for TDX", "MOVDIR64B"),
      ("Self-snoop is required for TDX", "self-snoop"),
    ] {
      let explanation = try explain("virt/tdx: \(line)", kernel: "7.1")
      #expect(explanation.what.contains(words), "\(line)")
      #expect(explanation.kernels == "7.1 on" && explanation.remedy != nil, "\(line)")
    }
  }

  @Test func disableOfAnOldModule() throws {
    let explanation = try explain("virt/tdx: TDH.SYS.DISABLE failed: 0xc000010000000000", kernel: "7.2")
    #expect(explanation.what.contains("TDH.SYS.DISABLE, the call that switches the module off"))
    #expect(explanation.here?.contains("does not have this call") == true)
    #expect(explanation.here?.contains("no part of the initialisation") == true)
    #expect(explanation.remedy?.contains("update the module") == true)
  }

  @Test func extensionsAndDynamicPAMT() throws {
    let pool = try explain("virt/tdx: 51200 KB allocated for TDX module extensions")
    #expect(pool.what.contains("never comes back") && pool.kernels == "posted in 2026, not merged")
    let dynamic = try explain("virt/tdx: Enable Dynamic PAMT", module: "1.5.16")
    #expect(dynamic.here?.contains("8 KiB") == true && dynamic.here?.contains("does not offer it") == true)
    #expect(
      try explain("virt/tdx: Enable Dynamic PAMT", module: "2.0.08").here?.contains("does not offer") == false
    )
    let pamt = try explain("virt/tdx: 10092 KB allocated for PAMT", after: ["virt/tdx: Enable Dynamic PAMT"])
    #expect(pamt.here == "9.85 MiB at boot; what TDs use later comes on top")
  }

  /// Version 1 of TDH.SYS.CONFIG: which operand was refused says what for.
  @Test(arguments: [
    ("0", "does not have"), ("9", "not among those of the module"), ("a", "keeps for later"),
    ("8", "48 bits"),
  ])
  func operandsOfTheConfiguration(operand: String, words: String) throws {
    let explanation = try explain(
      "virt/tdx: SEAMCALL (0x000000000001002d) failed: 0xc00001000000000\(operand)"
    )
    #expect(explanation.what.hasPrefix("TDH.SYS.CONFIG (version 1)"))
    #expect(explanation.here?.contains(words) == true, "\(explanation.here ?? "")")
  }

  @Test func memoryOfSystemManagementModeThatIsConvertible() throws {
    let line = "virt/tdx: SEAMCALL (0x0000000000000021) failed: 0xc000091200000100"
    let explanation = try explain(
      line,
      convertible: [0x10_0000..<0x7000_0000, 0x1_0000_0000..<0x2_0000_0000]
    )
    #expect(explanation.what.contains("TDX_SMRR_OVERLAPS_CMR, SMRR 1, CMR 1"))
    #expect(explanation.here?.contains("CMR 1 is [0x100000000, 0x200000000)") == true)
    #expect(explanation.remedy?.contains("BIOS") == true)
    // A number that is none of theirs is not looked up.
    #expect(try explain(line).here?.contains("CMR 1 is") == false)
  }

  @Test func linesOfOthers() throws {
    let options = try #require(
      OtherLine(Array("[0.0] Command line: root=/dev/sda kvm_intel.tdx=1 nohibernate".utf8))
    )
    #expect(options.explanation.here?.contains("kvm_intel.tdx=1 asks KVM for TDs; nohibernate") == true)
    #expect(OtherLine(Array("Command line: root=/dev/sda quiet".utf8)) == nil)
    let check = "mce: [Hardware Error]: TDX private memory error. Possible kernel bug."
    #expect(try #require(OtherLine(Array(check.utf8))).explanation.here?.contains("no broken DIMM") == true)
    let kexec = try #require(OtherLine(Array("KHO: exec from: 7.1.0 (count 1)".utf8)))
    #expect(kexec.explanation.here?.contains("TDMRs") == true)
    for (line, mentions) in [
      ("systemd[1]: Started tdx-attest.service", true), ("# not a TDX host", false), ("stdx: foo", false),
      ("a TDX b", true), ("td", false), ("", false),
    ] {
      #expect(OtherLine.mentionsTDX(Array(line.utf8)) == mentions, "\(line)")
    }
  }
}
