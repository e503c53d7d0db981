import MemoryHotplug
import RandomNumbers
import TDXMemory
import TestSupport
import Testing

/// Whether a range is TDX memory: every relation of a range to the entries. `[` and `]` are borders of entries.
@Suite struct SnapshotTests {
  /// Entries A [8, 16), B [16, 24), touching, and C [32, 40), in pages above 1 MiB.
  private let entries = [(8, 16, 0), (16, 24, 1), (32, 40, 0)] as [(UInt64, UInt64, UInt32)]

  private func at(_ page: UInt64) -> UInt64 { (1 << 20) + page * pageSize }

  private var snapshot: TDXSnapshot {
    let regions = entries.map { MemoryRegion(start: at($0.0), end: at($0.1), node: $0.2) }
    return regions.withUnsafeBufferPointer { TDXSnapshot($0) }
  }

  private func answer(_ start: UInt64, _ end: UInt64) -> SnapshotAnswer {
    snapshot.answer(AddressRange(unchecked: at(start), at(end)))
  }

  ///      [ A  ][ B  ]    [ C  ]
  /// ---                          disjoint below
  ///                   --         disjoint in the gap
  ///                            -- disjoint above
  ///
  /// Expect outside, also where they touch an entry.
  @Test func disjoint() {
    for (start, end) in [(0, 4), (0, 8), (24, 32), (26, 30), (40, 44), (50, 60)] as [(UInt64, UInt64)] {
      #expect(answer(start, end) == .outside, "[\(start), \(end))")
    }
  }

  ///      [ A  ]
  ///       --       inside; with its start; with its end; equal
  ///
  /// Expect entry.
  @Test func insideAndEqual() {
    for (start, end) in [(9, 12), (8, 12), (12, 16), (8, 16), (16, 24), (17, 23), (32, 40), (39, 40)]
      as [(UInt64, UInt64)]
    {
      #expect(answer(start, end) == .entry, "[\(start), \(end))")
    }
  }

  ///      [ A  ]
  ///    ----         over the start
  ///
  /// Expect partly.
  @Test func overTheStart() {
    #expect(answer(4, 12) == .partly)
    #expect(answer(7, 16) == .partly)
    #expect(answer(28, 36) == .partly)
  }

  ///      [ B  ]
  ///        ----     over the end
  ///
  /// Expect partly.
  @Test func overTheEnd() {
    #expect(answer(20, 28) == .partly)
    #expect(answer(16, 25) == .partly)
    #expect(answer(39, 41) == .partly)
  }

  ///      [ A  ][ B  ]
  ///         ----      over the border of two
  ///
  /// Expect union: all of it is TDX memory, and one entry does not hold it.
  @Test func overABorderOfTwo() {
    #expect(answer(15, 17) == .union)
    #expect(answer(8, 24) == .union)
    #expect(answer(8, 17) == .union)
  }

  ///      [ A  ][ B  ]    [ C  ]
  ///               ---------      over a gap
  ///
  /// Expect partly.
  @Test func overAGap() {
    #expect(answer(20, 36) == .partly)
    #expect(answer(16, 40) == .partly)
    #expect(answer(24, 33) == .partly)
  }

  ///      [ A  ][ B  ]    [ C  ]
  ///    ------------------------- around all
  ///
  /// Expect partly.
  @Test func aroundThem() {
    #expect(answer(0, 60) == .partly)
    #expect(answer(7, 25) == .partly)
    #expect(answer(31, 41) == .partly)
  }

  ///      [ A  ][ B  ]    [ C  ]
  ///      | |          |       |   nothing, at a place
  ///
  /// Expect an empty range to be where its start is.
  @Test func nothingIsWhereItStarts() {
    #expect(answer(9, 9) == .entry)
    #expect(answer(8, 8) == .entry)
    #expect(answer(26, 26) == .outside)
    #expect(answer(40, 40) == .outside)
    #expect(snapshot.answer(AddressRange(unchecked: .max, .max)) == .outside)
  }

  /// |.##.......#|####|   the first MiB, and the second
  ///             [####]
  ///
  /// Expect the first MiB to be left out: starts are raised, what is empty then is dropped.
  @Test func theFirstMiBIsNotTDXMemory() {
    let regions = [
      MemoryRegion(start: 0x1000, end: 0x9f000), MemoryRegion(start: 0xf_0000, end: 0x20_0000, node: 3),
    ]
    let snapshot = regions.withUnsafeBufferPointer { TDXSnapshot($0) }
    #expect(snapshot.count == 1)
    #expect(snapshot[0] == MemoryRegion(start: 0x10_0000, end: 0x20_0000, node: 3))
    #expect(snapshot.answer(AddressRange(unchecked: 0x1000, 0x2000)) == .outside)
    #expect(snapshot.answer(AddressRange(unchecked: 0xf_f000, 0x10_1000)) == .partly)
  }

  @Test func anEmptySnapshotHoldsNothing() {
    let snapshot = TDXSnapshot(UnsafeBufferPointer(start: nil, count: 0))
    #expect(snapshot.isEmpty)
    #expect(snapshot.answer(AddressRange(unchecked: 0, .max)) == .outside)
    #expect(snapshot.firstMissing(in: range(1, 2)) == range(1, 2))
  }

