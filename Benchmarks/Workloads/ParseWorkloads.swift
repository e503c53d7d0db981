import BenchmarkKit
import MapReaders
import TDXMemory

// Every text form that memory is described in, from bytes in memory to a checked machine, and the packed form that
// needs no parsing. Read them in bytes per second and against memchr: a reader cannot be faster than the search for
// the ends of its lines. A surprise to look for: one format far below the others, or allocations that grow with the
// lines.

func parseWorkloads() throws -> [Workload] {
  let issue135 = try CapturedMap.emrIssue135
  let log = PackageResources.tdx_emr_2024_issue135_log
  let captured = Workload.parse(
    "dmesg/emr-issue135",
    why: "The log of a real host: what a person who runs `plan` on a log waits for.",
    log,
    lines: log.count { $0 == UInt8(ascii: "\n") },
    regions: issue135.map.count,
    bytes: issue135.map.totalBytes
  )
  let texts = TextFormat.allCases.map { Workload.parse($0, regions: $0.regions) }
  return [captured, .parseServerBoot()] + texts
    + [.load("1e6", regions: 1_000_000), .load("1e7", regions: 10_000_000)]
}

/// The forms of regions as text.
private enum TextFormat: String, CaseIterable {
  case nodeRanges = "dmesg/node-ranges-1e4"
  case e820 = "dmesg/e820-1e4"
  case e820WithSRAT = "dmesg/e820-srat-1e4"
  case efi = "dmesg/efi-1e4"
  case memblockDump = "dmesg/memblock-dump-1e4"
  case memblock = "memblock/1e4"
  case iomem = "iomem/1e4"
  case json = "json/1e4"
  case lsmem = "lsmem/1e3"

  /// As many as the name says.
  var regions: Int { self == .lsmem ? 1000 : 10_000 }

  var why: String {
    switch self {
    case .nodeRanges: "10,000 lines of memory: the readers' speed where every line counts."
    case .e820: "The same as a firmware's e820 table, which later lines of a log may change."
    case .e820WithSRAT: "The same with the SRAT's nodes, at whose borders the ranges are cut."
    case .efi: "The same as an EFI memory map, the longest lines."
    case .memblockDump: "The same as memblock=debug dumps it, with counts that have to agree."
    case .memblock: "The same as debugfs shows memblock: the best source there is, and what tdxbench writes."
    case .iomem: "The same as /proc/iomem, the shortest lines."
    case .json: "The same as the JSON that tdxbench writes: a region a line, with quotes and commas."
    case .lsmem: "1,000 ranges as lsmem --json lists memory blocks: the one format that Foundation reads."
    }
  }

  /// The lines before those of the regions.
  var headLines: [String] {
    switch self {
    case .nodeRanges: ["[    0.000000] Early memory node ranges"]
    case .e820, .e820WithSRAT: ["[    0.000000] BIOS-provided physical RAM map:"]
    case .memblockDump: ["[    0.000000] MEMBLOCK configuration:", "[    0.000000]  memory.cnt  = 0x2710"]
    case .json: [#"{"regions":["#]
    case .lsmem: [#"{"memory":["#]
    case .efi, .memblock, .iomem: []
    }
  }

  var tailLines: [String] {
    switch self {
    case .json, .lsmem: ["]}"]
    case .e820WithSRAT: ["[    0.016000] ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0xfffffffffff]"]
    default: []
    }
  }

  /// The line of a region, as its source prints it.
  func append(_ region: MemoryRegion, _ index: Int, to text: inout [UInt8]) {
    let (start, last) = (region.start, region.end - 1)
    switch self {
    case .nodeRanges:
      text += "[    0.000000]   node   0: [mem 0x".utf8
      text.append(start, digits: 16)
      text += "-0x".utf8
      text.append(last, digits: 16)
      text += "]".utf8
    case .e820, .e820WithSRAT:
      text += "[    0.000000] BIOS-e820: [mem 0x".utf8
      text.append(start, digits: 16)
      text += "-0x".utf8
      text.append(last, digits: 16)
      text += "] usable".utf8
    case .efi:
      text +=
        "[    0.000000] efi: mem\(index): [Conventional|   |  |  |  |  |  |  |  |   |WB|WT|WC|UC] range=[0x"
        .utf8
      text.append(start, digits: 16)
      text += "-0x".utf8
      text.append(last, digits: 16)
      text += "] (7MB)".utf8
    case .memblockDump:
      text += "[    0.000000]  memory[0x\(String(index, radix: 16))]\t[0x".utf8
      text.append(start, digits: 16)
      text += "-0x".utf8
      text.append(last, digits: 16)
      text += "], 0x0000000000700000 bytes on node 0 flags: 0x0".utf8
    case .memblock:
      text += "\(index): 0x".utf8
      text.append(start, digits: 16)
      text += "..0x".utf8
      text.append(last, digits: 16)
      text += "    0 NONE".utf8
    case .iomem:
      text += "\(String(start, radix: 16))-\(String(last, radix: 16)) : System RAM".utf8
    case .json:
      let separator = index == 0 ? "" : ","
      text += "\(separator)[\"\(hex(start))\",\"\(hex(last + 1))\",0]".utf8
    case .lsmem:
      let separator = index == 0 ? "" : ","
      text += "\(separator){\"range\":\"0x".utf8
      text.append(start, digits: 16)
      text += "-0x".utf8
      text.append(last, digits: 16)
      text += "\",\"size\":\(region.size),\"state\":\"online\",\"block\":\(index)}".utf8
    }
    text += "\n".utf8
  }

  /// The regions of a map as this format has them.
  func text(of regions: [MemoryRegion]) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(128 * regions.count)
    for line in headLines { text += "\(line)\n".utf8 }
    for (index, region) in regions.enumerated() { append(region, index, to: &text) }
    for line in tailLines { text += "\(line)\n".utf8 }
    return text
  }
}

extension Workload {
  /// Reads a text from memory into a machine.
  ///
  /// - Parameters:
  ///   - regions: how many regions the machine has.
  ///   - bytes: the memory in all of them.
  fileprivate static func parse(
    _ name: String,
    why: String,
    _ text: [UInt8],
    lines: Int,
    regions: Int,
    bytes: UInt64
  ) -> Workload {
    let name = "parse/\(name)"
    return Workload(
      name,
      why: why,
      itemsPerCall: regions,
      bytesPerCall: text.count,
      peers: [.newlines(in: text, lines: lines, of: name)] + Peer.memory(bytes: text.count),
      runsOnThreads: true
    ) {
      Subject(call: { Result { try readMachine(texts: [(name, text)]) } }) {
        complaint(about: $0, regions: regions, bytes: bytes)
      }.expecting("\(regions) regions of \(bytes) bytes in all")
    }
  }

