import TDXMemory

/// Whether regions consist of whole pages and ascend, found out without a branch and two regions at a time.
///
/// Every bound is held against the one before by the sign of their difference. Where no difference is 2^62 or more, a
/// chain of them that leads past 2^64 has an end between 2^63 and 2^64, so only ends are looked at; and where an end and
/// the step from it are multiples of a page, so is the start behind. Starts need no accumulator of their own then:
/// 8 instructions for two regions, and with the sums of `MapChecksum` all that is carried along fits 16 registers.
struct RegionOrder {
  typealias Pair = SIMD2<UInt64>

  /// The steps from each end to the next start, or-ed: 0 or more.
  private var steps = Pair(repeating: 0)
  /// Start minus end of each region, and-ed: below 0.
  private var negativeSizes = Pair(repeating: .max)
  /// All ends, or-ed.
  private var ends = Pair(repeating: 0)
  private var lastEnds = Pair(repeating: 0)

  /// Whether the regions are what a map says of its own. False does not say that they are not: that is so as well where
  /// one is of 2^62 bytes, or 2^62 from the next, or ends at 2^63 or above.
  var holds: Bool {
    let steps = steps[0] | steps[1]
    let ends = ends[0] | ends[1]
    return steps >> 62 == 0 && (negativeSizes[0] & negativeSizes[1]) >> 62 == 3 && ends >> 63 == 0
      && (steps | ends).isMultiple(ofPowerOfTwo: pageSize)
  }

  /// Adds two regions, which come behind those before.
  @inline(__always)
  mutating func add(starts: Pair, ends: Pair) {
    steps |= starts &- Pair(lastEnds[1], ends[0])
    negativeSizes &= starts &- ends
    self.ends |= ends
    lastEnds = ends
  }

  /// Adds one region.
  mutating func add(_ region: MemoryRegion) {
    steps[1] |= region.start &- lastEnds[1]
    negativeSizes[1] &= region.start &- region.end
    ends[1] |= region.end
    lastEnds[1] = region.end
  }
}
