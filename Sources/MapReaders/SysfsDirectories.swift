import TDXMemory

/// Directories of /sys, or copies of them.
enum SysfsDirectory {
  static func read(_ path: String) throws(InputError) -> Findings {
    let names = try directoryEntries(path)
    if names.contains("block_size_bytes") { return try readMemoryBlocks(path, names) }
    let numbered = names.filter { !$0.isEmpty && $0.utf8.allSatisfy(isDecimal) }
    if !numbered.isEmpty { return try readFirmwareMemmap(path, numbered) }
    throw InputError(
      kind: .badData,
      file: path,
      message: "the directory is neither /sys/firmware/memmap (0/start, 0/end, 0/type) "
        + "nor /sys/devices/system/memory (block_size_bytes)"
    )
  }

  /// `/sys/firmware/memmap/N/{start,end,type}`: what firmware said, before the kernel's edits; in any order.
  private static func readFirmwareMemmap(
    _ path: String,
    _ names: [String]
  ) throws(InputError) -> Findings {
    var list = RangeList()
    for name in names {
      let entry = "\(path)/\(name)"
      guard try smallFile("\(entry)/type") == "System RAM" else { continue }
      let first = try number("\(entry)/start") { $0.takeHex() }
      let last = try number("\(entry)/end") { $0.takeHex() }
      guard first <= last else {
        throw InputError(kind: .badData, file: entry, message: "the range ends before it starts")
      }
      list.append(ListedRange(range: AddressRange(unchecked: first, last.addingSaturated(1))))
    }
    var findings = Findings()
    findings.add(list, from: .firmwareMemmap, file: path)
    return findings
  }

  /// `/sys/devices/system/memory`: block N covers `[N x size, (N + 1) x size)`. Offline blocks are memory too.
  private static func readMemoryBlocks(
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
      if try smallFile("\(path)/\(block.name)/state") != "online" { offline += 1 }
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
    let nodes = try directoryEntries(path).compactMap { name in
      name.hasPrefix("node") ? UInt32(name.dropFirst(4)) : nil
    }
    return nodes.count == 1 ? nodes[0] : nil
  }

  private static func number(
    _ path: String,
    _ take: (inout TextCursor) -> UInt64?
  ) throws(InputError) -> UInt64 {
    let text = try smallFile(path)
    let value = withCursor(text) { cursor in
      var cursor = cursor
      let value = take(&cursor)
      return cursor.trimmed.isAtEnd ? value : nil
    }
    guard let value else {
      throw InputError(
        kind: .badData,
        file: path,
        line: 1,
        text: text,
        message: "this is not a 64-bit hexadecimal number"
      )
    }
    return value
  }
}

/// Linux keeps an offline block in memblock, so it counts as memory.
func offlineNote(_ count: Int, file: String) -> String {
  let blocks = count == 1 ? "1 range or block is" : "\(count) ranges or blocks are"
  return "\(file): \(blocks) not online; offline memory is memory to memblock and is counted."
}
