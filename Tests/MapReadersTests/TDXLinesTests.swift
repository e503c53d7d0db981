import TDXMemory
import TDXMessages
import Testing

@testable import MapReaders

/// Logs with lines about TDX, read the whole way.
struct TDXLinesTests {
  /// What the BIOS and KVM say has a keyword each, with whatever stands before it.
  @Test(arguments: [
    "x86/tme: not enabled by BIOS", "x86/tme: enabled by BIOS", "x86/mktme: disabled by BIOS",
    "x86/mktme: 63 KeyIDs available", "x86/cpu: SGX disabled by BIOS.",
    "x86/cpu: SGX disabled or unsupported by BIOS.", "x86/tme: configuration is inconsistent between CPUs",
    "kvm_intel: TDX is supported", "kvm_intel: TDH_VP_RD[VMCS.0x4002] failed 0xc000070000000000",
    "kvm_intel: TDH_MNG_CREATE failed: 0x8000020000000080", "kvm-intel: Failed to initialize TDX module",
    "kvm_intel: tdx: no TDX private KeyIDs available", "kvm_intel: TDX not supported by the host platform",
  ])
  func linesOfOtherSpeakers(line: String) throws {
    for prefix in ["", "[    0.123456] ", "Nov 29 10:00:00 host kernel: "] {
      let machine = try read("virt/tdx: CMR: [0x100000, 0x77800000)\n\(prefix)\(line)\n")
      #expect(machine.observed.tdx.messages.count == 1, "\(prefix)\(line)")
      #expect(machine.observed.tdx.messages.first?.meaning != nil, "\(prefix)\(line)")
    }
  }

  private let map = """
    [    0.000000] Early memory node ranges
    [    0.000000]   node   0: [mem 0x0000000000100000-0x000000007fffffff]

    """

  private func read(_ lines: String...) throws -> Machine {
    try readMachine(texts: [("log", Array((map + lines.joined(separator: "\n") + "\n").utf8))])
  }

  @Test func theModuleOf10() throws {
    let machine = try readMachine(texts: [
      (
        "log",
        Array(
          """
          [   10.798766] virt/tdx: TDX module: attributes 0x0, vendor_id 0x8086, major_version 1, minor_version 0, \
          build_date 20230206, build_num 457
          [   10.798771] virt/tdx: CMR: [0x100000, 0x77800000)
          [   10.798780] virt/tdx: SEAMCALL (0x0000000000000022) failed: 0xc000050500000000
          [   10.798786] virt/tdx: RCX 0x0000000000000000 RDX 0x9100000100000008 R08 0x0000000000000000
          [   10.798793] virt/tdx: module initialization failed (-5)

          """.utf8
        )
      )
    ])
    #expect(machine.source == .convertible)
    #expect(machine.observed.failsWhateverTheMemory)
    #expect(machine.observed.tdx.messages.map(\.line) == [1, 3, 5])
    #expect(machine.tdxNotes.first?.contains("TDH.SYS.RD failed with TDX_SYS_NOT_READY") == true)
  }

  /// Expect every way into the tables to be found by the scanner, whatever stands before it.
  @Test(arguments: [
    "virt/tdx: module not loaded", "tdx: not enabled by BIOS.",
    "virt/tdx: TDX not supported by the host platform", "kvm_intel: EPT is required for TDX",
    "kvm_intel: tdx: no TDX private KeyIDs available", "kvm_intel: TDX not supported by the host platform",
    "kvm_intel: APICv is required for TDX",
    "kvm_intel: Self-snoop is required for TDX", "virt/tdx: XSAVE is required for TDX",
    "kvm_intel: Disable TDX: MAX_VCPU_PER_TD (64) smaller than number of logical CPUs (128).",
    "virt/tdx: TDX-Module initialization failed (-5)",
    "virt/tdx: initialization failed: Hibernation support is enabled",
    "virt/tdx: frame pointer (RBP) clobber bug present, upgrade TDX module",
    "virt/tdx: SEAMCALL (0x21) failed: 0xc000090000000000", "SEAMCALL (0x21) failed: 0xc000090000000000",
  ])
  func whatRefusesTDXIsRead(line: String) throws {
    for prefix in [
      "", "[    2.000000] ", "<3>[    2.000000][    T1] ", "Nov 29 08:00:00 host kernel: ", "> ",
    ] {
      let machine = try read(prefix + line)
      #expect(machine.observed.failsWhateverTheMemory, "\(prefix)\(line)")
      #expect(machine.regions == [region(0x10_0000, 0x8000_0000)])
    }
  }

  @Test(arguments: [
    "kvm_intel: SEAMCALL TDH_MEM_PAGE_AUG failed: 0xc000030000000001, rcx 0x0, rdx 0x0",
    "kexec: Not allowed on platform with tdx_pw_mce bug",
    "virt/tdx: TDX-Module initialized",
  ])
  func whatDecidesNothingIsKept(line: String) throws {
    let machine = try read("[    2.000000] \(line)")
    #expect(machine.observed.tdx.messages.count == 1, "\(line)")
    #expect(machine.observed.failure == nil)
  }

  @Test func newAndOldWordsInOneJournal() throws {
    let machine = try read(
      "virt/tdx: module initialization failed (-28)",
      "virt/tdx: TDX-Module initialized",
      "virt/tdx: TDX-Module initialization failed (-5)"
    )
    #expect(machine.observed.failure?.errno == 5)
    #expect(!machine.observed.initialized)
  }

  @Test func pagesOfPAMTAreKilobytes() throws {
    #expect(try read("tdx: 262659 pages allocated for PAMT.").observed.pamtKiB == 1_050_636)
    #expect(try read("tdx: 18446744073709551615 pages allocated for PAMT.").observed.pamtKiB == nil)
    #expect(try read("tdx: 99999999999999999999 KB allocated for PAMT").observed.pamtKiB == nil)
  }

  @Test func linesAboutTDXAloneAreToldWhatTheySay() {
    let log = """
      [   10.620111] virt/tdx: BIOS enabled: private KeyID range [32, 64)
      [   31.518687] virt/tdx: TDX module 2.0.08.00, build number 882, build date 0134fed5
      [   33.250619] virt/tdx: initialization failed: TDMR [0x40000000, 0x80000000): reserved areas exhausted.
      [   33.341756] virt/tdx: module initialization failed (-28)

      """
    let error = #expect(throws: InputError.self) { try readMachine(texts: [("log", Array(log.utf8))]) }
    #expect(error?.exitCode == 65)
    for part in [
      "only lines about TDX", "6 key-id bits", "the module is 2.0.08, build 882 of 20250325",
      "TDMR [0x40000000, 0x80000000): reserved areas exhausted", "journalctl -k -b", "memblock/memory",
    ] {
      #expect(error?.message.contains(part) == true, "\(part)")
    }
  }

  @Test func whatALogSaysNeverReachesATerminalRaw() throws {
    let machine = try read("virt/tdx: initialization failed: \u{1b}]0;owned\u{7}\u{202e}")
    // Expect the title for the terminal to be taken off with all that lies around lines, and the mark to be shown.
    #expect(machine.observed.failures == [#"initialization failed: \u{202E}"#])
    #expect(
      machine.tdxNotes.allSatisfy { !$0.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202e } }
    )
  }
}
