import TDXMemory

/// Whether a range is TDX memory. The order is that of how much of it is.
public enum SnapshotAnswer: UInt8, CaseIterable, Sendable {
  /// No byte of it is.
  case outside
  /// Some bytes are, some are not.
  case partly
  /// All bytes are, in several entries that touch. Linux says no here: it asks for one entry.
  case union
  /// All bytes are, in one entry. The only yes of Linux (`is_tdx_memory`).
  case entry
}

/// The TDX memory list: a copy of memblock, taken when TDX initialises, that never changes afterwards.
///
/// Questions about ranges are answered by address: a table of equal slices of the address space leads to the few
/// entries that a slice has, and a search with a fixed number of steps finds among them the first one that ends
/// after the range starts. Nothing in it branches on the data. Linux walks its list from the front.
///
/// - Invariant: the entries ascend, are disjoint and not empty, and start at 1 MiB or above. Entries that touch stay
///   apart: memblock keeps a border between two nodes or two sets of flags.
public struct TDXSnapshot: Sendable {
  /// An entry with what a question about it needs, in half a cache line.
  struct Slot: BitwiseCopyable {
    var start: UInt64
    var end: UInt64
    /// The end of the last entry of those that touch one another from here on.
    var runEnd: UInt64
    var node: UInt32
  }

  /// The entries, and behind them as many that end at 2^64 - 1 as a search may look at.
  private let slots: [Slot]
  public let count: Int
  /// For each slice of the address space the first entry that ends after the slice starts.
  private let slices: [UInt32]
  private let base: UInt64
  private let shift: UInt64
  /// The largest step of the search within a slice, a power of two, or 0 where there is nothing to search.
  private let firstStep: Int

  /// Takes memblock as it stands (`build_tdx_memlist`): starts are raised to 1 MiB, what is empty then is left out.
  ///
  /// - Parameter memory: as `MemoryMap` guarantees it; fewer than 2^32 regions.
  /// - Complexity: O(n).
  public init(_ memory: UnsafeBufferPointer<MemoryRegion>) {
    precondition(memory.count < Int(UInt32.max), "too many regions")
    let first = memory.firstIndex { $0.end > lowMemoryEnd } ?? memory.count
    let count = memory.count - first
    var slots: [Slot] = []
    slots.reserveCapacity(count + 2)
    for region in memory[first...] {
      slots.append(
        Slot(start: max(region.start, lowMemoryEnd), end: region.end, runEnd: region.end, node: region.node)
      )
    }
    for index in slots.indices.dropLast().reversed() where slots[index].end == slots[index + 1].start {
      slots[index].runEnd = slots[index + 1].runEnd
    }
    let (base, end) = (slots.first?.start ?? 0, slots.last?.end ?? 0)
    let shift = Self.shift(span: end - base, entries: count)
    let slices = Self.slices(slots, base: base, shift: shift)
    let fullest = zip(slices, slices.dropFirst()).reduce(0) { max($0, $1.1 - $1.0) }
    firstStep = fullest == 0 ? 0 : 1 << (31 - fullest.leadingZeroBitCount)
    let beyond = Slot(start: .max, end: .max, runEnd: .max, node: 0)
    slots.append(contentsOf: repeatElement(beyond, count: 2 * max(firstStep, 1)))
    self.slots = slots
    self.count = count
    self.slices = slices
    self.base = base
    self.shift = shift
  }

  /// Slices so wide that there are about twice as many as entries.
  private static func shift(span: UInt64, entries: Int) -> UInt64 {
    var shift: UInt64 = 0
    while span >> shift > 2 * UInt64(entries) { shift += 1 }
    return shift
  }

  /// One more than the last slice, so that each has a next one.
  private static func slices(_ slots: [Slot], base: UInt64, shift: UInt64) -> [UInt32] {
    let last = Int(((slots.last?.end ?? 0) - base) >> shift)
    var slices = [UInt32](repeating: UInt32(slots.count), count: last + 2)
    var next = 0
    for (index, slot) in slots.enumerated() {
      // This entry is the first for all slices that start before it ends, and after the one before ended.
      let through = Int((slot.end - 1 - base) >> shift)
      while next <= through {
        slices[next] = UInt32(index)
        next += 1
      }
    }
    return slices
  }