  /// Every small layout of 9 pages, every range over them: held against one flag a page.
  @Test func everySmallLayout() {
    let cells = (0...9).map { at(UInt64($0)) }
    var wrong = 0
    for layout in 0..<19_683 where layout % 7 < 3 {  // 3^9 layouts of two nodes and holes; a part of them.
      let regions = TestSupport.Machine.regions(
        layout: layout,
        nodes: 2,
        cells: cells,
        joined: layout % 2 == 0
      )
      let snapshot = regions.withUnsafeBufferPointer { TDXSnapshot($0) }
      for start in 0..<9 as Range<UInt64> {
        for end in (start + 1)...9 {
          let range = AddressRange(unchecked: at(start), at(end))
          if snapshot.answer(range) != plainAnswer(range, regions) { wrong += 1 }
        }
      }
    }
    #expect(wrong == 0)
  }

  /// Random entries, crowded or far apart, up to the end of the address space, asked one by one and all at once.
  @Test func randomEntriesAskedAllAtOnce() {
    var random = SplitMix64(seed: 6)
    for round in 0..<60 {
      var regions: [MemoryRegion] = []
      var position: UInt64 = random.pick([0, 1 << 20, 1 << 40, .max - (1 << 36)])
      for _ in 0..<random.pick([1, 2, 3, 40, 400]) {
        position = position.addingSaturated(
          random.pick([0, 0, 1, 7, 1 << 20, 1 << 30] as [UInt64]) * pageSize
        )
        let end = min(
          position.addingSaturated((1 + random.below(1 << random.pick([1, 8, 20]))) * pageSize),
          .max - 4095
        )
        guard position < end else { break }
        regions.append(MemoryRegion(start: position, end: end, node: UInt32(random.below(3))))
        position = end
      }
      let snapshot = regions.withUnsafeBufferPointer { TDXSnapshot($0) }
      let questions = (0..<300).map { _ in question(about: regions, using: &random) }
      var answers = [UInt8](repeating: 9, count: questions.count)
      questions.withUnsafeBufferPointer { questions in
        answers.withUnsafeMutableBufferPointer { snapshot.answer(questions, into: $0) }
      }
      for (question, answer) in zip(questions, answers) {
        let expected = plainAnswer(question, regions)
        #expect(snapshot.answer(question) == expected, "round \(round): \(question)")
        #expect(answer == expected.rawValue, "round \(round): \(question)")
      }
    }
  }

  ///      [ ][ ][ ] … [ ]                 [ far away ]
  ///      `crowd` entries in a slice or two
  ///
  /// As many entries as a byte counts, one fewer, one more, and many more, so that groups have 64 slices, fewer, or one.
  /// Expect each entry to be found by its first and last page, and the pages between them outside.
  @Test(arguments: [1, 62, 254, 255, 256, 257, 600, 5000])
  func crowdedEntries(crowd: UInt64) {
    for distance: UInt64 in [0, 1 << 24, 1 << 40] {
      let base: UInt64 = 1 << 32
      var regions = (0..<crowd).map { index in
        MemoryRegion(start: base + index * 3 * pageSize, end: base + (index * 3 + 2) * pageSize)
      }
      let far = base + distance + crowd * 3 * pageSize
      for index in 0..<(crowd / 3 + 1) {
        regions.append(MemoryRegion(start: far + index << 21, end: far + index << 21 + 2 * pageSize))
      }
      let snapshot = regions.withUnsafeBufferPointer { TDXSnapshot($0) }
      let questions = regions.flatMap { region in
        [region.start, region.end - pageSize, region.end].map { AddressRange(unchecked: $0, $0 + pageSize) }
      }
      var answers = [UInt8](repeating: 9, count: questions.count)
      questions.withUnsafeBufferPointer { questions in
        answers.withUnsafeMutableBufferPointer { snapshot.answer(questions, into: $0) }
      }
      let expected = [SnapshotAnswer.entry, .entry, .outside].map(\.rawValue)
      #expect(answers == Array(repeatElement(expected, count: regions.count).joined()))
      #expect(zip(questions, answers).allSatisfy { snapshot.answer($0).rawValue == $1 })
      #expect(regions.indices.allSatisfy { snapshot.firstEntry(endingAfter: regions[$0].start) == $0 })
    }
  }

  /// Near the borders of entries, or anywhere.
  private func question(about regions: [MemoryRegion], using random: inout SplitMix64) -> AddressRange {
    func address() -> UInt64 {
      guard !regions.isEmpty, !random.oneIn(6) else { return random.next() & ~4095 }
      let region = random.pick(regions)
      let border = random.oneIn(2) ? region.start : region.end
      let distance = random.pick([0, 0, 1, 2, 1 << 10] as [UInt64]) * pageSize
      return random.oneIn(2) ? border.addingSaturated(distance) & ~4095 : border - min(border, distance)
    }
    let (one, other) = (address(), address())
    return AddressRange(
      unchecked: min(one, other),
      max(one, other).addingSaturated(one == other ? pageSize : 0)
    )
  }

  /// Entry by entry, from the definitions.
  private func plainAnswer(_ range: AddressRange, _ regions: [MemoryRegion]) -> SnapshotAnswer {
    let entries = regions.filter { $0.end > lowMemoryEnd }
      .map { AddressRange(unchecked: max($0.start, lowMemoryEnd), $0.end) }
    if entries.contains(where: { $0.contains(range) && $0.start <= range.start && range.start < $0.end }) {
      return .entry
    }
    let covered = entries.reduce(0) { $0 + ($1.intersection(range)?.size ?? 0) }
    return covered == 0 ? .outside : covered == range.size ? .union : .partly
  }
}
