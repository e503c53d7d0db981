import TDXMemory
import Testing

@testable import MapReaders

/// The boot logs of real machines. The expected values were read from the logs by hand.
struct CapturedLogTests {
  private func machine(_ name: String) throws -> Machine { try readMachine([.file(log(name))]) }

  @Test func quotedNodeRanges() throws {
    let machine = try machine("8node-1t-unaligned")
    #expect(machine.source == .earlyNodeRanges)
    #expect(machine.map.count == 13)
    #expect(machine.map.nodes == [0, 1, 2, 3, 4, 5, 6, 7])
    #expect(machine.map.first == region(0x1000, 0x99000))
    #expect(machine.map.last == region(0xe0_3000_0000, 0x100_2ff8_0000, node: 7))
    #expect(machine.convertible == nil)
    #expect(machine.notes.isEmpty)
  }

  @Test func cloudGuest() throws {
    let machine = try machine("aws-r5d-xlarge-32g")
    #expect(machine.source == .e820)
    // Expect the end 0x9fc00 rounded down to a page.
    #expect(
      machine.regions == [
        region(0, 0x9f000), region(0x10_0000, 0xbfff_a000), region(0x1_0000_0000, 0x8_22a0_0000),
      ]
    )
    #expect(machine.notes.count == 1)
    #expect(machine.hasNote("taken as node 0"))
  }

  @Test func fragmentsAreRefused() throws {
    // The last table (`user:`) has persistent memory only; the usable lines before it are of another machine.
    let error = #expect(throws: InputError.self) { try machine("cxl-srat-fragments") }
    #expect(error?.exitCode == 65)
    #expect(error?.line == 20)
    #expect(error?.message.contains("lists no usable memory") == true)
  }

  @Test func thirtyTwoNodes() throws {
    let machine = try machine("dell-r7625-32node-768g")
    #expect(machine.source == .earlyNodeRanges)
    #expect(machine.map.count == 38)
    #expect(machine.map.nodes == Array(0...31))
    #expect(machine.regions[8] == region(0x12_8000_0000, 0x18_7fe0_0000, node: 3))
    #expect(machine.map.last == region(0xc0_7fc0_0000, 0xc0_7fd0_0000, node: 31))
    // Expect the e820 table to agree byte for byte.
    #expect(machine.notes.isEmpty)
  }

  @Test func reservationOnTheCommandLine() throws {
    let machine = try machine("hp-z8g4-memmap")
    #expect(machine.source == .earlyNodeRanges)
    #expect(machine.map.count == 7)
    #expect(machine.regions[5] == region(0x16_8360_0000, 0x16_8663_0000))
    #expect(machine.map.last == region(0x28_4000_0000, 0x28_8000_0000, node: 1))
    #expect(machine.hasNote("begins at 0x6a9ae000"))
    #expect(machine.hasNote("disagree in 2 places"))
    #expect(machine.hasNote("[0x100000, 0x68793000), [0x1683600000, 0x1686630000)"))
  }

  @Test func iceLake() throws {
    let machine = try machine("hpe-dl360g10plus-icx-128g")
    #expect(machine.source == .earlyNodeRanges)
    #expect(machine.map.count == 8)
    #expect(machine.map.last == region(0x10_8000_0000, 0x20_8000_0000, node: 1))
    #expect(machine.notes.isEmpty)
  }

  @Test func e820Alone() throws {
    let machine = try machine("lenovo-sr950-24g")
    #expect(machine.source == .e820)
    #expect(machine.map.count == 7)
    #expect(machine.regions[1] == region(0x4_0000, 0xa_0000))
    #expect(machine.map.last == region(0x1_0000_0000, 0x6_4000_0000))
  }

  @Test func sparseNodes() throws {
    let machine = try machine("sparse-8node-512g")
    #expect(machine.map.count == 14)
    #expect(machine.regions[6] == region(0xff_8000_0000, 0x100_0000_0000))
    // Expect the touching region of the next node to stay apart.
    #expect(machine.regions[7] == region(0x100_0000_0000, 0x110_0000_0000, node: 1))
    #expect(machine.map.last == region(0x1900_0000_0000, 0x1910_0000_0000, node: 7))
  }

  @Test func softReservedCXL() throws {
    let machine = try machine("spr-archercity-2s-cxl")
    #expect(machine.source == .earlyNodeRanges)
    #expect(machine.map.count == 5)
    #expect(machine.map.nodes == [0, 1])
    // The kernel took the page of the ESRT from e820 after memblock had been filled: the two agree, and a note says why
    // /proc/iomem will not.
    #expect(machine.notSystemRAM == [range(0x661e_2000, 0x661e_3000)])
    #expect(machine.hasNote("By rule: e820 counts as it stood when memblock was made"))
    #expect(!machine.hasNote("disagree"))
  }

  @Test func oneTebibyteOfCMRs() throws {
    let machine = try machine("tdx-1t-5cmr")
    #expect(machine.source == .convertible)
    #expect(machine.map.count == 5)
    #expect(machine.convertible?.count == 5)
    #expect(machine.convertible?.last == range(0xc0_8000_0000, 0x100_7c00_0000))
    #expect(machine.keyIDBits == 5)
    #expect(machine.observed.pamtKiB == 4_202_516)
    #expect(machine.observed.initialized)
    #expect(machine.hasNote("the CMRs serve as the memory"))
  }

  @Test func issue206() throws {
    let machine = try machine("tdx-512g-issue206")
    #expect(machine.source == .convertible)
    #expect(
      machine.convertible == [
        range(0x10_0000, 0x7780_0000), range(0x1_0000_0000, 0x40_6e00_0000),
        range(0x40_8000_0000, 0x80_7000_0000),
      ]
    )
    #expect(machine.keyIDBits == 6)
    #expect(machine.observed.pamtKiB == 2_101_260)
    #expect(machine.observed.initialized)
    #expect(machine.observed.failures.isEmpty)
  }

  @Test func issue135() throws {
    let machine = try machine("tdx-emr-2024-issue135")
    #expect(machine.source == .e820)
    #expect(machine.map.count == 17)
    #expect(machine.regions[1] == region(0x10_0000, 0x5d16_9000))
    #expect(machine.map.last == region(0x6f7f_f000, 0x6f80_0000))
    #expect(machine.convertible?.count == 5)
    #expect(machine.keyIDBits == 6)
    #expect(!machine.observed.initialized)
    #expect(
      machine.observed.failures == [
        "initialization failed: TDMR [0x0, 0x80000000): reserved areas exhausted.",
        "module initialization failed (-28)",
      ]
    )
    #expect(machine.hasNote("looks incomplete"))
    #expect(machine.hasNote("[0x3080000000, 0x407c000000)"))
  }

  @Test func eaglestream() throws {
    let machine = try machine("tdx-spr-eaglestream-128g")
    #expect(machine.source == .earlyNodeRanges)
    #expect(
      machine.regions == [
        region(0x1000, 0x9f000), region(0x10_0000, 0x72ee_8000), region(0x777f_f000, 0x7780_0000),
        region(0x1_0000_0000, 0x10_6e00_0000), region(0x10_8000_0000, 0x20_7000_0000, node: 1),
      ]
    )
    // Expect the fourth slot, of size 0, to be skipped.
    #expect(
      machine.convertible == [
        range(0x10_0000, 0x7780_0000), range(0x1_0000_0000, 0x10_6e00_0000),
        range(0x10_8000_0000, 0x20_7000_0000),
      ]
    )
    #expect(machine.observed.initialized)
    #expect(machine.observed.tdmrs.count == 33)
    #expect(
      machine.observed.tdmrs.first
        == ObservedTDMR(range: range(0, 0x10_8000_0000), pamt: range(0x10_1db7_b000, 0x10_2e40_0000))
    )
    #expect(machine.observed.tdmrs.allSatisfy { $0.pamt != nil })
    #expect(machine.notes.isEmpty)
  }

  @Test func ast2600() throws {
    let machine = try machine("tdx-spr-ast2600evb-128g")
    #expect(machine.source == .earlyNodeRanges)
    #expect(machine.map.count == 5)
    #expect(machine.convertible == nil)
    #expect(machine.observed.tdmrs.count == 33)
    #expect(machine.observed.tdmrs.last?.range == range(0x20_0000_0000, 0x20_8000_0000))
  }

  /// Each log twice in one file is the same machine, with nothing doubled.
  @Test(arguments: [
    "8node-1t-unaligned", "aws-r5d-xlarge-32g", "dell-r7625-32node-768g", "hp-z8g4-memmap",
    "hpe-dl360g10plus-icx-128g", "lenovo-sr950-24g", "sparse-8node-512g", "spr-archercity-2s-cxl",
    "tdx-1t-5cmr", "tdx-512g-issue206", "tdx-emr-2024-issue135", "tdx-spr-eaglestream-128g",
    "tdx-spr-ast2600evb-128g",
  ])
  func twiceInOneFile(name: String) throws {
    let text = try logText(name)
    let once = try read(text)
    let twice = try read(text + text)
    #expect(twice.map == once.map)
    #expect(twice.convertible == once.convertible)
    #expect(twice.observed.pamtKiB == once.observed.pamtKiB)
    #expect(twice.observed.tdmrs == once.observed.tdmrs)
    #expect(twice.observed.initialized == once.observed.initialized)
    // Expect every line about TDX once, with a count.
    #expect(twice.observed.tdx.messages.map(\.text) == once.observed.tdx.messages.map(\.text))
    #expect(twice.observed.failures == once.observed.failures)
    #expect(twice.observed.tdx.messages.allSatisfy { $0.content != .unknown })
    #expect(twice.source == once.source)
  }

  /// What a log says does not depend on what stands before its messages.
  @Test(arguments: [
    "> ", ">> > ", "<6>", "Nov 23 02:00:01 host kernel: ", "kernel: ", "[] ", "[T0] ", "[    T0] ",
    "<6>[    0.000000][    T0] ", "2026-11-23T02:00:01+0000 host kernel: [    0.000000] ",
  ])
  func prefixes(prefix: String) throws {
    for name in ["tdx-spr-ast2600evb-128g", "tdx-emr-2024-issue135", "spr-archercity-2s-cxl"] {
      let text = try logText(name)
      let expected = try read(text)
      let prefixed = text.split(separator: "\n").map { prefix + $0 }.joined(separator: "\n")
      let machine = try read(prefixed)
      #expect(machine.map == expected.map)
      #expect(machine.convertible == expected.convertible)
      #expect(machine.observed == expected.observed)
      #expect(machine.notes == expected.notes)
    }
  }

  @Test func carriageReturns() throws {
    let text = try logText("tdx-emr-2024-issue135")
    let machine = try read(text.replacing("\n", with: "\r\n"))
    let expected = try read(text)
    #expect(machine.map == expected.map)
    #expect(machine.observed == expected.observed)
  }

  /// A log that is cut off anywhere is read or refused; what is read is never more than what stands there.
  @Test func cutOffAnywhere() throws {
    for name in ["tdx-spr-eaglestream-128g", "tdx-emr-2024-issue135"] {
      let bytes = Array(try logText(name).utf8)
      let whole = try readMachine(texts: [("log", bytes)])
      let lengths = Array(stride(from: 0, to: bytes.count, by: _isDebugAssertConfiguration() ? 7 : 1))
      var readable = 0
      for length in lengths {
        guard let machine = try? readMachine(texts: [("log", Array(bytes[..<length]))]) else { continue }
        readable += 1
        if machine.source == whole.source { #expect(machine.map.totalBytes <= whole.map.totalBytes) }
      }
      #expect(readable > lengths.count / 2)
    }
  }
}
