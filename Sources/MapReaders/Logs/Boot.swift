import TDXMemory
import TDXMessages

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
  var xen = XenMapReader()
  var memblockCalls = MemblockCallsReader()
  var lsmem = LsmemTextReader()
  /// The table that the last line was of, where the next line may say the same of another range.
  private(set) var table: RangeTable?
  /// Where ZONE_MOVABLE starts on nodes that have it from boot on.
  var movableStarts: [UInt32: UInt64] = [:]
  /// The size of a memory block in bytes, as it is printed.
  var blockSize: UInt64?
  /// mem= or memmap= on the command line, or `user-defined physical RAM map:`: they change what firmware gave.
  var isMapOfUser = false
  var hasLinuxVersion = false
  /// What `Linux version` says.
  var kernelRelease: KernelRelease?
  var hasFirmwareHeading = false
  /// Which machine it is.
  var board: BoardName?

  /// Whether the kernel is one that prints an SRAT without keywords, and may do so yet.
  private var mayPrintOldSRAT = false

  /// Whether a map can come of it.
  var hasMemory: Bool { hasRanges || tdx.convertible.map { !$0.isEmpty } ?? false }

  /// Whether there is memory, not just what may be.
  var hasRanges: Bool {
    !memblock.list.isEmpty || !earlyNodes.list.isEmpty || !dump.list.isEmpty || e820.hasUsable
      || !ioMemory.list.isEmpty || !efi.list.isEmpty || !xen.list.isEmpty || !memblockCalls.isEmpty
      || !lsmem.list.isEmpty
  }

  /// Whether the next line may mean something without a keyword.
  var readsEveryLine: Bool { zones.isInsideZone || context.readsEveryLine }

  /// Which lines without a keyword may come next.
  struct Context {
    var isInsidePageFrames = false
    var mayPrintOldSRAT = false

    var readsEveryLine: Bool { isInsidePageFrames || mayPrintOldSRAT }
  }

  var context: Context {
    get {
      Context(isInsidePageFrames: earlyNodes.isInsidePageFrames, mayPrintOldSRAT: mayPrintOldSRAT)
    }
    set {
      earlyNodes.isInsidePageFrames = newValue.isInsidePageFrames
      mayPrintOldSRAT = newValue.mayPrintOldSRAT
    }
  }

  /// Reads a line that may be of a list whose lines have no keyword.
  ///
  /// - Returns: what the line was, if it has been read to its end.
  mutating func readWithoutKeyword(
    _ line: TextCursor,
    number: Int,
    readsLsmem: Bool
  ) throws(BrokenLine) -> LineKind? {
    if try zones.readInsideZone(line, number: number) { return zones.isInsideZone ? .other : .heading(.zone) }
    if try earlyNodes.readPageFrames(line, number: number) { return .row(.pageFrames) }
    if try affinity.readOldSRAT(line, number: number) { return .row(.oldSRAT) }
    return readsLsmem ? try lsmem.read(line, number: number) : nil
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
    table = nil
    switch keyword {
    case .memoryRange:
      return try readMemoryRange(before: before, after: after, line: line)
    case .oldE820:
      guard try e820.readOldEntry(after: after, line: line) else { return false }
      mayPrintOldSRAT = true
      return true
    case .oldEdit:
      return try e820.readOldEdit(before: before, after: after)
    case .halfOpenUsable:
      return try readBareRange(before: before, line: line)
    case .pageFrameHeading:
      mayPrintOldSRAT = false
      return earlyNodes.readPageFrameHeading(before: before)
    case .memblockCall:
      table = try memblockCalls.readCall(after: after, line: line).map(RangeTable.memblockCalls)
      return table != nil
    case .ramMapHeading:
      return readRAMMapHeading(before: before, after: after)
    case .systemRAM:
      table = try ioMemory.readEntry(before: before, after: after, line: line).map(RangeTable.ioMemory)
      return table != nil
    case .earlyHeading:
      earlyNodes.readHeading()
      return true
    case .debugfsRange:
      table = try memblock.readEntry(before: before, after: after, line: line, mayBeCut: mayBeCut).map(
        RangeTable.memblock
      )
      return table != nil
    case .dumpEntry:
      table = try dump.readEntry(after: after, line: line).map(RangeTable.dump)
      return table != nil
    case .dumpCount:
      return dump.readCount(after: after)
    case .efiRange:
      table = try efi.readEntry(before: before, after: after, line: line).map(RangeTable.efi)
      return table != nil
    case .convertible:
      return try tdx.readConvertible(before: before, after: after, line: line)
    case .tdx:
      return try tdx.readMessage(before: before, after: after, line: line)
    case .kvm where !before.ends(with: "kvm_") && !before.ends(with: "kvm-"):
      return false
    case .seamcall, .kvm, .kexecPlatform, .disabledByBIOS, .unsupportedByBIOS, .keyIDsAvailable,
      .inconsistentProcessors:
      return tdx.readMessage(in: TextCursor(from: before.position, to: after.end), line: line)
    case .noNUMA:
      affinity.isSingleNode = true
      return true
    case .zone:
      return zones.readHeading(before: before, line: line)
    case .runtimeMap:
      efi.readRuntimeHeading()
      return true
    case .movableHeading:
      return true  // The lines behind it: Neighbours.
    case .kernelBSS:
      return ioMemory.readKernelImage(before: before)
    case .brokenBeforeRange, .brokenBehindTable, .brokenName:
      return false  // A sign of what lies around: LogReader.
    case .linuxVersion:
      return false  // Begins a boot: LogReader.
    case .usableRange:
      return false  // What is left of a row whose `[mem ` is broken: LogReader.
    }
  }

  /// `[mem 0x..-0x..]` stands in many lines; what is before it tells which.
  private mutating func readMemoryRange(
    before: TextCursor,
    after: TextCursor,
    line: Int
  ) throws(BrokenLine) -> Bool {
    if before.ends(with: ": ") {
      if affinity.reservations.readInitrd(before: before, after: after) { return true }
      if try earlyNodes.readEntry(before: before, after: after, line: line) {
        table = .earlyNodes(range: after.position)
      } else if try e820.readEntry(before: before, after: after, line: line) {
        table = .e820(range: after.position)
      }
      return table != nil
    }
    if try affinity.readSRAT(before: before, after: after, line: line) { return true }
    if try affinity.readJoin(before: before, after: after, line: line) { return true }
    if try affinity.readFakeNode(before: before, after: after, line: line) { return true }
    if affinity.reservations.read(before: before, after: after) { return true }
    return try e820.readEdit(before: before, after: after)
  }

  /// `H - H (usable)`: of a table of an old kernel, whoever printed it, or of Xen.
  private mutating func readBareRange(before: TextCursor, line: Int) throws(BrokenLine) -> Bool {
    var before = before
    guard let range = try before.dropLastBareRange() else { return false }
    mayPrintOldSRAT = true
    return e820.readOldUsable(before: before, range: range, line: line)
      || xen.readUsable(before: before, range: range, line: line)
  }

  /// Reads the lines that differ from the last one, which was of a table, in their numbers alone.
  mutating func readLines(of table: RangeTable, like line: LogLine, from lines: inout LogLines) {
    let (start, end) = (line.text.position, lines.position)
    switch table {
    case .earlyNodes(let range):
      guard let shape = RangeLineShape(line: start, to: end, range: range) else { return }
      earlyNodes.readEntries(like: shape, from: &lines)
    case .e820(let range):
      guard let shape = RangeLineShape(line: start, to: end, range: range) else { return }
      e820.readEntries(like: shape, from: &lines)
    case .memblock(let places):
      guard let shape = NumberedLineShape(line: start, to: end, places) else { return }
      memblock.readEntries(like: shape, from: &lines)
    case .dump(let places):
      guard let shape = NumberedLineShape(line: start, to: end, places) else { return }
      dump.readEntries(like: shape, from: &lines)
    case .efi(let places):
      guard let shape = NumberedLineShape(line: start, to: end, places) else { return }
      efi.readEntries(like: shape, from: &lines)
    case .ioMemory(let places):
      guard let shape = NumberedLineShape(line: start, to: end, places) else { return }
      ioMemory.readEntries(like: shape, from: &lines)
    case .memblockCalls(let places):
      guard let shape = NumberedLineShape(line: start, to: end, places) else { return }
      memblockCalls.readEntries(like: shape, from: &lines)
    }
  }

  private mutating func readRAMMapHeading(before: TextCursor, after: TextCursor) -> Bool {
    let ofFirmware = before.ends(with: "BIOS-provided ") || before.ends(with: "Xen-provided ")
    let isUserDefined = before.ends(with: "user-defined ")
    guard
      ofFirmware || isUserDefined || before.ends(with: "extended ") || before.ends(with: "modified ")
    else { return false }
    if isUserDefined { isMapOfUser = true }
    e820.readHeading(ofFirmware: ofFirmware, from: before.position, to: after.end)
    return true
  }
}

/// What a line was that has been read.
enum LineKind {
  /// A row of a table.
  case row(RowKind)
  /// What rows of a table stand behind.
  case heading(RowKind)
  case other
}

/// A table whose lines have a range each and are alike otherwise, and where in the last line its numbers stand.
enum RangeTable {
  case earlyNodes(range: UnsafePointer<UInt8>)
  case e820(range: UnsafePointer<UInt8>)
  case memblock(NumberPlaces)
  case dump(NumberPlaces)
  case efi(NumberPlaces)
  case ioMemory(NumberPlaces)
  case memblockCalls(NumberPlaces)
}
