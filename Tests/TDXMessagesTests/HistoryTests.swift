import Testing

@testable import TDXMessages

/// What a boot said, line by line, and what is made of it.
struct HistoryTests {
  private func history(_ lines: String...) -> TDXHistory {
    var history = TDXHistory()
    for (index, line) in lines.enumerated() { history.read(Array(line.utf8), line: index + 1) }
    return history
  }

  private func failure(_ lines: String...) -> TDXFailure? {
    var history = TDXHistory()
    for (index, line) in lines.enumerated() { history.read(Array(line.utf8), line: index + 1) }
    guard case .failed(let failure) = history.verdict else { return nil }
    return failure
  }

  /// A message of a row, with something in each gap.
  private func sample(_ row: KernelMessage) -> String {
    let prefix =
      switch row.speaker {
      case .core: "virt/tdx: "
      case .kvm: "kvm_intel: "
      case .kexec: "kexec: "
      case .processor: "x86/tme: "
      }
    return "[   10.798793] " + prefix
      + row.pattern.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "7")
  }

  @Test func everyRowIsRecognisedAndDecidesWhatItSays() {
    for row in KernelMessage.all {
      let line = sample(row)
      for ending in ["", ".", "\r", "  "] {
        let message = TDXMessage(Array((line + ending).utf8), line: 1)
        #expect(message?.content == .known(row), "\(line)")
      }
      #expect(message(line)?.meaning == row.meaning)
      let verdict = history(line).verdict
      switch row.effect {
      case .tells, .happensLater: #expect(verdict == nil, "\(line)")
      case .succeeds: #expect(verdict == .initialized, "\(line)")
      case .causesFailure(let reason):
        #expect(failure(line)?.concernsMemory == (reason == .memory), "\(line)")
        #expect(failure(line)?.stage == .initialization)
      case .endsInFailure: #expect(failure(line)?.stage == .initialization, "\(line)")
      case .refuses: #expect(failure(line)?.stage == .platform, "\(line)")
      case .refusesGuests: #expect(failure(line)?.stage == .platform, "\(line)")
      }
      #expect(!row.kernels.isEmpty)
    }
  }

  private func message(_ line: String) -> TDXMessage? { TDXMessage(Array(line.utf8), line: 1) }

  @Test func noRowStandsInTheWayOfAnother() {
    let patterns = KernelMessage.all.map { "\($0.speaker) \($0.pattern)" }
    #expect(Set(patterns).count == patterns.count)
  }

  @Test func aModuleOf10() {
    let history = history(
      "virt/tdx: TDX module: attributes 0x0, vendor_id 0x8086, major_version 1, minor_version 0, build_date 20230206, "
        + "build_num 457",
      "virt/tdx: SEAMCALL (0x0000000000000022) failed: 0xc000050500000000",
      "virt/tdx: RCX 0x0000000000000000 RDX 0x9100000100000008 R08 0x0000000000000000",
      "virt/tdx: module initialization failed (-5)",
      "kvm_intel: Failed to initialize TDX module."
    )
    #expect(history.moduleVersion?.description == "1.0, build 457 of 20230206")
    guard case .failed(let failure) = history.verdict else {
      Issue.record("it failed")
      return
    }
    #expect(!failure.concernsMemory)
    #expect(failure.errno == 5)
    let why = failure.verdict(memoryFits: true, module: history.moduleVersion)
    #expect(
      why.hasPrefix(
        "the memory would fit, but TDX failed on this machine: TDH.SYS.RD failed with TDX_SYS_NOT_READY"
      )
    )
    #expect(why.contains("for MAX_TDMRS (class 0x11"))
    #expect(why.contains("the module is a 1.0"))
    #expect(failure.remedy(module: history.moduleVersion)?.contains("1.5") == true)
  }

  @Test func memoryThatIsToBlameIsToldApart() {
    let lines = [
      "virt/tdx: initialization failed: TDMR [0x0, 0x80000000): reserved areas exhausted.",
      "virt/tdx: module initialization failed (-28)",
    ]
    #expect(failure(lines[0], lines[1])?.concernsMemory == true)
    #expect(failure(lines[0], lines[1])?.errno == 28)
    // The end alone says which error: ENOSPC and ENOMEM are the memory's, no other is.
    #expect(failure("virt/tdx: module initialization failed (-28)")?.concernsMemory == true)
    #expect(failure("virt/tdx: TDX-Module initialization failed (-12)")?.concernsMemory == true)
    #expect(failure("virt/tdx: TDX-Module initialization failed (-5)")?.concernsMemory == false)
    #expect(failure("virt/tdx: module initialization failed (-22)")?.concernsMemory == false)
    #expect(failure("virt/tdx: SEAMCALL (0x2d) failed: 0xc0000a0200000001")?.concernsMemory == true)
  }

  @Test func theNewWordsOf71() {
    #expect(history("virt/tdx: TDX-Module initialized").verdict == .initialized)
    let failure = failure("virt/tdx: TDX-Module initialization failed (-5)")
    #expect(failure?.errno == 5)
    #expect(failure?.explanation(module: nil).contains("EIO") == true)
  }

  @Test func aLaterSuccessCounts() {
    let history = history(
      "virt/tdx: SEAMCALL (0x21) failed: 0x8000020200000000",
      "virt/tdx: module initialization failed (-5)",
      "virt/tdx: 262668 KB allocated for PAMT",
      "virt/tdx: module initialized"
    )
    #expect(history.verdict == .initialized)
    #expect(history.messages.count == 4)
  }

  @Test func aLaterFailureCounts() {
    let failure = failure(
      "virt/tdx: initialization failed: TDMRs exhausted.",
      "virt/tdx: module initialization failed (-28)",
      "virt/tdx: module not loaded"
    )
    // Expect nothing of the first attempt.
    #expect(failure?.reasons.map(\.text) == ["module not loaded"])
    #expect(failure?.concernsMemory == false)
    #expect(failure?.errno == nil)
  }

  @Test(arguments: [
    "kvm_intel: SEAMCALL TDH_MEM_PAGE_AUG failed: 0xc000030000000001, rcx 0x0, rdx 0x0",
    "SEAMCALL (0x000000000000001c) failed: 0xc000030000000001 RCX 0x0 RDX 0x0 R8 0x0 R9 0x0 R10 0x0 R11 0x0",
    "virt/tdx: SEAMCALL (0x23) failed: 0xc000050300000000",
    "virt/tdx: TDH.SYS.DISABLE failed: 0xc000010000000000",
    "virt/tdx: SEAMCALL (0x8000000000000001) failed: 0x8000000000020000", "virt/tdx: module not loaded",
    "kexec: Not allowed on platform with tdx_pw_mce bug",
  ])
  func whatFailsAfterASuccessIsNoFailureOfTheInitialisation(line: String) {
    #expect(history("virt/tdx: module initialized", line).verdict == .initialized)
  }

  @Test(arguments: [
    "SEAMCALL (0x000000000000001c) failed: 0xc000030000000001",
    "tdx: SEAMCALL failed: leaf 254, error 0xc000050500000000.",
    "kvm_intel: TDH_MNG_CREATE failed 0x8000020000000080",
  ])
  func callsOfGuestsDecideNothingByThemselves(line: String) {
    #expect(history(line).verdict == nil)
    #expect(history(line).messages.count == 1)
  }

  @Test func whatKVMRefusesWhileTheModuleIsInitialised() {
    let failure = failure("virt/tdx: TDX-Module initialized", "kvm_intel: APICv is required for TDX")
    #expect(failure?.stage == .guests)
    #expect(
      failure?.verdict(memoryFits: true, module: nil).contains("KVM offers no TDs, though TDX is initialised")
        == true
    )
    // Loaded again with another option, KVM initialises TDX.
    #expect(
      history("kvm_intel: EPT is required for TDX", "virt/tdx: module initialized").verdict == .initialized
    )
    // The module's own failure says more.
    #expect(
      self.failure("virt/tdx: module not loaded", "kvm_intel: EPT is required for TDX")?.stage
        == .initialization
    )
  }

  @Test func theSameThousandTimesIsSaidOnce() {
    var history = TDXHistory()
    for number in 1...5000 {
      let line = "SEAMCALL (0x1c) failed: 0xc000030000000001 RCX 0x\(String(number, radix: 16))"
      history.read(Array(line.utf8), line: number)
    }
    #expect(history.messages.count == 1)
    #expect(history.messages.first?.count == 5000)
    #expect(history.messages.first?.line == 1)
  }

  @Test func whatNeverEndsIsCut() {
    var history = TDXHistory()
    for number in 1...5000 { history.read(Array("virt/tdx: something new \(number)".utf8), line: number) }
    history.read(Array("virt/tdx: module initialized".utf8), line: 5001)
    #expect(history.messages.count == TDXHistory.mostMessages)
    #expect(history.isCut)
    // Expect it to be judged all the same.
    #expect(history.verdict == .initialized)
  }

  @Test func dynamicPAMTIsTakenFromTheLog() {
    #expect(history("virt/tdx: Enable Dynamic PAMT").usesDynamicPAMT)
    #expect(!history("virt/tdx: module initialized").usesDynamicPAMT)
  }

  @Test func whatIsShownIsFitForATerminal() {
    let escape = "\u{1b}[31mred\u{202e}\u{7}"
    let message = message("virt/tdx: initialization failed: \(escape)")
    #expect(message?.text == #"initialization failed: \u{1B}[31mred\u{202E}\u{07}"#)
    let unknown = self.message("virt/tdx: \(escape) and more")
    #expect(unknown?.content == .unknown)
    #expect(unknown?.text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7f } == true)
  }

  @Test func linesOfOthersSayNothing() {
    for line in [
      "", "usb 1-1: new device", "tdx", "tdx:", "virt/tdx: ", "kvm_intel: VMX not supported",
      "x86/tme: hello",
      "x86/cpu: User Mode Instruction Prevention (UMIP) activated", "SEAMCALL", "kexec: loading",
    ] {
      var history = TDXHistory()
      let isKnown = history.read(Array(line.utf8), line: 1)
      #expect(!isKnown, "\(line)")
      #expect(history.messages.allSatisfy { $0.content == .unknown })
    }
  }

  @Test func everyPrefixOfEveryLineIsRead() {
    for row in KernelMessage.all {
      let bytes = Array(sample(row).utf8)
      for end in bytes.indices {
        var history = TDXHistory()
        history.read(bytes[..<end], line: 1)
      }
    }
  }
}

