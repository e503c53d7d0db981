import BenchmarkKit
import Testing

/// An object of 32 bytes: 16 that Swift adds to every object, and two words.
private final class Node {
  let left = 1
  let right = 2
}

// Under the sanitizers tcmalloc is not live, and nothing can be counted.
@Suite(.enabled(if: AllocationCounter.isLive))
struct AllocationTests {
  /// What `work` allocates once it is warm.
  func allocations(of work: () -> Void) -> Allocations {
    work()
    return AllocationCounter.countUntilSteady(work)
  }

  @Test("a thousand objects. Expect a thousand allocations, as many frees, 32,000 bytes")
  func objects() {
    let counted = allocations { for _ in 0..<1000 { blackHole(Node()) } }
    #expect(counted == .exact(AllocationCounts(allocations: 1000, frees: 1000, bytes: 32_000)))
  }

  @Test("an array of a thousand Int. Expect one allocation: 8,000 bytes and a head of 32")
  func array() {
    let counted = allocations { blackHole([Int](repeating: opaque(1), count: 1000)) }
    #expect(counted == .exact(AllocationCounts(allocations: 1, frees: 1, bytes: 8032)))
  }

  @Test("arithmetic. Expect nothing")
  func nothing() {
    let counted = allocations { blackHole(opaque(1) + 1) }
    #expect(counted == .exact(AllocationCounts(allocations: 0, frees: 0, bytes: 0)))
  }

  @Test("work that allocates more each time. Expect that no two passes agree")
  func unsteady() {
    var size = 0
    let counted = AllocationCounter.countUntilSteady(limit: 4) {
      size += 1
      for _ in 0..<size { blackHole(Node()) }
    }
    #expect(counted == .unsteady(AllocationCounts(allocations: 4, frees: 4, bytes: 128)))
  }

  @Test("what is kept. Expect an allocation and no free, then a free and no allocation")
  func kept() {
    var node: Node? = Node()
    blackHole(node)
    node = nil
    let made = AllocationCounter.count { node = Node() }
    blackHole(node)
    let freed = AllocationCounter.count { node = nil }
    #expect(made == AllocationCounts(allocations: 1, frees: 0, bytes: 32))
    #expect(freed == AllocationCounts(allocations: 0, frees: 1, bytes: 0))
  }

  @Test("threads that count at the same time. Expect that each counts its own")
  func threads() async {
    await withTaskGroup(of: (Int, Allocations).self) { group in
      for count in 1...8 {
        group.addTask { (count, allocations { for _ in 0..<count * 100 { blackHole(Node()) } }) }
      }
      for await (count, counted) in group {
        let expected = AllocationCounts(allocations: count * 100, frees: count * 100, bytes: count * 3200)
        #expect(counted == .exact(expected))
      }
    }
  }
}
