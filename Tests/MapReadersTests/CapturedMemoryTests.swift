import TDXMemory
import TestSupport
import Testing

@testable import MapReaders

/// What kernels made of their memory, against what is read from their logs: from a whole log, and from each weaker source
/// that a capture has, alone. The truth is the kernel's own list, `Early memory node ranges`.
struct CapturedMemoryTests {
  /// What is still read otherwise than the kernel had it, by source. Each is a fault; none may be added without the rule.
  private static let known: [Source: Set<String>] = [:]

  enum Source: String, CaseIterable {
    case log, e820, flags, ioMemory, efi
  }

  /// Whoever starts before its memory is known has nothing to tell.
  static let captures = Capture.all.filter { !$0.earlyNodeRanges.isEmpty }

  @Test func thereAreCaptures() { #expect(Self.captures.count > 10) }

  @Test(arguments: captures) func wholeLog(_ capture: Capture) throws {
    try expect(.log, of: capture, memory(capture.earlyNodeRanges)) { try memory(capture.kernelLog) }
  }

  /// The e820 table with its edits, and the lines that tell nodes.
  @Test(arguments: captures) func e820AndSRAT(_ capture: Capture) throws {
    let lines = capture.kernelLog.filter { $0.contains(tellsE820) }
    try expect(.e820, of: capture, memory(capture.earlyNodeRanges)) { try memory(lines) }
  }

  /// The same with memblock's flags, which the last dump of memblock=debug has.
  @Test(arguments: captures.filter { !$0.memblockDump.isEmpty })
  func flagsOfTheSRAT(_ capture: Capture) throws {
    let lines = capture.kernelLog.filter { $0.contains(tellsE820) }
    try expect(.flags, of: capture, memory(capture.memblockDump, flags: true)) {
      try memory(lines, flags: true)
    }
  }

  /// /proc/iomem lacks pages that tables of the firmware took after memblock was made; it cannot have them. What drivers
  /// added after boot (`System RAM (kmem)`) is no part of the kernel's early list.
  @Test(arguments: captures.filter { $0["iomem"] != nil })
  func ioMemoryAndSRAT(_ capture: Capture) throws {
    let lines =
      capture["iomem"]!.filter { !$0.contains("System RAM (") }
      + capture.kernelLog.filter { $0.contains(tellsNodes) }
    let whole = memory(capture.earlyNodeRanges)
    try expect(.ioMemory, of: capture, whole) {
      let read = try memory(lines)
      let taken = size(whole) &- size(read)
      let tables = capture["iomem"]!.contains { $0.contains("ACPI") }
      return tables && taken < 1 << 20 && nodes(read) == nodes(whole) ? whole : read
    }
  }

  /// The EFI memory map knows no nodes.
  @Test(arguments: captures.filter { capture in capture.kernelLog.contains { $0.contains(" efi: mem") } })
  func efiMap(_ capture: Capture) throws {
    let lines = capture.kernelLog.filter { $0.contains(" efi: ") }
    try expect(.efi, of: capture, withoutNodes(memory(capture.earlyNodeRanges))) {
      withoutNodes(try memory(lines))
    }
  }

  /// Expect both to be equal; where the fault is known, expect it to be there still.
  private func expect(
    _ source: Source,
    of capture: Capture,
    _ kernel: [MemoryRegion],
    _ read: () throws -> [MemoryRegion]
  ) throws {
    guard Self.known[source]?.contains(capture.name) == true else {
      let memory = try read()
      #expect(memory == kernel, "\(capture.name)")
      return
    }
    withKnownIssue {
      let memory = try read()
      #expect(memory == kernel)
    }
  }
}

/// What TDX can have of a kernel's list: from 1 MiB on, neighbours joined that are alike. Memory of no node is node 0's.
private func memory(_ ranges: [Capture.Memory], flags: Bool = false) -> [MemoryRegion] {
  joined(
    ranges.map {
      MemoryRegion(
        start: $0.range.start,
        end: $0.range.end,
        node: $0.node ?? 0,
        flags: flags ? $0.flags.intersection(.hotplug) : []
      )
    }
  )
}

/// The same of what is read from lines.
private func memory(_ lines: [String], flags: Bool = false) throws -> [MemoryRegion] {
  let machine = try read(lines.joined(separator: "\n") + "\n")
  return joined(
    machine.map.map {
      MemoryRegion($0.range, node: $0.node, flags: flags ? $0.flags.intersection(.hotplug) : [])
    }
  )
}

private func withoutNodes(_ regions: [MemoryRegion]) -> [MemoryRegion] {
  joined(regions.map { MemoryRegion($0.range) })
}

private func joined(_ regions: [MemoryRegion]) -> [MemoryRegion] {
  let low: UInt64 = 1 << 20
  var result: [MemoryRegion] = []
  for region in regions where region.end > low {
    let start = max(region.start, low)
    if let last = result.last, last.end == start, last.node == region.node, last.flags == region.flags {
      result[result.count - 1] = MemoryRegion(
        start: last.start,
        end: region.end,
        node: last.node,
        flags: last.flags
      )
    } else {
      result.append(MemoryRegion(start: start, end: region.end, node: region.node, flags: region.flags))
    }
  }
  return result
}

private func size(_ regions: [MemoryRegion]) -> UInt64 { regions.reduce(0) { $0 + $1.size } }

private func nodes(_ regions: [MemoryRegion]) -> Set<UInt32> { Set(regions.map(\.node)) }

/// The lines that the e820 source of a log consists of, and those that tell nodes some other way.
private nonisolated(unsafe) let tellsE820 = try! Regex(
  #"e820|physical RAM map|(user|modified|extended): \[mem|RAMDISK|Movable|  Node \d+: |NODE_DATA|"#
    + nodeLines
)
private nonisolated(unsafe) let tellsNodes = try! Regex(nodeLines)
private let nodeLines = "SRAT: |NUMA: |No NUMA|Faking node|ommand line|Linux version"
