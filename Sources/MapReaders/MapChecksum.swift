/// The checksum of a `.tdxmap`: against damage, not against forgery, and as fast as memory can be read.
///
/// The bytes are taken as rows of eight 64-bit words, little endian; the last row is filled up with zeros. Each of the
/// eight columns has two sums that wrap: `total` of its words, and `history`, which after every row is taken 33 times and
/// added to the total, exclusive-or its own upper half. In the end the sums, with the header before them, go through
/// XXH64.
///
/// What is noticed: a changed word changes its column's total. Changes of one column that cancel in its total, such as
/// words that change places or two flips of one bit, remain in the history: each row counts in it with a weight of its
/// own, and the upper half of a total, whose changes could be lost beyond bit 63, counts a second time in the lower one.
/// Not certain, but likely as one sum of 33 bits is to be right by chance: changes of rows far apart that cancel there
/// too. Whoever wants to find such changes will.
///
/// XXH64 of all bytes multiplies each word: 4 GB/s, where this reads 25.
struct MapChecksum {
  private typealias Row = SIMD8<UInt64>
  static let rowBytes = 64

  private var total = Row(repeating: 0)
  private var history = Row(repeating: 0)
  /// Bytes that do not fill a row yet.
  private var pending: [UInt8] = []

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes[...]
    if !pending.isEmpty {
      let missing = rest.prefix(Self.rowBytes - pending.count)
      pending += missing
      rest = rest.dropFirst(missing.count)
      guard pending.count == Self.rowBytes else { return }
      pending.withUnsafeBytes { add($0) }
      pending.removeAll(keepingCapacity: true)
    }
    let whole = rest.count / Self.rowBytes * Self.rowBytes
    add(UnsafeRawBufferPointer(rebasing: rest.prefix(whole)))
    if whole < rest.count { pending += rest.dropFirst(whole) }
  }

  /// Adds whole rows.
  private mutating func add(_ bytes: UnsafeRawBufferPointer) {
    guard var next = bytes.baseAddress else { return }
    let end = next + bytes.count
    var (total, history) = (self.total, self.history)
    while next < end {
      total = total &+ next.loadUnaligned(as: Row.self)
      // 33 times: a shift and a sum. To turn its bits around instead takes nearly twice the time.
      history = (history &<< Row(repeating: 5)) &+ (history &+ (total ^ (total &>> Row(repeating: 32))))
      next += Self.rowBytes
    }
    (self.total, self.history) = (total, history)
  }

  /// The checksum of a header and of what was added.
  consuming func finalize(header: UnsafeRawBufferPointer) -> UInt64 {
    if !pending.isEmpty {
      pending += [UInt8](repeating: 0, count: Self.rowBytes - pending.count)
      pending.withUnsafeBytes { add($0) }
    }
    var hash = XXH64()
    hash.update(header)
    withUnsafeBytes(of: total) { hash.update($0) }
    withUnsafeBytes(of: history) { hash.update($0) }
    return hash.finalize()
  }
}
