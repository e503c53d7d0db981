import SystemIO
import TDXMemory

extension SysfsDirectory {
  /// `/sys/devices/system/memory`: block N covers `[N x size, (N + 1) x size)`. Offline blocks are memory too.
  func readMemoryBlocks(
    _ path: String,
    _ names: [String]
  ) throws(InputError) -> Findings {
    let size = try number("\(path)/block_size_bytes") { $0.takeHexDigits() }
    guard size > 0 else {
      throw InputError(kind: .badData, file: "\(path)/block_size_bytes", message: "the block size is 0")
    }
    let blocks = Self.numbers(after: "memory", in: names).map { (index: $0, name: "memory\($0)") }
    var findings = Findings()
    var list = RangeList()
    var offline = 0
    for block in blocks.sorted(by: { $0.index < $1.index }) {
      let start = block.index.multipliedSaturated(by: size)
      let range = AddressRange(unchecked: start, start.addingSaturated(size))
      if try line("\(path)/\(block.name)/state") != "online" { offline += 1 }
      // A block with memory of two nodes has two links, and its node is not known.
      let nodes = Self.numbers(after: "node", in: try folder("\(path)/\(block.name)"))
        .compactMap { UInt32(exactly: $0) }
      list.append(ListedRange(range: range, node: nodes.count == 1 ? nodes[0] : nil))
      findings.affinity.blockLinks += nodes.map { NodeAffinity.BlockLink(block: block.index, node: $0) }
    }
    findings.add(list, from: .memoryBlocks, file: path)
    findings.blockSize = size
    if offline > 0 { findings.notes.append(offlineNote(offline, file: path)) }
    if names.contains("auto_online_blocks"), try line("\(path)/auto_online_blocks") != "offline" {
      findings.notes.append(
        "\(path): memory that is added goes online by itself (auto_online_blocks); a script says `auto-online online`."
      )
    }
    return findings
  }

  /// `/sys/devices/system/node`: nodeN has a link memoryM for each block with memory of the node.
  func readNodes(_ path: String, _ nodes: [UInt64]) throws(InputError) -> Findings {
    var findings = Findings()
    for node in nodes {
      guard let node = UInt32(exactly: node) else { continue }
      for block in Self.numbers(after: "memory", in: try folder("\(path)/node\(node)")) {
        findings.affinity.blockLinks.append(NodeAffinity.BlockLink(block: block, node: node))
      }
    }
    return findings
  }

  /// The numbers of names such as `node0`.
  static func numbers(after word: StaticString, in names: [String]) -> [UInt64] {
    names.compactMap { name in
      withCursor(name) { name in
        var name = name
        guard name.take(word), let number = name.takeDecimal(), name.isAtEnd else { return UInt64?.none }
        return number
      }
    }
  }
}

/// Linux keeps an offline block in memblock, so it counts as memory.
func offlineNote(_ count: Int, file: String) -> String {
  let blocks = count == 1 ? "1 range or block is" : "\(count) ranges or blocks are"
  return "\(file): \(blocks) not online; offline memory is memory to memblock and is counted."
}
