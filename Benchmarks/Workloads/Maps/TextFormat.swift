import TDXMemory

/// The forms of regions as text.
enum TextFormat: String, CaseIterable {
  case nodeRanges = "dmesg/node-ranges-1e4"
  case e820 = "dmesg/e820-1e4"
  case e820WithSRAT = "dmesg/e820-srat-1e4"
  case efi = "dmesg/efi-1e4"
  case memblockDump = "dmesg/memblock-dump-1e4"
  case memblock = "memblock/1e4"
  case iomem = "iomem/1e4"
  case json = "json/1e4"
  case lsmem = "lsmem/1e3"
  case lsmemText = "lsmem-text/1e4"
  case earlyNodeMap = "early-node-map/1e4"
  case oldE820WithSRAT = "srat-old/1e4"
  case xen = "xen/1e4"
  case memblockAdd = "memblock-add/1e4"

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
    case .lsmem: "1,000 ranges as lsmem --json lists memory blocks: objects of five members, a row each."
    case .lsmemText: "10,000 ranges as lsmem prints them: a table whose heading says what each column is."
    case .earlyNodeMap: "The same as kernels before 3.3 list it: page frames, with a node before them."
    case .oldE820WithSRAT:
      "The same as kernels before 3.5 print the e820 table and the SRAT: bare digits, half-open."
    case .xen: "The same as a Xen hypervisor prints the machine's e820 table: lines without a keyword."
    case .memblockAdd: "The same as memblock=debug prints it, call by call: the memory that all calls leave."
    }
  }

  /// The lines before those of the regions.
  var headLines: [String] {
    switch self {
    case .nodeRanges: ["[    0.000000] Early memory node ranges"]
    case .e820, .e820WithSRAT, .oldE820WithSRAT: ["[    0.000000] BIOS-provided physical RAM map:"]
    case .memblockDump: ["[    0.000000] MEMBLOCK configuration:", "[    0.000000]  memory.cnt  = 0x2710"]
    case .json: [#"{"regions":["#]
    case .lsmem: [#"{"memory":["#]
    case .lsmemText: ["RANGE                                 SIZE  STATE REMOVABLE NODE"]
    case .earlyNodeMap: ["[    0.000000] early_node_map[10000] active PFN ranges"]
    case .xen: ["(XEN) Xen-e820 RAM map:"]
    case .efi, .memblock, .iomem, .memblockAdd: []
    }
  }

  var tailLines: [String] {
    switch self {
    case .json, .lsmem: ["]}"]
    case .e820WithSRAT: ["[    0.016000] ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0xfffffffffff]"]
    case .lsmemText:
      ["", "Memory block size:         1M", "Total online memory:   68.4G", "Total offline memory:      0B"]
    case .earlyNodeMap: ["[    0.000000] On node 0 totalpages: 17920000"]
    case .oldE820WithSRAT: ["[    0.000000] SRAT: Node 0 PXM 0 0-100000000000"]
    case .xen: ["(XEN) System RAM: 70000MB (71680000kB)"]
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
    case .lsmemText:
      text += "0x".utf8
      text.append(start, digits: 16)
      text += "-0x".utf8
      text.append(last, digits: 16)
      text += "   7M online       yes    0".utf8
    case .earlyNodeMap:
      text += "[    0.000000]     0: 0x".utf8
      text.append(start >> 12, digits: 8)
      text += " -> 0x".utf8
      text.append(region.end >> 12, digits: 8)
    case .oldE820WithSRAT:
      text += "[    0.000000]  BIOS-e820: ".utf8
      text.append(start, digits: 16)
      text += " - ".utf8
      text.append(region.end, digits: 16)
      text += " (usable)".utf8
    case .xen:
      text += "(XEN)  ".utf8
      text.append(start, digits: 16)
      text += " - ".utf8
      text.append(region.end, digits: 16)
      text += " (usable)".utf8
    case .memblockAdd:
      text += "[    0.000000] memblock_add: [0x".utf8
      text.append(start, digits: 16)
      text += "-0x".utf8
      text.append(last, digits: 16)
      text += "] e820__memblock_setup+0x70/0x110".utf8
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

extension [UInt8] {
  /// A number in hexadecimal, with zeros before it.
  fileprivate mutating func append(_ value: UInt64, digits: Int) {
    for digit in (0..<digits).reversed() {
      let nibble = UInt8(value >> UInt64(4 * digit) & 15)
      append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
    }
  }
}
