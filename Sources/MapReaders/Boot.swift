import TDXMemory

/// What one boot of a machine said, or one set of files about it.
struct Boot {
  var memblock = MemblockReader()
  var earlyNodes = EarlyNodeRangesReader()
  var dump = MemblockDumpReader()
  var e820 = E820Reader()
  var ioMemory = IOMemReader()
  var efi = EFIMapReader()
  var affinity = NodeAffinity()
  var zones = ZoneinfoReader()
  var tdx = TDXReader()
  var hasLinuxVersion = false
  var hasFirmwareHeading = false

  /// Whether a map can come of it.
  var hasMemory: Bool {
    !memblock.list.isEmpty || !earlyNodes.list.isEmpty || !dump.list.isEmpty || e820.hasUsable
      || !ioMemory.list.isEmpty || !efi.list.isEmpty || tdx.convertible.map { !$0.isEmpty } ?? false
  }

  /// Reads a line from one of its keywords on.
  ///
  /// - Returns: whether the line has been read to its end.
  mutating func read(
    _ keyword: Keyword,
    before: TextCursor,
    after: TextCursor,
    line: Int,
    mayBeCut: Bool
  ) throws(BrokenLine) -> Bool {
    switch keyword {
    case .memoryRange:
      return try readMemoryRange(before: before, after: after, line: line)
    case .oldE820:
      return try e820.readOldEntry(after: after, line: line)
    case .ramMapHeading:
      return readRAMMapHeading(before: before)
    case .systemRAM:
      return try ioMemory.readEntry(before: before, after: after, line: line)
    case .earlyHeading:
      earlyNodes.readHeading()
      return true
    case .debugfsRange:
      return try memblock.readEntry(before: before, after: after, line: line, mayBeCut: mayBeCut)
    case .dumpEntry:
      return try dump.readEntry(after: after, line: line)
    case .dumpCount:
      return dump.readCount(after: after)
    case .efiRange:
      return try efi.readEntry(before: before, after: after, line: line)
    case .convertible:
      return try tdx.readConvertible(before: before, after: after, line: line)
    case .tdx:
      return try tdx.readMessage(after: after)
    case .noNUMA:
      affinity.isSingleNode = true
      return true
    case .zone:
      return zones.readHeading(before: before, line: line)
    case .linuxVersion:
      return false  // Begins a boot: LogReader.
    }
  }

  /// `[mem 0x..-0x..]` stands in many lines; what is before it tells which.
  private mutating func readMemoryRange(
    before: TextCursor,
    after: TextCursor,
    line: Int
  ) throws(BrokenLine) -> Bool {
    if before.ends(with: ": ") {
      if try earlyNodes.readEntry(before: before, after: after, line: line) { return true }
      return try e820.readEntry(before: before, after: after, line: line)
    }
    if try affinity.readSRAT(before: before, after: after, line: line) { return true }
    if try affinity.readJoin(before: before, after: after, line: line) { return true }
    return try e820.readEdit(before: before, after: after)
  }

  private mutating func readRAMMapHeading(before: TextCursor) -> Bool {
    let headings: [StaticString] = [
      "BIOS-provided ", "user-defined ", "extended ", "modified ", "Xen-provided ",
    ]
    guard headings.contains(where: { before.ends(with: $0) }) else { return false }
    e820.restart()
    return true
  }

}