  fileprivate static func parse(_ format: TextFormat, regions count: Int) -> Workload {
    let regions = BenchmarkMap.fragmented("", regions: count).regions()
    return parse(
      format.rawValue,
      why: format.why,
      format.text(of: regions),
      lines: format.headLines.count + count + format.tailLines.count,
      regions: count,
      bytes: UInt64(count) * 7 << 20
    )
  }

  /// A log of which almost no line is about memory.
  fileprivate static func parseServerBoot() -> Workload {
    let map = BenchmarkMap.server2S
    let regions = map.regions()
    let text = BootLog.text(memory: regions, devices: 20_000)
    return parse(
      "dmesg/server-boot",
      why:
        "1.5 MB of a server's boot with 8 lines of memory: how fast a reader gets past what it does not need.",
      text,
      lines: 20_000 + regions.count + 1,
      regions: regions.count,
      bytes: regions.reduce(0) { $0 + $1.size }
    )
  }

  /// Maps a `.tdxmap` file into memory and checks it.
  fileprivate static func load(_ size: String, regions count: Int) -> Workload {
    let bytes = count * MemoryLayout<MemoryRegion>.stride + 64
    let name = "load/tdxmap/fragmented-\(size)"
    let why =
      count < 10_000_000
      ? "24 MB that are used as they lie in the file: what a checksum and a look at every region cost."
      : "240 MB, against reading the file's bytes once: the map must not cost more than memory does."
    return Workload(
      name,
      why: why,
      itemsPerCall: count,
      bytesPerCall: bytes,
      peers: [.mappedSum(regions: count, of: name)]
        + (count < 10_000_000 ? [Peer.memory(bytes: bytes)[0]] : []),
      isLarge: count >= 10_000_000
    ) {
      let file = try temporaryMap(regions: count)
      return Subject(call: { Result { try readMachine([.file(file.path)]) } }) {
        complaint(about: $0, regions: count, bytes: UInt64(count) * 7 << 20)
      }.expecting("\(count) regions of \(UInt64(count) * 7 << 20) bytes in all")
    }
  }
}

/// A `.tdxmap` of regions of 7 MiB.
private func temporaryMap(regions count: Int) throws -> TemporaryFile {
  let map = try MemoryMap(BenchmarkMap.fragmented("", regions: count).regions())
  return try TemporaryFile(TDXMapFile.bytes(map, convertible: nil, keyIDBits: nil))
}

extension Peer {
  /// Maps the same file and adds up its words: its bytes read once.
  fileprivate static func mappedSum(regions count: Int, of workload: String) -> Peer {
    Peer(.sum, "mapped-sum/\(workload)") {
      let file = try temporaryMap(regions: count)
      let expected = file.contents().withUnsafeBytes(wordSum)
      return Subject(call: { file.withMappedBytes(wordSum) }) { sum in
        sum == expected ? nil : "expected a sum of \(expected), got \(sum.map { "\($0)" } ?? "no file")"
      }
    }
  }
}

/// The sum of the 64-bit words, which wraps.
private func wordSum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
  bytes.bindMemory(to: UInt64.self).reduce(0, &+)
}

private func complaint(about result: Result<Machine, any Error>, regions: Int, bytes: UInt64) -> String? {
  switch result {
  case .failure(let error): return "it was refused: \(error)"
  case .success(let machine):
    let (count, total) = (machine.map.count, machine.map.totalBytes)
    if count == regions && total == bytes { return nil }
    return "expected \(regions) regions of \(bytes) bytes in all, got \(count) of \(total)"
  }
}

extension [UInt8] {
  /// A number in hexadecimal, with zeros before it.
  fileprivate mutating func append(_ value: UInt64, digits: Int) {
    for digit in (0..<digits).reversed() {
      let nibble = UInt8(value >> UInt64(4 * digit) & 15)
      append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
    }
  }
}
