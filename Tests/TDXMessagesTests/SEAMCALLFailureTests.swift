import Testing

@testable import TDXMessages

struct SEAMCALLFailureTests {
  private func read(_ text: String) -> SEAMCALLFailure? { text.withMessageBytes { SEAMCALLFailure($0) } }

  @Test(arguments: [
    "SEAMCALL (0x0000000000000022) failed: 0xc000050500000000",
    "SEAMCALL (0x22) failed: 0xc000050500000000",
    "SEAMCALL (34) failed: 0xc000050500000000",
    "SEAMCALL failed: leaf 34, error 0xc000050500000000.",
    "SEAMCALL failed: leaf: 0x22, error: 0xc000050500000000, additional output: rcx 0x0, rdx 0x0.",
    "SEAMCALL failed: CPU 94: leaf 34, error 0xc000050500000000.",
    "SEAMCALL failed: leaf 0x22, rcx 0x0, error 0xc000050500000000.",
    "SEAMCALL TDH_SYS_RD failed: 0xc000050500000000",
    "SEAMCALL[TDH_SYS_RD] failed: 0xc000050500000000",
    "TDH.SYS.RD failed: 0xc000050500000000",
    "TDH_SYS_RD failed 0xc000050500000000",
    "tdh_sys_rd() failed: 0xC000050500000000",
  ])
  func everySpelling(text: String) {
    let failure = read(text)
    #expect(failure?.call == "TDH.SYS.RD")
    #expect(failure?.status.value == 0xc000_0505_0000_0000)
    #expect(failure?.answer == "TDX_SYS_NOT_READY (0xc000050500000000)")
    #expect(failure?.initializesModule == true)
  }

  @Test func fieldsInBracketsAreNoPartOfTheName() {
    #expect(read("TDH_VP_RD[VMCS.0x4002] failed 0xc000070000000000")?.call == "TDH.VP.RD")
    #expect(read("TDH_VP_WR[MGMT.0x1] = 0x5 failed: 0xc000070000000000")?.call == "TDH.VP.WR")
  }

  @Test func versionsOfALeafAreShown() {
    let failure = read("SEAMCALL (0x0000000000010016) failed: 0xc000010000000002")
    #expect(failure?.call == "TDH.VP.INIT (version 1)")
    #expect(failure?.answer == "TDX_OPERAND_INVALID, operand RDX (0xc000010000000002)")
  }

  @Test func registersFollowOnTheSameLine() {
    let failure = read(
      "SEAMCALL (0x000000000000001c) failed: 0xc000030000000001 RCX 0x1 RDX 0x2 R8 0x3 R9 0x4 R10 0x5 R11 0x6"
    )
    #expect(failure?.registers.map(\.name) == ["RCX", "RDX", "R8", "R9", "R10", "R11"])
    #expect(failure?.registers.map(\.value) == [1, 2, 3, 4, 5, 6])
    let lower = read("SEAMCALL TDH_MEM_PAGE_AUG failed: 0xc000030000000001, rcx 0x1, rdx 0x2")
    #expect(lower?[register: "RDX"] == 2)
  }

  @Test func registersFollowOnLinesOfTheirOwn() {
    var failure = read("SEAMCALL (0x22) failed: 0xc000050500000000")
    let lines = [
      "RCX 0x0000000000000000 RDX 0x9100000100000008 R08 0x0000000000000000",
      "R09 0x0000000000000000 R10 0x0000000000000000 R11 0x0000000000000000",
      "module initialization failed (-5)",
      "additional output: rcx 0x0, rdx 0x0, r8 0x0, r9 0x0, r10 0x0, r11 0x0.",
    ]
    let areRegisters = lines.map { $0.withMessageBytes { failure?.readRegisters($0) } }
    #expect(areRegisters == [true, true, false, true])
    #expect(failure?.registers.map(\.name) == ["RCX", "RDX", "R8", "R9", "R10", "R11"])
    #expect(failure?.field?.name == "MAX_TDMRS")
    #expect(
      failure?.summary
        == "TDH.SYS.RD failed with TDX_SYS_NOT_READY (0xc000050500000000) for MAX_TDMRS (class 0x11, TDMRs; field 0x8)"
    )
  }

  @Test func callsToTheLoaderHaveStatusesOfTheirOwn() {
    let failure = read("SEAMCALL (0x8000000000000001) failed: 0x8000000000020000")
    #expect(failure?.call == "SEAMLDR.INSTALL")
    #expect(failure?.answer == "PSEAMLDR_EBADSIG (0x8000000000020000)")
    #expect(failure?.meaning.contains("signature") == true)
    #expect(failure?.initializesModule == false)
    for (value, name, meaning) in StatusCode.ofLoader {
      let row = read("SEAMCALL (0x8000000000000001) failed: 0x\(String(value, radix: 16))")
      #expect(row?.answer.hasPrefix(name) == true)
      #expect(row?.meaning == meaning)
    }
    #expect(
      read("SEAMCALL (0x8000000000000001) failed: 0x8000000000000099")?.answer.contains("not in the table")
        == true
    )
  }

  @Test func memoryIsToBlameForConfigurationsOnly() {
    #expect(read("SEAMCALL (0x2d) failed: 0xc0000a0200000000")?.concernsMemory == true)
    #expect(read("SEAMCALL (0x2d) failed: 0xc000010000000008")?.concernsMemory == false)
    #expect(read("SEAMCALL (0x21) failed: 0xc0000a2200000000")?.concernsMemory == false)
    #expect(read("SEAMCALL (0x22) failed: 0xc000050500000000")?.concernsMemory == false)
  }

  @Test(arguments: [
    "SEAMCALL", "SEAMCALL (", "SEAMCALL (0x", "SEAMCALL (0x22)", "SEAMCALL (0x22) failed",
    "SEAMCALL (0x22) failed: ",
    "SEAMCALL (0x22) failed: 0x", "SEAMCALL (0x22) failed: c000050500000000", "SEAMCALL failed: leaf",
    "SEAMCALL failed: leaf 34", "SEAMCALL failed: leaf 34, error",
    "SEAMCALL (0x22) failed: 0x1c000050500000000",
    "TDH", "TDH.SYS.RD", "TDH.SYS.RD failed", "tdh_", "failed: 0xc000050500000000", "",
    "SEAMCALL failed: leaf 99999999999999999999, error 0x1",
  ])
  func whatIsCutOrNoCallIsNone(text: String) {
    #expect(read(text) == nil)
  }

  @Test func leavesThatAreNotInTheTableSaySo() {
    #expect(
      read("SEAMCALL (0x2e) failed: 0xc000010000000000")?.call == "leaf 0x2e, which is not in the table"
    )
    #expect(
      read("SEAMCALL (99999999999999999999) failed: 0x1")?.call
        == "99999999999999999999, which is not in the table"
    )
    #expect(
      read("SEAMCALL (0xffffffffffffffff) failed: 0xffffffffffffffff")?.call.contains("not in the table")
        == true
    )
  }

  @Test func moreRegistersThanACallHasAreLeftOut() {
    let registers = (0..<100).map { "X\($0) 0x1" }.joined(separator: " ")
    #expect(read("SEAMCALL (0x22) failed: 0x1 \(registers)")?.registers.count == 16)
  }
}
