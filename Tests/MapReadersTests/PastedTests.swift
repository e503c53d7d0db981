import Pastings
import RandomNumbers
import TDXMemory
import Testing

import struct TestSupport.FieldFile
import struct TestSupport.Log
import struct TestSupport.Mutator

@testable import MapReaders

/// What people paste says what it said before: every captured log in every wrapping, and in two of them.
struct PastedTests {
  @Test func fieldFiles() throws {
    let files = try FieldFile.all()
    #expect(files.count == 16)
    for file in files {
      guard let expected = file.expected else { continue }
      let machine = try readMachine(texts: [(file.name, file.bytes)])
      let found = machine.regions.filter { $0.end > lowMemoryEnd }.map {
        FieldFile.ExpectedRegion(start: max($0.start, lowMemoryEnd), end: $0.end, node: $0.node)
      }
      #expect(found == expected, "\(file.name)")
    }
  }

  /// Expect a refusal that says what the file does tell, and what tells the rest.
  @Test func filesWithoutMaps() throws {
    for file in try FieldFile.all() where file.expected == nil {
      let error = refusal(String(decoding: file.bytes, as: UTF8.self), name: file.name)
      switch file.name.prefix(2) {
      case "13":
        #expect(error?.message.contains("only lines about TDX") == true)
        #expect(error?.message.contains("journalctl -k -b") == true)
      case "15":
        #expect(error?.message.contains("sizes of the nodes") == true)
        #expect(error?.message.contains("lsmem --output RANGE,NODE") == true)
      default:
        // CMRs that serve as memory.
        #expect(error == nil, "\(file.name)")
      }
    }
  }

  private static let texts: [(name: String, bytes: [UInt8])] =
    try! Log.all().map { ($0.name, withoutHead($0.bytes)) } + oldLogs + [memblockDump]

  /// The kernel prints a tab behind each index.
  private static let memblockDump = (
    name: "memblock=debug",
    bytes: Array(
      """
      [    0.000000] MEMBLOCK configuration:
      [    0.000000]  memory size = 0x000000007fe7e000 reserved size = 0x0000000000001000
      [    0.000000]  memory.cnt  = 0x3
      [    0.000000]  memory[0x0]\t[0x0000000000001000-0x000000000009efff], 0x000000000009e000 bytes on node 0 flags: 0x0
      [    0.000000]  memory[0x1]\t[0x0000000000100000-0x000000003fffffff], 0x000000003ff00000 bytes on node 0 flags: 0x0
      [    0.000000]  memory[0x2]\t[0x0000000040000000-0x000000007ffdffff], 0x000000003ffe0000 bytes on node 1 flags: 0x0
      [    0.000000]  reserved.cnt  = 0x1
      [    0.000000]  reserved[0x0]\t[0x0000000000000000-0x0000000000000fff], 0x0000000000001000 bytes flags: 0x0

      """.utf8
    )
  )

  /// What stands before the log, about where it comes from, holds characters that no kernel prints.
  private static func withoutHead(_ bytes: [UInt8]) -> [UInt8] {
    Array(bytes.map { $0 < 127 ? $0 : UInt8(ascii: "?") })
  }

  private static let oldLogs: [(name: String, bytes: [UInt8])] = [
    (
      "el6",
      Array(
        """
        [    0.000000] BIOS-provided physical RAM map:
        [    0.000000]  BIOS-e820: 0000000000000000 - 000000000009f400 (usable)
        [    0.000000]  BIOS-e820: 0000000000100000 - 000000007f338000 (usable)
        [    0.000000]  BIOS-e820: 0000000100000000 - 0000001080000000 (usable)
        [    0.000000] SRAT: Node 0 PXM 0 0-80000000
        [    0.000000] SRAT: Node 0 PXM 0 100000000-880000000
        [    0.000000] SRAT: Node 1 PXM 1 880000000-1080000000

        """.utf8
      )
    ),
    (
      "page frames",
      Array(
        """
        [    0.000000] early_node_map[4] active PFN ranges
        [    0.000000]     0: 0x00000001 -> 0x0000009e
        [    0.000000]     0: 0x00000100 -> 0x0007f338
        [    0.000000]     0: 0x00100000 -> 0x00880000
        [    0.000000]     1: 0x00880000 -> 0x01080000
        [    0.000000] On node 0 totalpages: 8385237

        """.utf8
      )
    ),
  ]

