import TDXMemory
import Testing

import struct TestSupport.Log

@testable import MapReaders

#if canImport(Glibc)
  import Glibc
#endif

/// Several boots in a file, several files of a machine, sources that differ, and files that are none.
struct SeveralInputsTests {
  private func boot(_ end: String, _ more: String = "") -> String {
    """
    [    0.000000] Linux version 6.12.0 (user@host)
    [    0.000000] BIOS-provided physical RAM map:
    [    0.000000] BIOS-e820: [mem 0x0000000000100000-0x\(end)] usable
    \(more)

    """
  }

  @Test func lastBootCounts() throws {
    let machine = try read(
      boot("00000000ffffffff", "virt/tdx: CMR: [0x100000, 0x100000000)\nvirt/tdx: module initialized")
        + boot("000000007fffffff")
    )
    // Expect nothing of the first boot.
    #expect(machine.regions == [region(0x10_0000, 0x8000_0000)])
    #expect(machine.convertible == nil)
    #expect(!machine.observed.initialized)
    #expect(machine.hasNote("holds 2 boots; the last one counts"))
  }

  @Test func lastBootWithMemoryCounts() throws {
    let machine = try read(
      boot("00000000ffffffff") + boot("000000007fffffff")
        + "Linux version 6.12.0\nvirt/tdx: module initialized\nLinux version 6.13.0\n"
    )
    #expect(machine.regions == [region(0x10_0000, 0x8000_0000)])
    #expect(!machine.observed.initialized)
    #expect(machine.hasNote("holds 4 boots; the last one with memory counts"))
  }

  @Test func secondFirmwareMapIsAnotherBoot() throws {
    let log = """
      BIOS-provided physical RAM map:
      BIOS-e820: [mem 0x0000000000100000-0x00000000ffffffff] usable
      Early memory node ranges
        node   0: [mem 0x0000000000100000-0x00000000ffffffff]

      """
    let machine = try read(
      log + "BIOS-provided physical RAM map:\nBIOS-e820: [mem 0x0000000000100000-0x000000007fffffff] usable\n"
    )
    // Expect the early node ranges of the first boot not to stand in for the second's.
    #expect(machine.source == .e820)
    #expect(machine.regions == [region(0x10_0000, 0x8000_0000)])
  }

