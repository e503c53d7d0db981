import TDXMemory

/// What stands in a log near lines that have a keyword, and has none itself.
///
/// More keywords would slow the search for all of them: their anchors have five sums, and none of these has one of them.
extension Boot {
  /// Reads the lines behind a line that has been read.
  mutating func readNeighbours(of keyword: Keyword, _ lines: inout LogLines) {
    switch keyword {
    case .linuxVersion: readCommandLine(lines)
    case .earlyHeading:
      // memblock=debug prints each call in between.
      let reach = dump.printed > 0 ? 16 * Self.blockSizeReach : Self.blockSizeReach
      readBlockSize(TextCursor(from: lines.position, to: lines.end), limit: reach)
    case .movableHeading: readMovableStarts(&lines)
    case .ramMapHeading:
      if board == nil {
        let reach = min(lines.end - lines.position, Self.boardReach)
        board = BoardName.first(in: TextCursor(from: lines.position, to: lines.position + reach))
      }
    default: break
    }
  }

  /// `Command line: …` comes right behind the version.
  private mutating func readCommandLine(_ lines: LogLines) {
    var ahead = lines
    for _ in 0..<3 {
      guard let line = ahead.next()?.text else { return }
      guard let found = line.find("ommand line: ", by: 7) else { continue }
      var words = TextCursor(from: found, to: line.end)
      _ = words.take("ommand line: ")
      while !words.isAtEnd {
        let word = words.take { !isBlank($0) }
        if word.equals("movable_node") { affinity.reservations.isMovableNode = true }
        if word.starts(with: "mem=") || word.starts(with: "memmap=") { isMapOfUser = true }
        words.takeBlanks()
      }
      return
    }
  }

  /// How far `Memory block size` is behind the node ranges: 5 KiB in guests; each processor prints a line or two.
  private static let blockSizeReach = 64 << 10

  /// How far the machine's name is behind firmware's map, of which 200 lines have 16 KiB.
  private static let boardReach = 24 << 10

  /// Looks for both in the whole of a short text: lines that somebody picked.
  mutating func readScatteredLines(of bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
      bytes.count <= Self.blockSizeReach
    else { return }
    let text = TextCursor(from: base, to: base + bytes.count)
    if blockSize == nil { readBlockSize(text, limit: Self.blockSizeReach) }
    if board == nil { board = BoardName.first(in: text) }
  }

  /// `x86/mm: Memory block size: 128MB` (`probe_memory_block_size`).
  mutating func readBlockSize(_ text: TextCursor, limit: Int) {
    var text = TextCursor(from: text.position, to: text.position + min(text.count, limit))
    guard let found = text.find("x86/mm: Memory block size: ", by: 3) else { return }
    text = TextCursor(from: found, to: text.end)
    _ = text.take("x86/mm: Memory block size: ")
    guard let megabytes = text.takeDecimal(), text.take("MB") else { return }
    let (bytes, overflow) = megabytes.multipliedReportingOverflow(by: 1 << 20)
    if !overflow, bytes > 0 { blockSize = bytes }
  }

  /// `Movable zone start for each node`, and a line for each that has one: `  Node 0: 0x0000000181800000`; before 3.5 as
  /// a page frame, `    0: 1579008`.
  private mutating func readMovableStarts(_ lines: inout LogLines) {
    movableStarts = [:]
    var ahead = lines
    while let line = ahead.next()?.text, readMovableStart(line.trimmed) { lines = ahead }
    affinity.reservations.movableNodes = Set(movableStarts.keys)
  }

  private mutating func readMovableStart(_ line: TextCursor) -> Bool {
    var front = line
    let number = front.dropLast { !isBlank($0) }
    guard front.dropLast(": ") else { return false }
    var node = front.dropLast(while: isDecimal)
    let isNamed = front.endsWithWord("Node ") || front.isAtEnd || front.ends(with: "  ")
    guard !node.isAtEnd, isNamed, let nodeNumber = try? node.takeNode() else { return false }
    var address = number
    if let start = address.takeHex(), address.isAtEnd {
      movableStarts[nodeNumber] = start
      return true
    }
    var frame = number
    guard let pages = frame.takeDecimal(), frame.isAtEnd else { return false }
    movableStarts[nodeNumber] = pages.multipliedSaturated(by: pageSize)
    return true
  }
}