  public var isEmpty: Bool { count == 0 }

  /// An entry as a region; flags are not kept.
  public subscript(index: Int) -> MemoryRegion {
    precondition(index < count, "no such entry")
    return MemoryRegion(start: slots[index].start, end: slots[index].end, node: slots[index].node)
  }

  func start(_ index: Int) -> UInt64 { slots[index].start }
  func end(_ index: Int) -> UInt64 { slots[index].end }

  /// The first entry that ends after an address; `count` where there is none.
  ///
  /// - Complexity: O(1) where entries lie evenly, O(log n) at worst; no branch on the data.
  @inline(__always)
  private static func first(
    endingAfter address: UInt64,
    _ slots: UnsafePointer<Slot>,
    _ slices: UnsafePointer<UInt32>,
    lastSlice: UInt64,
    base: UInt64,
    shift: UInt64,
    firstStep: Int
  ) -> Int {
    let address = min(address, .max - 1)
    let slice = min((max(address, base) &- base) &>> shift, lastSlice)
    var index = Int(truncatingIfNeeded: slices[Int(truncatingIfNeeded: slice)])
    var step = firstStep
    while step > 0 {
      index = slots[index &+ step &- 1].end <= address ? index &+ step : index
      step >>= 1
    }
    return index
  }

  /// The entry that answers a question, 0 to 3 for the answer.
  @inline(__always)
  private static func rank(_ slot: Slot, _ range: AddressRange) -> UInt8 {
    // Behind the last entry is one that nothing reaches: it starts at 2^64 - 1.
    let startsInside: UInt8 = slot.start <= min(range.start, .max - 1) ? 1 : 0
    let touches: UInt8 = slot.start < range.end ? 1 : 0
    let insideRun: UInt8 = range.end <= slot.runEnd ? 1 : 0
    let insideEntry: UInt8 = range.end <= slot.end ? 1 : 0
    return (startsInside | touches) &+ (startsInside & insideRun) &+ (startsInside & insideEntry)
  }

  /// The first entry that ends after an address; `count` where there is none.
  public func firstEntry(endingAfter address: UInt64) -> Int {
    slots.withUnsafeBufferPointer { slots in
      slices.withUnsafeBufferPointer { slices in
        min(
          count,
          Self.first(
            endingAfter: address,
            slots.baseAddress!,
            slices.baseAddress!,
            lastSlice: UInt64(slices.count - 1),
            base: base,
            shift: shift,
            firstStep: firstStep
          )
        )
      }
    }
  }

  /// Whether a range is TDX memory. An empty range is where its start is.
  public func answer(_ range: AddressRange) -> SnapshotAnswer {
    let index = firstEntry(endingAfter: range.start)
    guard index < count else { return .outside }
    return SnapshotAnswer(rawValue: Self.rank(slots[index], range))!
  }

  /// Answers many questions: the searches do not wait for one another.
  ///
  /// - Parameter answers: room for as many as there are ranges; each is a `SnapshotAnswer`'s raw value.
  public func answer(
    _ ranges: UnsafeBufferPointer<AddressRange>,
    into answers: UnsafeMutableBufferPointer<UInt8>
  ) {
    precondition(answers.count >= ranges.count, "too little room for the answers")
    guard let questions = ranges.baseAddress, let answers = answers.baseAddress else { return }
    slots.withUnsafeBufferPointer { slots in
      slices.withUnsafeBufferPointer { slices in
        let (slots, slices, lastSlice) = (slots.baseAddress!, slices.baseAddress!, UInt64(slices.count - 1))
        let (base, shift, firstStep) = (base, shift, firstStep)
        for index in 0..<ranges.count {
          let range = questions[index]
          let found = Self.first(
            endingAfter: range.start,
            slots,
            slices,
            lastSlice: lastSlice,
            base: base,
            shift: shift,
            firstStep: firstStep
          )
          answers[index] = Self.rank(slots[found], range)
        }
      }
    }
  }
}