  @Test func filesOfOneMachine() throws {
    let machine = try readMachine(texts: [
      ("dmesg", Array(boot("00000000ffffffff", "virt/tdx: BIOS enabled: private KeyID range [32, 64)").utf8)),
      ("memblock", Array("   0: 0x0000000000100000..0x00000000fffdffff    1 NONE\n".utf8)),
      ("cmrs", Array("CMR: [0x100000, 0x100000000)\n".utf8)),
    ])
    #expect(machine.source == .memblock)
    #expect(machine.regions == [region(0x10_0000, 0xfffe_0000, node: 1)])
    #expect(machine.convertible == [range(0x10_0000, 0x1_0000_0000)])
    #expect(machine.keyIDBits == 6)
    #expect(
      machine.hasNote(
        "The memblock (debugfs) and the e820 disagree in 1 place: memory by the e820 alone: [0xfffe0000, 0x100000000) (128 KiB)."
      )
    )
  }

  @Test func nodesFromAnotherFile() throws {
    let machine = try readMachine(texts: [
      ("dmesg", Array(boot("00000000ffffffff").utf8)),
      ("srat", Array("ACPI: SRAT: Node 7 PXM 1 [mem 0x00000000-0xffffffff]\n".utf8)),
    ])
    #expect(machine.source == .e820WithSRAT)
    #expect(machine.regions == [region(0x10_0000, 0x1_0000_0000, node: 7)])
  }

  @Test func fileThatSaysNothing() throws {
    let machine = try readMachine(texts: [
      ("dmesg", Array(boot("00000000ffffffff").utf8)), ("notes.txt", Array("remember the milk\n".utf8)),
    ])
    #expect(machine.regions == [region(0x10_0000, 0x1_0000_0000)])
    #expect(machine.hasNote("notes.txt holds nothing"))
  }

  @Test func sameKindTwice() throws {
    let machine = try readMachine(texts: [
      ("one", Array(boot("00000000ffffffff").utf8)), ("two", Array(boot("000000007fffffff").utf8)),
    ])
    #expect(machine.regions == [region(0x10_0000, 0x8000_0000)])
    #expect(machine.hasNote("one and two differ in the e820; the later one, two, counts."))
  }

  /// Logs of different machines, each with the names that a message must have.
  @Test func otherMachines() throws {
    let logs = try Log.all()
    var refused = 0
    for (index, one) in logs.enumerated() {
      for other in logs[(index + 1)...] {
        let texts = [(one.name, one.bytes), (other.name, other.bytes)]
        let sources = [one, other].compactMap { try? readMachine(texts: [($0.name, $0.bytes)]).source }
        // One's memory may lie inside the other's CMRs.
        guard sources.count == 2, (sources[0] == .convertible) == (sources[1] == .convertible) else {
          continue
        }
        do throws(InputError) {
          _ = try readMachine(texts: texts)
          Issue.record("\(one.name) and \(other.name) are read as one machine")
        } catch {
          refused += 1
          #expect(error.exitCode == 65)
          for part in [one.name, other.name, "tdxbench fleet", "--one-machine"] {
            #expect(error.message.contains(part), "\(one.name) \(other.name): \(error)")
          }
        }
        // Declared as one they are merged, unless they are wrong together.
        do throws(InputError) {
          _ = try readMachine(texts: texts, areOneMachine: true)
        } catch {
          #expect(!error.message.contains("--one-machine"))
        }
      }
    }
    #expect(refused > 0)
  }

  /// What one machine's sources say differently, for reasons that are known: no refusal.
  @Test(arguments: [
    // 128 KiB that firmware's tables took.
    (
      "BIOS-e820: [mem 0x0000000000100000-0x00000000ffffffff] usable",
      "   0: 0x00100000..0xfffdffff    0 NONE"
    ),
    // mem=2G.
    (
      "Linux version 6.12.0\nCommand line: mem=2G\nBIOS-e820: [mem 0x0000000000100000-0x000000007fffffff] usable",
      "100000-ffffffff : System RAM"
    ),
    // A DIMM that was added later.
    (
      "BIOS-e820: [mem 0x0000000000100000-0x00000000ffffffff] usable\nBIOS-e820: [mem 0x400000000-0x4ffffffff] usable",
      "   0: 0x00100000..0xffffffff    0 NONE\n   1: 0x200000000..0x2ffffffff    0 NONE\n   2: 0x400000000..0x4ffffffff    0 NONE"
    ),
    // Blocks cover holes.
    (
      "BIOS-e820: [mem 0x0000000000100000-0x000000006fffffff] usable\nBIOS-e820: [mem 0x100000000-0x4ffffffff] usable",
      "RANGE STATE\n0x0000000000000000-0x000000007fffffff online\n0x0000000100000000-0x00000004ffffffff online"
    ),
    // Convertible memory that firmware keeps.
    (
      "BIOS-e820: [mem 0x0000000000100000-0x000000006fffffff] usable\nBIOS-e820: [mem 0x100000000-0x4ffffffff] usable",
      "CMR: [0x100000, 0x77800000)\nCMR: [0x100000000, 0x500000000)"
    ),
  ])
  func sourcesOfOneMachine(one: String, other: String) throws {
    for texts in [[one, other], [other, one]] {
      _ = try readMachine(texts: texts.enumerated().map { ("\($0.offset)", Array(($0.element + "\n").utf8)) })
    }
  }

  /// Two boards with memory of the same sizes at the same places.
  @Test func otherBoards() throws {
    let memory = "BIOS-e820: [mem 0x0000000000100000-0x00000000ffffffff] usable\n"
    func log(_ dmi: String) -> String {
      "BIOS-provided physical RAM map:\n\(memory)SMBIOS 3.2 present.\n[    0.000000] DMI: \(dmi)\nDMI: Memory slots populated: 2/2\n"
    }
    func error(_ one: String, _ other: String, areOneMachine: Bool = false) -> InputError? {
      do throws(InputError) {
        let texts = [("one", Array(log(one).utf8)), ("two", Array(log(other).utf8))]
        _ = try readMachine(texts: texts, areOneMachine: areOneMachine)
        return nil
      } catch {
        return error
      }
    }
    let board = "Intel Corporation AST2600EVB/AST2600EVB, BIOS EGSDCRB1.86B.0062 08/08/2021"
    let other = "Intel Corporation EAGLESTREAM/EAGLESTREAM, BIOS EGSDCRB1.86B.0062 08/08/2021"
    let refused = error(board, other)
    #expect(refused?.exitCode == 65)
    for words in ["one says `DMI: \(board)`", "two says `DMI: \(other)`", "tdxbench fleet", "--one-machine"] {
      #expect(refused?.message.contains(words) == true, "\(words)")
    }
    #expect(error(board, other, areOneMachine: true) == nil)
    #expect(error(board, board) == nil)
    // A product with the same words in its name is another one.
    #expect(error("A PC (1, BIOS 2)/, BIOS 1 2020", "A PC (1, BIOS 3)/, BIOS 1 2020") != nil)
    // An update of the BIOS.
    let updated = board.replacing("08/08/2021", with: "01/02/2023")
    #expect(error(board, updated) == nil)
    let machine = try readMachine(texts: [
      ("one", Array(log(board).utf8)), ("two", Array(log(updated).utf8)), ("three", Array(log(board).utf8)),
    ])
    #expect(machine.notes.count { $0.contains("two versions of its BIOS") } == 1)
  }

  @Test(
    "names of one board, as BIOSes and tools spell them. Expect one machine",
    arguments: [
      ("AT&T Foo/Bar", "AT&amp;T Foo/Bar"), ("A=B/Bar", "A=3DB/Bar"), ("Föö X/Y", #"F\xc3\xb6\xc3\xb6 X/Y"#),
      ("HP ProLiant/0A1", "HPE ProLiant/0A1"), ("Dell Inc. R760/0A1", "DELL Inc.  R760/0a1"),
      ("To Be Filled By O.E.M. To Be Filled By O.E.M./X299", "Default string Default string/X299"),
      ("A B/Default string", "A B/X299"), ("X/board", "X"), ("Dell Inc. R760/0A1", "/"),
    ]
  )
  func spellingsOfOneBoard(one: String, other: String) throws {
    let texts = [one, other].map { name in
      ("\(name)", Array("BIOS-e820: [mem 0x100000-0xffffffff] usable\nDMI: \(name), BIOS 1 2020\n".utf8))
    }
    _ = try readMachine(texts: texts)
  }

  @Test(
    "names of two. Expect two machines",
    arguments: [
      ("Dell Inc. R760/0A1", "Dell Inc. R760/0B2"), ("Dell Inc. R760", "QEMU Standard PC (Q35 + ICH9, 2009)"),
      ("Dell Inc. R760/0A1", "QEMU Standard PC"),
    ]
  )
  func namesOfTwoBoards(one: String, other: String) {
    func text(_ name: String) -> [UInt8] {
      // What a driver says of a board is no name of the machine.
      Array(
        "BIOS-e820: [mem 0x100000-0xffffffff] usable\n[ 1.0] ipmi: DMI: a/b, BIOS 1\n[ 0.0] DMI: \(name), BIOS 1\n"
          .utf8
      )
    }
    #expect(throws: InputError.self) { try readMachine(texts: [("one", text(one)), ("two", text(other))]) }
  }

  @Test func twoPlacesOfDisagreement() throws {
    let machine = try read(
      """
      BIOS-e820: [mem 0x0000000000100000-0x00000000001fffff] usable
      BIOS-e820: [mem 0x0000000000300000-0x00000000003fffff] usable
      Early memory node ranges
        node   0: [mem 0x0000000000001000-0x00000000001fffff]
        node   0: [mem 0x0000000000300000-0x00000000003effff]
        node   0: [mem 0x0000000000500000-0x00000000005fffff]
      """
    )
    // Expect what lies below 1 MiB not to count.
    #expect(
      machine.hasNote(
        "disagree in 2 places: memory by the early node ranges alone: [0x500000, 0x600000) (1 MiB); memory by the e820 alone: [0x3f0000, 0x400000) (64 KiB)."
      )
    )
  }

  @Test func nothingFound() throws {
    let error = refusal("# only a comment\nNode 0, zone Normal\n")
    #expect(error?.exitCode == 65)
    for words in ["no memory map and no CMRs", "sudo dmesg", "journalctl -k -b", "tdxbench collect"] {
      #expect(error?.message.contains(words) == true, "\(words)")
    }
  }

  @Test func filesThatAreNone() throws {
    let directory = try TemporaryDirectory()
    #expect(inputRefusal(.file(directory.path + "/missing"))?.exitCode == 66)
    #expect(inputRefusal(.file("a\0b"))?.exitCode == 66)
    #expect(inputRefusal(.file(directory.path))?.exitCode == 65)
    #expect(inputRefusal(.file(try directory.file("empty", "")))?.exitCode == 65)
    #expect(inputRefusal(.file(try directory.file("file", "x") + "/below"))?.exitCode == 66)
    let unreadable = try directory.file("unreadable", "x")
    chmod(unreadable, 0)
    if geteuid() != 0 { #expect(inputRefusal(.file(unreadable))?.exitCode == 74) }
  }

  private func inputRefusal(_ input: Input) -> InputError? {
    do throws(InputError) {
      _ = try readMachine([input])
      return nil
    } catch {
      return error
    }
  }

  @Test func binaryGarbage() throws {
    var random = SystemRandomNumberGenerator()
    let bytes = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    #expect(throws: InputError.self) { try readMachine(texts: [("garbage", bytes)]) }
    #expect(throws: InputError.self) {
      try readMachine(texts: [("zeros", [UInt8](repeating: 0, count: 100_000))])
    }
  }

  @Test func veryLongLine() throws {
    let line = String(repeating: "x", count: _isDebugAssertConfiguration() ? 8 << 20 : 50 << 20)
    #expect(refusal(line)?.exitCode == 65)
    // Expect an error to show the beginning only.
    let broken = refusal("BIOS-e820: [mem 0x1-0x0] " + line + "\nBIOS-e820: [mem 0x0-0xffff] usable\n")
    #expect((broken?.description.utf8.count ?? .max) < 400)
  }

  @Test func controlCharactersAreEscaped() throws {
    let error = refusal("BIOS-e820: [mem 0x1-0x0] \u{1b}[31musable\nmore\n", name: "a\nb")
    #expect(error?.description.contains("\u{1b}") == false)
    #expect(error?.description.contains("\n") == false)
    #expect(error?.description.contains("a\\nb:1: ") == true)
  }

  @Test func largestNumbers() throws {
    let machine = try read(
      """
      BIOS-e820: [mem 0x0000000000100000-0x00000000ffffffff] usable
      BIOS-e820: [mem 0x0010000000000000-0xffffffffffffffff] usable
      e820: update [mem 0xfffffffffffff000-0xffffffffffffffff] usable ==> reserved
      CMR: [0x10000000000000, 0xffffffffffffffff)
      """
    )
    // Expect 2^52 as it is and the end of the address space at the last page border.
    #expect(machine.map.last == region(1 << 52, 0xffff_ffff_ffff_f000))
  }

  @Test func thisMachine() {
    // Expect memory, or an error that says what was looked for; never more.
    do throws(InputError) {
      let machine = try readMachine([.host])
      #expect(!machine.map.isEmpty)
    } catch {
      #expect(error.exitCode == 65)
    }
  }
}