  /// Lines that have no keyword, broken at each of their blanks and inside each of their numbers, quoted and not.
  @Test(arguments: ["", "> "]) func brokenLinesWithoutKeywords(quote: String) throws {
    for (name, bytes) in Self.oldLogs {
      let expected = try readMachine(texts: [(name, bytes)]).regions
      let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
      for index in lines.indices where lines[index].contains("SRAT") || lines[index].contains(" -> ") {
        for place in lines[index].indices.dropFirst(17) {
          let isBlank = lines[index][place] == " "
          let rest = isBlank ? lines[index][place...].dropFirst() : lines[index][place...]
          guard isBlank || lines[index][..<place].last == "-", !rest.hasPrefix(" "), !rest.hasPrefix(">")
          else { continue }
          var broken = lines
          broken[index] = "\(lines[index][..<place])\n\(quote)\(rest)"
          let text = broken.map { "\(quote)\($0)\n" }.joined()
          #expect(try read(text).regions == expected, "\(text)")
        }
      }
    }
  }

  private func check(_ name: String, _ bytes: [UInt8], _ pastings: [Pasting]) {
    let expected = try? readMachine(texts: [(name, bytes)])
    var pasted = bytes
    for pasting in pastings { pasted = pasting.apply(to: pasted) }
    let title = "\(name): \(pastings.map(\.rawValue))"
    do throws(InputError) {
      let machine = try readMachine(texts: [(name, pasted)])
      #expect(machine.regions == expected?.regions, "\(title)")
      #expect(machine.convertible == expected?.convertible, "\(title)")
      #expect(machine.keyIDBits == expected?.keyIDBits, "\(title)")
      #expect(machine.source == expected?.source, "\(title)")
    } catch {
      #expect(expected == nil, "\(title): \(error)")
    }
  }

  @Test(arguments: Pasting.allCases) func everyPasting(pasting: Pasting) {
    for (name, bytes) in Self.texts { check(name, bytes, [pasting]) }
  }

  @Test(arguments: Pasting.allCases) func twoPastings(first: Pasting) {
    var random = SplitMix64(seed: 2)
    // Shorter logs: there are some 400 pairs.
    let texts = Self.texts.filter { $0.bytes.count < 6000 }
    guard !first.isCompression else { return }
    for second in Pasting.allCases where second != first {
      guard Self.happens(first, second) else { continue }
      let (name, bytes) = texts.randomElement(using: &random)!
      check(name, bytes, [first, second])
    }
  }

  /// Whether a tool would do the second to what the first has made.
  private static func happens(_ first: Pasting, _ second: Pasting) -> Bool {
    // Breaking words of JSON or HTML; and a log has its prefixes before a mailer breaks it or a terminal shows it.
    if second == .brokenAnywhere { return false }
    let prefixes: [Pasting] = [.syslog, .kernelLevels, .kernelRecords, .receivedSyslog]
    let mails: [Pasting] = [
      .broken60, .broken72, .brokenAnywhere, .quotedPrintable, .journalPretty, .dmesgJSON,
    ]
    if prefixes.contains(second) && mails.contains(first) { return false }
    let onTop: [Pasting] = [
      .journal, .journalBytes, .journalPretty, .dmesgJSON, .cursorMoves, .serialLineEnds, .gzip, .xz,
      .zstandard,
    ]
    if first == .serialLineEnds { return onTop.contains(second) && second != .cursorMoves }
    return first != .returns || onTop.contains(second)
  }

  /// Line numbers are those of the file: the line that is wrong is the third of the log, whatever lies around it.
  @Test(arguments: [
    Pasting.colours, .cursorMoves, .returns, .backspaces, .serialLineEnds, .quoted, .html, .journal,
    .journalBytes, .kernelRecords,
  ])
  func lineNumbers(pasting: Pasting) {
    let text = """
      [    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable
      [    0.000000] BIOS-e820: [mem 0x0000000000100000-0x00000000d4111fff] usable
      [    0.000000] BIOS-e820: [mem 0x0000000100000000-0x00000g203fffffff] usable
      [    0.000000] NX (Execute Disable) protection: active

      """
    let pasted = pasting.apply(to: Array(text.utf8))
    #expect(refusal(String(decoding: pasted, as: UTF8.self))?.line == 3)
  }

