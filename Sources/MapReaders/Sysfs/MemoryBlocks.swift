import SystemIO
import TDXMemory

extension SysfsDirectory {
  /// `/sys/devices/system/memory`: block N covers `[N x size, (N + 1) x size)`. Offline blocks are memory too.
  static func readMemoryBlocks(
    _ path: String,
    _ names: [String]
  ) throws(InputError) -> Findings {
    let size = try number("\(path)/block_size_bytes") { $0.takeHexDigits() }
    guard size > 0 else {
      throw InputError(kind: .badData, file: "\(path)/block_size_bytes", message: "the block size is 0")
    }
    var blocks: [(index: UInt64, name: String)] = []
    for name in names {
      let index = withCursor(name) { name in
        var name = name
        guard name.take("memory"), let index = name.takeDecimal(), name.isAtEnd else { return UInt64?.none }
        return index
      }
      if let index { blocks.append((index, name)) }
    }
    var list = RangeList()
    var offline = 0
    for block in blocks.sorted(by: { $0.index < $1.index }) {
      let start = block.index.multipliedSaturated(by: size)
      let range = AddressRange(unchecked: start, start.addingSaturated(size))
      if try line("\(path)/\(block.name)/state") != "online" { offline += 1 }
      list.append(ListedRange(range: range, node: try node(ofBlock: "\(path)/\(block.name)")))
    }
    var findings = Findings()
    findings.add(list, from: .memoryBlocks, file: path)
    findings.blockSize = size
    if offline > 0 { findings.notes.append(offlineNote(offline, file: path)) }
    return findings
  }

  /// A block has a link per node; one with memory of two nodes has two, and its node is not known.
  private static func node(ofBlock path: String) throws(InputError) -> UInt32? {
    let nodes = try reading { () throws(SystemError) in try namesInFolder(path) }.compactMap { name in
      name.hasPrefix("node") ? UInt32(name.dropFirst(4)) : nil
    }
    return nodes.count == 1 ? nodes[0] : nil
  }
}

/// Linux keeps an offline block in memblock, so it counts as memory.
func offlineNote(_ count: Int, file: String) -> String {
  let blocks = count == 1 ? "1 range or block is" : "\(count) ranges or blocks are"
  return "\(file): \(blocks) not online; offline memory is memory to memblock and is counted."
}
