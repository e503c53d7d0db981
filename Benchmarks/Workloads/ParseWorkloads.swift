import BenchmarkKit
import MapReaders
import Pastings
import TDXMemory

// Every text form that memory is described in, from bytes in memory to a checked machine. Read them in bytes per second
// and against memchr: a reader cannot be faster than the search for the ends of its lines. A surprise to look for: one
// format far below the others, or allocations that grow with the lines.

/// - Parameter isWanted: asked for each name. Texts are written for those alone.
func parseWorkloads(_ isWanted: (String) -> Bool = { _ in true }) throws -> [Workload] {
  var workloads: [Workload] = []
  func add(_ name: String, _ make: (String) throws -> Workload) rethrows {
    if isWanted("parse/\(name)") { workloads.append(try make(name)) }
  }
  try add("dmesg/emr-issue135") { name in
    let map = try CapturedMap.emrIssue135.map
    let log = PackageResources.tdx_emr_2024_issue135_log
    return .parse(
      name,
      why: "The log of a real host: what a person who runs `plan` on a log waits for.",
      log,
      lines: log.count { $0 == UInt8(ascii: "\n") },
      regions: map.count,
      bytes: map.totalBytes
    )
  }
  add("dmesg/server-boot") { .parseServerBoot($0) }
  for format in TextFormat.allCases {
    add(format.rawValue) { _ in .parse(format, regions: format.regions) }
  }
  let pastings: [(Pasting, String, String)] = [
    (.colours, "escapes/e820-1e3", "A coloured log: escape sequences to take off its lines."),
    (
      .journal, "journal-json/e820-1e3",
      "A journal as journalctl -o json prints it: an object a line, its message among other members."
    ),
    (
      .quotedPrintable, "quoted-printable/e820-1e3",
      "A log out of a mail's source: codes to undo, and lines to join that were broken."
    ),
    (.gzip, "gzip/e820-1e3", "A packed log: unpacked in memory, then read as any other."),
  ]
  for (pasting, name, why) in pastings { add(name) { .parse(pasting, $0, why: why) } }
  return workloads
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

  /// 1,000 regions as a log of the e820 table that a tool has wrapped.
  fileprivate static func parse(_ pasting: Pasting, _ name: String, why: String) -> Workload {
    let count = 1000
    let regions = BenchmarkMap.fragmented("", regions: count).regions()
    let text = pasting.apply(to: TextFormat.e820.text(of: regions))
    return parse(
      name,
      why: why,
      text,
      lines: text.count { $0 == UInt8(ascii: "\n") },
      regions: count,
      bytes: UInt64(count) * 7 << 20
    )
  }

  /// A log of which almost no line is about memory.
  fileprivate static func parseServerBoot(_ name: String) -> Workload {
    let map = BenchmarkMap.server2S
    let regions = map.regions()
    let text = BootLog.text(memory: regions, devices: 20_000)
    return parse(
      name,
      why:
        "1.5 MB of a server's boot with 8 lines of memory: how fast a reader gets past what it does not need.",
      text,
      lines: 20_000 + regions.count + 1,
      regions: regions.count,
      bytes: regions.reduce(0) { $0 + $1.size }
    )
  }
}

/// What is wrong with a machine that was read; nil where it is as expected.
func complaint(about result: Result<Machine, any Error>, regions: Int, bytes: UInt64) -> String? {
  switch result {
  case .failure(let error): return "it was refused: \(error)"
  case .success(let machine):
    let (count, total) = (machine.map.count, machine.map.totalBytes)
    if count == regions && total == bytes { return nil }
    return "expected \(regions) regions of \(bytes) bytes in all, got \(count) of \(total)"
  }
}
