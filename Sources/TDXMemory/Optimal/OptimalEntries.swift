/// Writes the TDMR_INFO entries of an optimal plan, with the fewest reserved areas for its holes and PAMTs: those with
/// no memory between them that must stay available are one.
struct OptimalEntries: ~Copyable {
  private var buffer = UnsafeMutableRawBufferPointer.allocate(
    byteCount: TDMRInfo.alignment,
    alignment: TDMRInfo.alignment
  )
  private var offsets = Scratch<Int>()
  private var nodes = Scratch<UInt32>()
  private var pieces = Scratch<PAMTPiece>()
  private var sparePieces = Scratch<PAMTPiece>()
  private var count = 0
  /// The reserved areas in all entries.
  private(set) var areas = 0

  init() {}

  deinit { buffer.deallocate() }

  /// What was written; good until the next `write`.
  func plan(_ end: Plan.End, pamtBytes: UInt64 = 0, proved: Bool? = nil) -> Plan {
    Plan(
      tdmrs: TDMRInfoTable(
        bytes: UnsafeRawPointer(buffer.baseAddress!),
        offsets: UnsafeBufferPointer(start: offsets.base, count: count + 1)
      ),
      nodes: nodes.base,
      pamtBytes: pamtBytes,
      warnings: .silent,
      end: end,
      proved: proved
    )
  }

  /// No entries.
  mutating func clear() {
    offsets.reserve(1)
    offsets[0] = 0
    (count, areas) = (0, 0)
  }

  /// Writes the entries, their PAMTs placed.
  mutating func write(
    _ tdmrs: UnsafeMutableBufferPointer<CoveredTDMR>,
    _ stretches: borrowing MemoryStretches
  ) {
    reserve(tdmrs)
    let pieces = sortedPieces(tdmrs)
    var piece = 0
    count = 0
    areas = 0
    offsets[0] = 0
    for tdmr in tdmrs {
      // PAMTs lie in TDMRs; one that crosses a border is met in both.
      while piece < pieces.count, pieces[piece].end <= tdmr.range.start { piece += 1 }
      var entry = EntryCursor(buffer.baseAddress! + offsets[count], tdmr)
      var next = piece
      var index = tdmr.stretch
      entry.reserve(from: tdmr.range.start, to: holeEnd(before: index, stretches))
      while index < stretches.count, stretches[index].start < tdmr.range.end {
        let stretch = stretches[index]
        entry.pass(from: stretch.start)
        while next < pieces.count, pieces[next].start < min(stretch.end, tdmr.range.end) {
          let piece = pieces[next]
          entry.pass(to: piece.start)
          entry.reserve(from: piece.start, to: piece.end)
          guard piece.end <= min(stretch.end, tdmr.range.end) else { break }
          next += 1
        }
        entry.pass(to: stretch.end)
        if stretch.hasHole { entry.reserve(from: stretch.holeStart, to: stretch.holeEnd) }
        index += 1
      }
      areas += entry.areas
      nodes[count] = tdmr.node
      offsets[count + 1] = offsets[count] + entry.finish()
      count += 1
    }
  }

  private func holeEnd(before index: Int, _ stretches: borrowing MemoryStretches) -> UInt64 {
    index > 0 ? stretches[index - 1].holeEnd : stretches.leadingHoleEnd
  }

  private mutating func reserve(_ tdmrs: UnsafeMutableBufferPointer<CoveredTDMR>) {
    offsets.reserve(tdmrs.count + 1)
    nodes.reserve(tdmrs.count)
    pieces.reserve(3 * tdmrs.count)
    sparePieces.reserve(3 * tdmrs.count)
    let bytes = tdmrs.reduce(0) { $0 + Self.entryBytes($1.holes + $1.extraAreas) }
    guard bytes > buffer.count else { return }
    buffer.deallocate()
    buffer = .allocate(byteCount: bytes, alignment: TDMRInfo.alignment)
  }

  private static func entryBytes(_ areas: Int) -> Int {
    (TDMRInfo.headerBytes + areas * TDMRInfo.reservedAreaBytes + TDMRInfo.alignment - 1)
      & ~(TDMRInfo.alignment - 1)
  }

  /// All PAMTs by address: those of no bytes left out, and what lies side by side in one piece.
  private mutating func sortedPieces(
    _ tdmrs: UnsafeMutableBufferPointer<CoveredTDMR>
  ) -> UnsafeMutableBufferPointer<PAMTPiece> {
    var count = 0
    for tdmr in tdmrs {
      for level in PAMTLevel.allCases where tdmr.size(level) > 0 {
        let piece = PAMTPiece(start: tdmr.base(level), end: tdmr.base(level) + tdmr.size(level))
        if count > 0, pieces[count - 1].end == piece.start {
          pieces.base[count - 1].end = piece.end
        } else {
          pieces[count] = piece
          count += 1
        }
      }
    }
    return radixSorted(
      UnsafeMutableBufferPointer(start: pieces.base, count: count),
      spare: UnsafeMutableBufferPointer(start: sparePieces.base, count: count)
    )
  }
}

/// Memory that PAMTs fill without a gap.
private struct PAMTPiece: RadixSortable {
  var start: UInt64
  var end: UInt64

  var key: UInt64 { start }
}

/// Writes one entry: walks over its TDMR by address.
private struct EntryCursor {
  private let words: UnsafeMutablePointer<UInt64>
  private let tdmr: AddressRange
  private(set) var areas = 0
  /// The area that is open, empty where none is: what is reserved next joins it, unless memory that must stay available
  /// lies between.
  private var area = AddressRange(unchecked: .max, .max)
  /// How far memory has been walked over.
  private var position: UInt64

  init(_ bytes: UnsafeMutableRawPointer, _ tdmr: CoveredTDMR) {
    words = bytes.assumingMemoryBound(to: UInt64.self)
    self.tdmr = tdmr.range
    position = tdmr.range.start
    words[0] = tdmr.range.start
    words[1] = tdmr.range.size
    words[2] = tdmr.page1G
    words[3] = tdmr.sizes.page1G
    words[4] = tdmr.page2M
    words[5] = tdmr.sizes.page2M
    words[6] = tdmr.page4K
    words[7] = tdmr.sizes.page4K
  }

  /// Memory starts here.
  mutating func pass(from start: UInt64) { position = max(start, tdmr.start) }

  /// From the last position up to here is memory that must stay available.
  mutating func pass(to end: UInt64) {
    let end = min(end, tdmr.end)
    guard end > position else { return }
    close()
    position = end
  }

  /// Reserves what of a range lies in the TDMR.
  mutating func reserve(from start: UInt64, to end: UInt64) {
    let (start, end) = (max(start, tdmr.start), min(end, tdmr.end))
    guard start < end else { return }
    area = AddressRange(unchecked: min(area.start, start), end)
    position = max(position, end)
  }

  private mutating func close() {
    guard area.start < .max else { return }
    words[8 + 2 * areas] = area.start &- tdmr.start
    words[9 + 2 * areas] = area.size
    areas += 1
    area = AddressRange(unchecked: .max, .max)
  }

  /// Ends the entry: what it does not use is zero.
  ///
  /// - Returns: its bytes.
  mutating func finish() -> Int {
    close()
    let used = TDMRInfo.headerBytes + areas * TDMRInfo.reservedAreaBytes
    let bytes = (used + TDMRInfo.alignment - 1) & ~(TDMRInfo.alignment - 1)
    (UnsafeMutableRawPointer(words) + used).initializeMemory(
      as: UInt8.self,
      repeating: 0,
      count: bytes - used
    )
    return bytes
  }
}
