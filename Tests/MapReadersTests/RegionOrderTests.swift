import RandomNumbers
import TDXMemory
import Testing

@testable import MapReaders

/// The check without branches that a packed map is swept with.
struct RegionOrderTests {
  /// Whether the bounds are those of a map, by its definition.
  private func isOrdered(_ bounds: [(start: UInt64, end: UInt64)]) -> Bool {
    var previous: UInt64 = 0
    for (start, end) in bounds {
      guard start < end, previous <= start, start % 4096 == 0, end % 4096 == 0 else { return false }
      previous = end
    }
    return true
  }

  private func holds(_ bounds: [(start: UInt64, end: UInt64)], pairs: Int) -> Bool {
    var order = RegionOrder()
    for index in stride(from: 0, to: 2 * pairs, by: 2) {
      let (one, other) = (bounds[index], bounds[index + 1])
      order.add(starts: [one.start, other.start], ends: [one.end, other.end])
    }
    for (start, end) in bounds[(2 * pairs)...] {
      var words = [start, end, 0]
      order.add(words.withUnsafeMutableBytes { $0.load(as: MemoryRegion.self) })
    }
    return order.holds
  }

  /// Expect no wrong map to pass, however its bounds wrap, and every map below 2^62 to do so.
  @Test func randomBounds() {
    var random = SplitMix64(seed: 11)
    let corners: [UInt64] = [0, 1, 4095, 4096, 8192, 1 << 61, 1 << 62, 1 << 63, 3 << 62, .max - 4095, .max]
    var ordered = 0
    for _ in 0..<20_000 {
      var bounds: [(start: UInt64, end: UInt64)] = []
      var address: UInt64 = 0
      func next() -> UInt64 {
        switch UInt64.random(in: 0..<40, using: &random) {
        case 0: corners.randomElement(using: &random)!
        case 1: address &+ corners.randomElement(using: &random)!
        default: address &+ UInt64.random(in: 1...4, using: &random) << 12
        }
      }
      for _ in 0..<Int.random(in: 0...7, using: &random) {
        let start = Bool.random(using: &random) ? address : next()
        address = start
        address = next()
        bounds.append((start, address))
      }
      let isOrdered = isOrdered(bounds)
      let pairs = Int.random(in: 0...bounds.count / 2, using: &random)
      let holds = holds(bounds, pairs: pairs)
      #expect(isOrdered || !holds, "\(bounds)")
      if isOrdered, bounds.last.map({ $0.end < 1 << 62 }) ?? true {
        ordered += 1
        #expect(holds, "\(bounds)")
      }
    }
    #expect(ordered > 5000)
  }
}
