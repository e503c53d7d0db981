import Foundation
import TestSupport
import Testing

/// What lines about TDX in a log make of the answers and exit status of the commands.
@Suite struct TDXLinesCommandTests {
  private static let memory = """
    [    0.000000] Early memory node ranges
    [    0.000000]   node   0: [mem 0x0000000000100000-0x000000007fffffff]
    [    0.000000]   node   0: [mem 0x0000000100000000-0x000000107fffffff]
    [   10.798771] virt/tdx: CMR: [0x100000, 0x80000000)
    [   10.798772] virt/tdx: CMR: [0x100000000, 0x1080000000)

    """

  private static let moduleTooOld =
    memory + """
      [   10.798766] virt/tdx: TDX module: attributes 0x0, vendor_id 0x8086, major_version 1, minor_version 0, \
      build_date 20230206, build_num 457
      [   10.798780] virt/tdx: SEAMCALL (0x0000000000000022) failed: 0xc000050500000000
      [   10.798786] virt/tdx: RCX 0x0000000000000000 RDX 0x9100000100000008 R08 0x0000000000000000
      [   10.798793] virt/tdx: module initialization failed (-5)

      """

  /// A text without its line ends, for words that may be wrapped.
  private func flat(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  @Test func aModuleThatIsTooOldDoesNotReadAsSuccess() throws {
    let plan = try Command("plan", "-", input: Self.moduleTooOld)
    #expect(plan.status == 1)
    #expect(
      flat(plan.output).contains(
        "TDX fails: the memory would fit, but TDX failed on this machine: TDH.SYS.RD failed"
      )
    )
    #expect(flat(plan.output).contains("for MAX_TDMRS (class 0x11, TDMRs; field 0x8)"))
    let advice = try Command("advise", "-", input: Self.moduleTooOld)
    #expect(advice.status == 1)
    #expect(!advice.output.contains("succeeds as it is"))
    #expect(
      flat(advice.output).contains(
        "Linux fails: the memory would fit, but TDX failed on this machine: TDH.SYS.RD"
      )
    )
    #expect(flat(advice.output).contains("Do update the BIOS to one with a TDX module of 1.5 or later"))
  }

  @Test func theSameInJSON() throws {
    for verb in ["plan", "advise"] {
      let answer = try Command(verb, "-", "--format", "json", input: Self.moduleTooOld)
      #expect(answer.status == 1)
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(answer.output.utf8)) as? [String: Any]
      )
      let log = try #require(object["tdx_log"] as? [String: Any])
      #expect(log["outcome"] as? String == "failed")
      #expect(log["stage"] as? String == "initialization")
      #expect(log["errno"] as? String == "EIO")
      #expect(log["concerns_memory"] as? Bool == false)
      #expect(log["module_version"] as? String == "1.0, build 457 of 20230206")
      #expect((log["why"] as? String)?.hasPrefix("the memory would fit, but TDX failed") == true)
      let lines = try #require(log["lines"] as? [[String: Any]])
      #expect(lines.count == 3)
      #expect(lines[1]["leaf"] as? String == "TDH.SYS.RD")
      #expect(lines[1]["answer"] as? String == "TDX_SYS_NOT_READY (0xc000050500000000)")
      #expect((lines[1]["registers"] as? [String: String])?["RDX"] == "0x9100000100000008")
      if verb == "advise" { #expect(object["succeeds"] as? Bool == false) }
      if verb == "plan" { #expect(object["outcome"] as? String == "ok") }
    }
  }

  @Test(arguments: [
    ("virt/tdx: module not loaded", "the BIOS loaded no TDX module"),
    ("virt/tdx: frame pointer (RBP) clobber bug present, upgrade TDX module", "overwrites RBP"),
    ("virt/tdx: initialization failed: too few private KeyIDs available.", "there is no TDX on this machine"),
    ("virt/tdx: TDX not supported by the host platform", "left no key ids"),
    ("kvm_intel: tdx: no TDX private KeyIDs available", "left no key ids"),
    ("virt/tdx: TDX-Module initialization failed (-5)", "with EIO"),
    ("virt/tdx: TDX-Module initialized\nkvm_intel: APICv is required for TDX", "KVM offers no TDs"),
  ])
  func whatIsNotTheMemorysFault(line: String, words: String) throws {
    for verb in ["plan", "advise"] {
      let answer = try Command(verb, "-", input: Self.memory + line + "\n")
      #expect(answer.status == 1, "\(verb): \(line)")
      #expect(flat(answer.output).contains(words), "\(verb): \(answer.output)")
      #expect(!answer.output.contains("succeeds as it is"))
    }
    for verb in ["hotplug", "policy"] {
      #expect(
        flat(try Command(verb, "-", input: Self.memory + line + "\n").output).contains(words),
        "\(verb): \(line)"
      )
    }
  }

  @Test func aSuccessStaysOne() throws {
    let log =
      Self.memory + "virt/tdx: module not loaded\nvirt/tdx: TDX-Module initialized\n"
      + "SEAMCALL (0x000000000000001c) failed: 0xc000030000000001 RCX 0x0\n"
    for verb in ["plan", "advise"] { #expect(try Command(verb, "-", input: log).status == 0) }
    #expect(try Command("advise", "-", input: log).output.contains("succeeds as it is"))
  }

  @Test func memoryThatFailedThoughWhatIsKnownFits() throws {
    let log =
      Self.memory + "virt/tdx: initialization failed: TDMR [0x0, 0x80000000): reserved areas exhausted.\n"
      + "virt/tdx: module initialization failed (-28)\n"
    let advice = try Command("advise", "-", input: log)
    #expect(advice.status == 1)
    #expect(
      flat(advice.output).contains(
        "failed on this machine for its memory, though what is known of it here would fit"
      )
    )
    // A plan is a what-if of the memory, and says that the machine differed.
    let plan = try Command("plan", "-", input: log)
    #expect(plan.status == 0)
    #expect(flat(plan.output).contains("unlike the plan: initialization failed"))
  }

  @Test func linesAboutTDXAlone() throws {
    let log =
      "virt/tdx: BIOS enabled: private KeyID range [32, 64)\nvirt/tdx: TDX-Module initialization failed (-28)\n"
    for verb in ["plan", "advise", "hotplug"] {
      let answer = try Command(verb, "-", input: log)
      #expect(answer.status == 65)
      #expect(answer.errors.contains("only lines about TDX"))
      #expect(answer.errors.contains("journalctl -k -b"))
    }
  }

  @Test func dynamicPAMTNeedsFourKeyIDBits() throws {
    let withoutCMRs = "Early memory node ranges\n  node   0: [mem 0x0000000000100000-0x000000007fffffff]\n"
    for log in [Self.memory, withoutCMRs] {
      for (bits, status) in [(3, Int32(1)), (4, 0)] {
        let plan = try Command("plan", "-", "--dynamic-pamt", "--keyid-bits", "\(bits)", input: log)
        #expect(plan.status == status)
        #expect(
          flat(plan.output).contains("Linux would not use Dynamic PAMT here: with 3 key-id bits")
            == (bits == 3)
        )
        let advice = try Command("advise", "-", "--dynamic-pamt", "--keyid-bits", "\(bits)", input: log)
        #expect(advice.status == status)
        #expect(advice.output.contains("refused") == (bits == 3))
      }
    }
  }

  @Test func nothingThatALogSaysReachesTheTerminalRaw() throws {
    let log = Self.memory + "virt/tdx: initialization failed: \u{1b}]0;owned\u{7}\u{1b}[31m\u{202e}evil\n"
    for verb in ["plan", "advise", "hotplug", "policy"] {
      for format in ["text", "json"] {
        let answer = try Command(verb, "-", "--format", format, input: log)
        let raw = (answer.output + answer.errors).unicodeScalars
        #expect(!raw.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0x202e }, "\(verb) \(format)")
        #expect(flat(answer.output).contains("owned"), "\(verb) \(format)")
      }
    }
  }
}
