import BenchmarkKit
import Testing

/// An object of 32 bytes: 16 that Swift adds to every object, and two words.
private final class Node {
  let left = 1
  let right = 2
}

/// Objects of 32 bytes, each of which holds the next.
private final class Chain {
  let length: Int
  let rest: Chain?

  init(length: Int) {
    self.length = length
    rest = length > 1 ? Chain(length: length - 1) : nil
  }
}

// Under the sanitizers tcmalloc is not live, and nothing can be counted.
@Suite(.enabled(if: AllocationCounter.isLive))
struct AllocationTests {
  /// What `work` allocates once it is warm.
  func allocations(of work: () -> Void) -> Allocations {
    work()
    return AllocationCounter.countUntilSteady(work)
  }

  @Test(
    "a thousand objects. Expect a thousand allocations, as many frees, 32,000 bytes, never more than 32 at a time"
  )
  func objects() {
    let counted = allocations { for _ in 0..<1000 { blackHole(Node()) } }
    #expect(counted == .exact(AllocationCounts(allocations: 1000, frees: 1000, bytes: 32_000, peakBytes: 32)))
  }

  @Test(
    "an array of a thousand Int. Expect one allocation: 8,000 bytes and a head of 32, for which tcmalloc sets 8,192 aside"
  )
  func array() {
    let counted = allocations { blackHole([Int](repeating: opaque(1), count: 1000)) }
    #expect(counted == .exact(AllocationCounts(allocations: 1, frees: 1, bytes: 8032, peakBytes: 8192)))
  }

  @Test("arithmetic. Expect nothing")
  func nothing() {
    let counted = allocations { blackHole(opaque(1) + 1) }
    #expect(counted == .exact(AllocationCounts(allocations: 0, frees: 0, bytes: 0, peakBytes: 0)))
  }

  @Test("work that allocates more each time. Expect that no two passes agree")
  func unsteady() {
    var size = 0
    let counted = AllocationCounter.countUntilSteady(limit: 4) {
      size += 1
      for _ in 0..<size { blackHole(Node()) }
    }
    #expect(counted == .unsteady(AllocationCounts(allocations: 4, frees: 4, bytes: 128, peakBytes: 32)))
  }

  @Test("what is kept. Expect an allocation and no free, then a free and no allocation")
  func kept() {
    var node: Node? = Node()
    blackHole(node)
    node = nil
    let made = AllocationCounter.count { node = Node() }
    blackHole(node)
    let freed = AllocationCounter.count { node = nil }
    #expect(made == AllocationCounts(allocations: 1, frees: 0, bytes: 32, peakBytes: 32))
    #expect(freed == AllocationCounts(allocations: 0, frees: 1, bytes: 0, peakBytes: 0))
  }

  @Test("chains of 10, 1 and 3 objects, each released before the next. Expect a peak of ten objects")
  func peak() {
    let counted = allocations {
      blackHole(Chain(length: 10))
      blackHole(Chain(length: 1))
      blackHole(Chain(length: 3))
    }
    #expect(counted == .exact(AllocationCounts(allocations: 14, frees: 14, bytes: 448, peakBytes: 320)))
  }

  @Test("an older object released before a new one is made. Expect a peak of nothing")
  func replaced() {
    var node: Node? = Node()
    blackHole(node)
    let counted = AllocationCounter.count {
      node = nil
      node = Node()
    }
    blackHole(node)
    #expect(counted == AllocationCounts(allocations: 1, frees: 1, bytes: 32, peakBytes: 0))
  }

  @Test("threads that count at the same time. Expect that each counts its own")
  func threads() async {
    await withTaskGroup(of: (Int, Allocations).self) { group in
      for count in 1...8 {
        group.addTask { (count, allocations { for _ in 0..<count * 100 { blackHole(Node()) } }) }
      }
      for await (count, counted) in group {
        let expected = AllocationCounts(
          allocations: count * 100,
          frees: count * 100,
          bytes: count * 3200,
          peakBytes: 32
        )
        #expect(counted == .exact(expected))
      }
    }
  }
}
