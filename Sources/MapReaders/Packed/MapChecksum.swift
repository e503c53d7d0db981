import CPrefetch
import TDXMemory

/// The checksum of a `.tdxmap`: against damage, not against forgery. It is worked out in the pass that checks the
/// regions, and both take no longer than memory does.
///
/// The bytes are taken as rows of six 64-bit words, little endian; zeros fill the last pair of rows. 1,024 rows, 48 KiB,
/// are a block; the last one may be shorter. In a block each of the six columns has two sums that wrap: `total` of its
/// words, and `history`, to which the total is added after every row. After every second row the upper half of what
/// three totals make together is added to `upper`, one for the odd columns and one for the even. The sums of each block
/// and its number of rows go through XXH64, and then the header.
///
/// What is noticed: a changed word changes its column's total, so one alone always is. Two changes of one column that
/// cancel in its total, such as words that change places, remain in the history, times the number of rows between them;
/// that is below 2^10, so only changes of the ten highest bits can be lost beyond bit 63, and those remain in `upper`
/// (unless totals wrap between, which totals of addresses do not, and as often one way as the other). What changes in two
/// blocks is noticed as what changes in one is. Not noticed are three changes that cancel in both sums, such as d, -2d and
/// d in rows equally far apart: whoever wants to find such will.
///
/// Three instructions for two words: a sum takes two. Version 2 mixed the upper half of each total into its history
/// (seven), and was made in a pass of its own over every 6 KiB before they were checked, in which memory had a pause: all
/// of it took 1.62 times as long as a sum over the mapped file, where this takes 0.92. Twelve instructions a region, the
/// checks included; with AVX2 it would be half of them and no faster.
struct MapChecksum {
  /// A row: two regions.
  static let rowBytes = 48
  private static let pairBytes = 2 * rowBytes
  /// The regions in a pair of rows.
  static let regionsPerPair = 4
  private static let blockRows: UInt64 = 1024

  private var hash = XXH64()
  private var block = BlockSums()
  /// Bytes that do not fill a pair of rows yet.
  private var pending: [UInt8] = []

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var order = RegionOrder()
    update(bytes, checking: &order)
  }

  /// Adds bytes, and to `order` the regions that they are: as many as fill pairs of rows, four each, if what was added
  /// before did.
  mutating func update(_ bytes: UnsafeRawBufferPointer, checking order: inout RegionOrder) {
    var rest = bytes[...]
    if !pending.isEmpty {
      let missing = rest.prefix(Self.pairBytes - pending.count)
      pending += missing
      rest = rest.dropFirst(missing.count)
      guard pending.count == Self.pairBytes else { return }
      addPending(&order)
    }
    let whole = rest.count / Self.pairBytes * Self.pairBytes
    add(UnsafeRawBufferPointer(rebasing: rest.prefix(whole)), &order)
    if whole < rest.count { pending += rest.dropFirst(whole) }
  }

  private mutating func addPending(_ order: inout RegionOrder) {
    pending.withUnsafeBytes { add($0, &order) }
    pending.removeAll(keepingCapacity: true)
  }

  /// Adds whole pairs of rows.
  private mutating func add(_ bytes: UnsafeRawBufferPointer, _ order: inout RegionOrder) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = rest.prefix(Int(Self.blockRows - block.rows) * Self.rowBytes)
      block.add(UnsafeRawBufferPointer(rebasing: part), &order)
      if block.rows == Self.blockRows { finishBlock() }
      rest = rest.dropFirst(part.count)
    }
  }

  private mutating func finishBlock() {
    block.withBytes { hash.update($0) }
    block = BlockSums()
  }

  /// The checksum of what was added and of a header.
  consuming func finalize(header: UnsafeRawBufferPointer) -> UInt64 {
    if !pending.isEmpty {
      var order = RegionOrder()
      pending += [UInt8](repeating: 0, count: Self.pairBytes - pending.count)
      addPending(&order)
    }
    if block.rows > 0 { finishBlock() }
    hash.update(header)
    return hash.finalize()
  }
}

/// The sums of a block of rows, two columns at a time.
private struct BlockSums {
  private typealias Pair = RegionOrder.Pair

  private var totals = (Pair(repeating: 0), Pair(repeating: 0), Pair(repeating: 0))
  private var histories = (Pair(repeating: 0), Pair(repeating: 0), Pair(repeating: 0))
  private var upper = Pair(repeating: 0)
  private var counts = Pair(repeating: 0)

  var rows: UInt64 { counts[0] }

  /// The 16 words that the sums are.
  func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) { withUnsafeBytes(of: self, body) }

  /// Adds pairs of rows, and to `order` the regions that they are.
  ///
  /// Lines are asked for 2 KiB ahead, for a processor by itself stops at the end of each page: 0.87 of the time on a
  /// mapped file. 1 and 4 KiB ahead gain a third as much.
  mutating func add(_ bytes: UnsafeRawBufferPointer, _ order: inout RegionOrder) {
    guard var next = bytes.baseAddress else { return }
    let end = next + bytes.count
    // Copies stay in registers.
    var (sums, ordering) = (self, order)
    while next < end {
      prefetch_line(next + 2048)
      prefetch_line(next + 2048 + 64)
      sums.addRow(next, &ordering)
      sums.addRow(next + MapChecksum.rowBytes, &ordering)
      let (first, second, third) = sums.totals
      sums.upper &+= (first &+ second &+ third) &>> Pair(repeating: 32)
      next += 2 * MapChecksum.rowBytes
    }
    sums.counts[0] += UInt64(bytes.count / MapChecksum.rowBytes)
    (self, order) = (sums, ordering)
  }

  /// Adds a row, which is a region's start, end, and node with flags, and the same of a second one.
  @inline(__always)
  private mutating func addRow(_ row: UnsafeRawPointer, _ order: inout RegionOrder) {
    let first = row.loadUnaligned(as: Pair.self)
    let second = row.loadUnaligned(fromByteOffset: 16, as: Pair.self)
    let third = row.loadUnaligned(fromByteOffset: 32, as: Pair.self)
    totals.0 &+= first
    totals.1 &+= second
    totals.2 &+= third
    histories.0 &+= totals.0
    histories.1 &+= totals.1
    histories.2 &+= totals.2
    order.add(starts: Pair(first[0], second[1]), ends: Pair(first[1], third[0]))
  }
}