struct ModuleVersionTests {
  @Test(arguments: [
    (
      "TDX module: attributes 0x0, vendor_id 0x8086, major_version 1, minor_version 5, build_date 20230323, build_num 481",
      "1.5, build 481 of 20230323"
    ),
    (
      "TDX module: atributes 0x0, vendor_id 0x8086, major_version 1, minor_version 5, build_date 20230420, build_num 507",
      "1.5, build 507 of 20230420"
    ),
    ("TDX module 2.0.08.00, build number 882, build date 0134fed5", "2.0.08, build 882 of 20250325"),
    (
      "TDX SEAM module: attributes 0x0 vendor_id 0x8086 build_date 20210804 build_num 0x64 minor_version 0x0 "
        + "major_version 0x1.", "1.0, build 100 of 20210804"
    ),
    ("module verson: 1.5.1.0", "1.5.01"), ("TDX module 1.5.16", "1.5.16"), ("TDX module version: 1.5", "1.5"),
  ])
  func everySpelling(text: String, version: String) {
    #expect(text.withMessageBytes { ModuleVersion($0) }?.description == version)
  }

  @Test(arguments: [
    "TDX module: ", "TDX module: major_version 1", "TDX module is not loaded", "TDX module ", "TDX module 1",
    "TDX module 1.", "TDX module 99999999999999999999.5", "module verson: major 1, minor 5",
  ])
  func whatIsNoVersion(text: String) {
    #expect(text.withMessageBytes { ModuleVersion($0) } == nil)
  }

  @Test func onlyReleasesBefore15AreTooOld() {
    #expect(ModuleVersion(major: 1, minor: 0).isTooOldForLinux)
    #expect(ModuleVersion(major: 1, minor: 4).isTooOldForLinux)
    #expect(!ModuleVersion(major: 1, minor: 5).isTooOldForLinux)
    #expect(!ModuleVersion(major: 2, minor: 0).isTooOldForLinux)
  }
}
