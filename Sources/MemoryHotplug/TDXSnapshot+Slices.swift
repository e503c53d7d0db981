import TDXMemory

extension TDXSnapshot {
  /// A slice of the address space, with the first entry that ends after the slice starts.
  ///
  /// Positions are page frames from the slice's start on, and `farthest` where they lie further: 16 TiB. What starts
  /// before the slice starts at 0. So an entry takes 16 bytes, a quarter of a cache line, together with its number.
  struct Slice: BitwiseCopyable {
    let start: UInt32
    let end: UInt32
    /// The end of the last one of the entries that touch one another from this one on.
    let runEnd: UInt32
    /// The entry; how many there are where none ends later.
    let first: UInt32

    static let farthest: UInt64 = UInt64(UInt32.max) - 1

    init(_ first: Int, _ bounds: Bounds, runEnd: UInt64, from sliceStart: UInt64) {
      func frame(_ address: UInt64) -> UInt32 {
        address <= sliceStart ? 0 : UInt32(min((address - sliceStart) / pageSize, Self.farthest))
      }
      self.start = frame(bounds.start)
      self.end = frame(bounds.end)
      self.runEnd = frame(runEnd)
      self.first = UInt32(first)
    }
  }

  /// Equal slices of the address space from 0 on: as many as there are entries or up to twice as many, and one behind
  /// the last entry for all that is further.
  ///
  /// Half as many left 68 % of the questions to 2^20 entries of random sizes undecided, where these leave 44 %. A byte for
  /// each slice that leads to the entries takes 1.1 bytes an entry, and 1.8 times as long on a quiet machine, 4 times where
  /// others use the last cache: each question waits for two places in memory, one after the other. With entries of 8 bytes
  /// behind those bytes it was 1.6.
  struct Slices: Sendable {
    let table: SearchTable<Slice>
    let shift: UInt64
    /// The steps of a search: each goes on by a power of two of entries or stays, from the largest one to 1.
    private let steps: UInt64

    /// - Parameter runEnds: one more than there are bounds.
    init(_ bounds: [Bounds], _ runEnds: [UInt64]) {
      let last = max(bounds.last?.end ?? 0, 1) - 1
      // A host has a handful of entries: at least 4 KiB of slices for them.
      let wanted = UInt64(max(bounds.count, 256))
      var shift: UInt64 = 12
      while last >> (shift + 1) >= wanted { shift += 1 }
      var (next, fullest) = (0, 0)
      table = SearchTable(count: Int(last >> shift) + 2) { number in
        let start = UInt64(number) << shift
        let before = next
        // The slice behind the last one may start at 2^64.
        if number > last >> shift { next = bounds.count }
        while next < bounds.count, bounds[next].end <= start { next += 1 }
        if number > 0 { fullest = max(fullest, next - before) }
        return Slice(next, next < bounds.count ? bounds[next] : .beyond, runEnd: runEnds[next], from: start)
      }
      steps = UInt64(Int.bitWidth - fullest.leadingZeroBitCount)
      self.shift = shift
    }

    /// How far behind the first entry of a slice, and behind the last of all, a search looks.
    var reach: Int { 1 << Int(steps) }

    /// The slice that an address is in.
    @inline(__always)
    func number(of address: UInt64) -> Int {
      Int(truncatingIfNeeded: min(address &>> shift, UInt64(truncatingIfNeeded: table.count &- 1)))
    }

    /// The first entry that ends after an address, from the first one of its slice on.
    @inline(__always)
    func search(_ address: UInt64, from first: Int, _ bounds: UnsafePointer<Bounds>) -> Int {
      // What stands behind the last entry ends at 2^64 - 1, where no page starts.
      let address = min(address, .max - 1)
      var index = first
      var step = steps
      while step > 0 {
        step &-= 1
        // By a shift: a choice between two places becomes a branch, and half of them are guessed wrong.
        let endsBefore = bounds[index &+ (1 &<< Int(truncatingIfNeeded: step)) &- 1].end <= address
        index &+= (endsBefore ? 1 : 0) &<< Int(truncatingIfNeeded: step)
      }
      return index
    }
  }
}
