import Answers
import MemoryHotplug
import RandomNumbers
import TDXMemory
import TestSupport
import Testing

/// Random machines and random operations, step by step beside an oracle that has one flag a page.
@Suite struct ModelTests {
  private let bytes: UInt64 = 5 << 30

  @Test(arguments: 0..<12)
  func operationsDoWhatTheOracleDoes(seed: UInt64) throws {
    var random = SplitMix64(seed: 600 + seed)
    for round in 0..<(_isDebugAssertConfiguration() ? 2 : 5) {
      let size = random.pick([128, 128, 256, 512]) * mib
      let regions = randomRegions(size, using: &random)
      let cmrs = random.oneIn(3) ? regions.map(\.range).filter { _ in !random.oneIn(12) } : nil
      let options = PlanOptions(placement: random.pick(Placement.allCases))
      var machine = HotplugMachine(
        try MemoryMap(regions),
        convertible: cmrs,
        blockSize: BlockSize(size)!,
        options: options
      )
      var oracle = PageOracle(regions, bytes: bytes, size: size)
      var asked: [(range: AddressRange, answer: HotplugOutcome)] = []
      for step in 0..<40 {
        let operation = randomOperation(size, oracle, using: &random)
        let (before, runsBefore, oracleBefore) = (machine.memory, machine.runs, oracle)
        let answer = machine.perform(operation)
        let expected = try oracle.perform(operation, cmrs: cmrs, options)
        let place = "seed \(seed), round \(round), step \(step): \(operation): \(answer)"
        try #require(answer.outcome == expected, "\(place)")

        // A refused operation changes nothing.
        if ![.ok, .entry, .union, .partly, .outside].contains(answer.outcome), operation != .initializeTDX {
          #expect(machine.memory == before && machine.runs == runsBefore, "\(place)")
          oracle.pinned = oracleBefore.pinned
          #expect(oracle == oracleBefore, "\(place)")
        }
        #expect(machine.memory == oracle.regions, "\(place)")
        checkPages(of: machine, oracle, place)

        // What TDX says of a range never changes while the snapshot stands.
        for (range, answer) in asked {
          #expect(machine.query(range).outcome == answer, "\(place): \(range)")
        }
        if case .query(let range) = operation, oracle.snapshot != nil { asked.append((range, expected)) }
      }
    }
  }

  /// No page is offline and in the allocator, and what is online is in it.
  private func checkPages(of machine: HotplugMachine, _ oracle: PageOracle, _ place: String) {
    for run in machine.runs {
      for block in run.first...run.last {
        let (start, end) = (block * oracle.size, (block + 1) * oracle.size)
        #expect(run.isOffline == oracle.offlineBlocks.contains(block), "\(place): block \(block)")
        if run.isOffline {
          #expect(oracle.allocator.first(start, end) == nil, "\(place): block \(block)")
        } else {
          var (memory, allocator) = (0, 0)
          for page in stride(from: start, to: end, by: 64 * Int(pageSize)) {
            memory += oracle.memory[page] ? 1 : 0
            allocator += oracle.allocator[page] ? 1 : 0
          }
          #expect(memory == allocator, "\(place): block \(block)")
        }
      }
    }
  }

  private func randomRegions(_ size: UInt64, using random: inout SplitMix64) -> [MemoryRegion] {
    var regions: [MemoryRegion] = [MemoryRegion(start: pageSize, end: 0x9f000)]
    var position: UInt64 = 1 << 20
    while position < bytes - size {
      let gap = random.pick([0, 0, 0, 1, 300, 1 << 13, 1 << 15, 1 << 16] as [UInt64]) * pageSize
      let start = random.oneIn(4) ? (position + gap + size - 1) / size * size : position + gap
      var end = start + random.pick([1, 5000, 1 << 15, 1 << 16, 1 << 17, 1 << 18] as [UInt64]) * pageSize
      if random.oneIn(2) { end = (end + size - 1) / size * size }
      guard end <= bytes, start < end else { break }
      let last = regions[regions.count - 1]
      // Regions that touch differ in node or flags, as memblock has them.
      let node = UInt32(random.below(3))
      let isFlagged = random.oneIn(4)
      let flags: MemoryFlags = isFlagged ? .hotplug : []
      if last.end == start, last.node == node, last.flags == flags {
        regions[regions.count - 1] = MemoryRegion(start: last.start, end: end, node: node, flags: flags)
      } else {
        regions.append(MemoryRegion(start: start, end: end, node: node, flags: flags))
      }
      position = end
    }
    return regions
  }

  private func randomOperation(
    _ size: UInt64,
    _ oracle: PageOracle,
    using random: inout SplitMix64
  ) -> HotplugOperation {
    let blocks = bytes / size
    let number = random.oneIn(3) ? oracle.offlineBlocks.sorted().first : nil
    let block = number ?? random.below(blocks)
    let first = random.oneIn(2) ? block : random.below(blocks)
    let count = random.pick([1, 1, 1, 2, 3] as [UInt64])
    let start = first * size
    let end = min(start + count * size, bytes)
    let slant = random.oneIn(12) ? pageSize : 0
    let range = AddressRange(unchecked: start, max(start, end - slant))
    switch random.below(12) {
    case 0...3: return .offline(block)
    case 4, 5: return .online(block, into: random.oneIn(4) ? .movable : .inherited)
    case 6: return .add(range, node: random.below(4))
    case 7: return .remove(range)
    case 8: return random.oneIn(2) ? .initializeTDX : .offline(block)
    default:
      let (one, other) = (random.below(bytes / pageSize), random.below(bytes / pageSize))
      let low = min(one, other) * pageSize
      return .query(
        random.oneIn(3) ? AddressRange(unchecked: low, max(one, other) * pageSize + pageSize) : range.nonEmpty
      )
    }
  }
}

extension AddressRange {
  fileprivate var nonEmpty: AddressRange {
    isEmpty ? AddressRange(unchecked: start, start + pageSize) : self
  }
}

extension PageOracle {
  fileprivate mutating func perform(
    _ operation: HotplugOperation,
    cmrs: [AddressRange]?,
    _ options: PlanOptions
  ) throws -> HotplugOutcome {
    switch operation {
    case .offline(let block): return offline(block)
    case .online(let block, _): return online(block)
    case .add(let range, let node): return add(range.start, range.end, node: Int(node))
    case .remove(let range): return remove(range.start, range.end)
    case .query(let range): return query(range.start, range.end)
    case .initializeTDX:
      guard snapshot == nil, !hasFailed else { return snapshot == nil ? .invalid : .ok }
      return initialize(
        try plan(regions, convertible: cmrs ?? [], options, keyIDBits: cmrs == nil ? nil : 6)
      )
    default: preconditionFailure("not asked here")
    }
  }
}