  /// The pretty form has four lines a message, and a broken line counts from its first.
  @Test func lineNumbersOfLongerForms() {
    let line = "BIOS-e820: [mem 0x0000000100000000-0x00000g203fffffff] usable"
    let pretty = "{\n\t\"PRIORITY\" : \"6\",\n\t\"MESSAGE\" : \"\(line)\"\n}\n"
    #expect(refusal(pretty + pretty)?.line == 3)
    let broken = """
      > BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff]
      > usable
      > \(line)
      > end
      """
    #expect(refusal(broken)?.line == 3)
  }

  /// rsyslog's imkmsg keeps `\x09`, drops blanks that begin a message, and has lost the kernel's time.
  @Test func messagesWithoutLeadingBlanks() throws {
    let lines = String(decoding: Self.memblockDump.bytes, as: UTF8.self).split(separator: "\n").map { line in
      let message = line.dropFirst(15).drop { $0 == " " }.replacing("\t", with: #"\x09"#)
      return "2026-11-29T18:37:34.079698+00:00 host kernel: \(message)\n"
    }
    let machine = try read(lines.joined())
    #expect(machine.regions == (try readMachine(texts: [Self.memblockDump])).regions)
    #expect(machine.regions.map(\.node) == [0, 0, 1])
  }

  // MARK: Compression

  /// 300 MiB of blanks in some hundred kilobytes, and terabytes in as little: refused, with what bounds it.
  @Test(arguments: [Pasting.gzip, .xz, .zstandard]) func bombs(pasting: Pasting) {
    let bytes = pasting.apply(to: [UInt8](repeating: 32, count: 3 << 20))
    bytes.withUnsafeBytes { bytes in
      let compression = Compression(bytes)
      #expect(throws: InputError.self) { try compression!.unpack(bytes, file: "bomb", limit: 2 << 20) }
      #expect((try? compression!.unpack(bytes, file: "no bomb", limit: 3 << 20))?.bytes.count == 3 << 20)
    }
  }

  /// Cut anywhere, with a byte flipped anywhere: read with a note, or refused.
  @Test(arguments: [Pasting.gzip, .xz, .zstandard]) func spoiledCompression(pasting: Pasting) {
    var random = SplitMix64(seed: 5)
    let text = Self.texts.first { $0.name.hasPrefix("hp-z8g4") }!.bytes
    let whole = pasting.apply(to: text)
    for count in stride(from: 7, to: whole.count, by: 13) {
      do throws(InputError) {
        let machine = try readMachine(texts: [("cut", Array(whole[..<count]))])
        #expect(machine.hasNote("data is cut off"), "\(count)")
      } catch {
        #expect(error.exitCode == 65)
      }
    }
    for _ in 0..<200 {
      var bytes = whole
      bytes[bytes.indices.randomElement(using: &random)!] ^= UInt8.random(in: 1...255, using: &random)
      _ = try? readMachine(texts: [("spoiled", bytes)])
    }
    // Several members in a row are one file.
    let halves = [text[..<(text.count / 2)], text[(text.count / 2)...]]
    let members = halves.flatMap { pasting.apply(to: Array($0)) }
    #expect(
      (try? readMachine(texts: [("members", members)]))?.regions
        == (try? readMachine(texts: [("text", text)]))?.regions
    )
  }

  // MARK: Hostile

  @Test(arguments: 1...6 as ClosedRange<UInt64>) func spoiledPastings(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let texts = Self.texts.filter { $0.bytes.count < 8000 }
    for _ in 0..<(_isDebugAssertConfiguration() ? 80 : 250) {
      let pasting = Pasting.allCases.filter { !$0.isCompression }.randomElement(using: &random)!
      let text = texts.randomElement(using: &random)!.bytes
      let spoiled = Mutator(pasting.apply(to: text)).mutated(using: &random)
      do throws(InputError) {
        _ = try readMachine(texts: [("spoiled", spoiled)])
      } catch {
        #expect(error.exitCode == 65)
      }
    }
  }
}
