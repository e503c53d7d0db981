import RandomNumbers
import TestSupport
import Testing

@testable import TDXMemory

/// What a plan may cost is bounded by its regions, whatever the numbers in it: counted in steps and in what is kept, not
/// in time.
@Suite struct BoundTests {
  /// Few regions, and addresses, limits and entry sizes of any size. Expect no search to take more steps than all may, and
  /// no list to be longer than the regions and a constant say.
  @Test func optimalPlansOfExtremeNumbers() throws {
    var fits = 0
    let count: UInt64 = _isDebugAssertConfiguration() ? 400 : 3000
    for seed in 0..<count {
      var random = SplitMix64(seed: seed &+ 19 << 32)
      let machine = extreme(using: &random)
      var workspace = OptimalWorkspace(triesRuns: true)
      try plan(machine, &workspace)
      let most = (1 << 15) + 4 * machine.regions.count + 4
      #expect(workspace.cover.steps <= 2 * CoverSearch.mostSteps, "seed \(seed)\n\(machine)")
      #expect(workspace.cover.cuts.count <= most, "seed \(seed)\n\(machine)")
      #expect(workspace.cover.count <= most, "seed \(seed)\n\(machine)")
      if workspace.cover.count > 0 { fits += 1 }
    }
    #expect(fits > count / 10)
  }

  private func plan(_ machine: Machine, _ workspace: inout OptimalWorkspace) throws {
    try MemoryMap(machine.regions).withRegions { regions in
      machine.convertible.withUnsafeBufferPointer { _ = workspace.plan(regions, $0, machine.options) }
    }
  }

  private func extreme(using random: inout SplitMix64) -> Machine {
    let top = random.pick([34, 40, 46, 51, 52, 52, 62] as [UInt64])
    var bounds: Set<UInt64> = []
    for _ in 0..<2 * random.pick([1, 2, 3, 8, 20]) {
      let bits = 20 + random.below(top - 19)
      bounds.insert(random.oneIn(2) ? 1 << bits : random.below(1 << bits as UInt64) & ~0xfff)
    }
    let sorted = bounds.sorted()
    let regions = stride(from: 0, to: sorted.count - 1, by: 2).map {
      MemoryRegion(start: sorted[$0], end: sorted[$0 + 1], node: UInt32(random.below(2)))
    }
    func number() -> UInt64 { random.pick([.max, 1 << 63, 65535, 4096, 64, 16, 3, 2, 1, 0]) }
    func entry() -> UInt16 { random.pick([16, 16, 0, 1, 255, 4095, 4096, 65535]) }
    return Machine(
      regions,
      PlanOptions(
        policy: .optimal,
        dynamicPAMT: random.oneIn(4),
        limits: ModuleLimits(
          maxTDMRs: number(),
          maxReserved: number(),
          pamtEntryBytes: PAMTEntryBytes(page4K: entry(), page2M: entry(), page1G: entry())
        )
      )
    )
  }

  /// |##############|#|, entries of 65,535 bytes, up to 2^52: the request that took seconds and a gigabyte. Expect it to
  /// be told at once that the memory is too little for its PAMTs.
  @Test func memoryThatIsTooLittleForItsPAMTs() throws {
    let machine = Machine(
      [
        MemoryRegion(start: 1 << 20, end: 1 << 32, node: 0),
        MemoryRegion(start: 1 << 33, end: 1 << 52, node: 0),
      ],
      PlanOptions(
        policy: .optimal,
        limits: ModuleLimits(
          maxTDMRs: .max,
          maxReserved: .max,
          pamtEntryBytes: PAMTEntryBytes(page4K: 65535, page2M: 65535, page1G: 65535)
        )
      )
    )
    var workspace = OptimalWorkspace(triesRuns: true)
    try plan(machine, &workspace)
    #expect(workspace.cover.steps < 1 << 18)
    #expect(workspace.cover.cuts.count <= 1 << 16)
  }

  /// The first of some numbers that is great enough, against looking at one after the other, while they change.
  @Test func maxTree() {
    var random = SplitMix64(seed: 7)
    for count in [1, 2, 3, 7, 8, 9, 100] {
      var numbers = (0..<count).map { _ in random.below(20 as UInt64) }
      var tree = MaxTree()
      tree.fill(count) { numbers[$0] }
      for _ in 0..<500 {
        let (start, least) = (random.below(count + 1), 1 + random.below(21 as UInt64))
        let expected = numbers.indices.dropFirst(start).first { numbers[$0] >= least }
        #expect(tree.first(from: start, atLeast: least) == expected)
        let index = random.below(count)
        numbers[index] = random.below(20)
        tree.set(index, to: numbers[index])
      }
    }
  }
}
