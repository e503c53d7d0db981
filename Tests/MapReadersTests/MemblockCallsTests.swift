import RandomNumbers
import TDXMemory
import Testing

@testable import MapReaders

/// `memblock_add:` and `memblock_remove:`, in the spellings of old and new kernels.
struct MemblockCallsTests {
  /// Memory  0x1000 ###### 0x9f000   0x100000 ######### 0xd4112000
  /// Expect what is added without what is removed; reservations say nothing.
  @Test(arguments: [
    ("0x0000000000001000-0x000000000009efff", "] e820__memblock_setup+0x70/0x110"),
    ("0x00000000001000-0x0000000009efff", "] flags 0x0 memblock_x86_fill+0x4b/0x70"),
  ])
  func spellings(first: String, tail: String) throws {
    let text = """
      [    0.000000] memblock_add: [\(first)\(tail)
      [    0.000000] memblock_add: [0x0000000000100000-0x00000000d4111fff\(tail)
      [    0.000000] memblock_reserve: [0x0000000001000000-0x0000000002ffffff\(tail)
      [    0.000000] memblock_remove: [0x0000000000100000-0x00000000001fffff\(tail)
      [    0.000000] memblock_add_node: [0x0000000100000000-0x000000017fffffff] nid=1 flags=0 add_memory_resource+0x1

      """
    let machine = try read(text)
    #expect(machine.source == .memblockCalls)
    #expect(
      machine.regions == [
        region(0x1000, 0x9f000), region(0x20_0000, 0xd411_2000),
        region(0x1_0000_0000, 0x1_8000_0000, node: 1),
      ]
    )
  }

  /// A dump is what all calls before it came to.
  @Test func dumpsCountMore() throws {
    let text = """
      memblock_add: [0x0000000000100000-0x00000000d4111fff] e820__memblock_setup+0x70/0x110
       memory[0x0]\t[0x0000000000100000-0x000000007fffffff], 0x000000007ff00000 bytes on node 0 flags: 0x0
      """
    #expect(try read(text).regions == [region(0x10_0000, 0x8000_0000)])
  }

  @Test func brokenCall() {
    #expect(refusal("memblock_add: [0x1000-0x9eg] x\nend\n")?.line == 1)
    #expect(
      refusal("memblock_add: [0x100000-0x1fffff] x\nmemblock_remove: [0x5000-0x1000] x\nend\n")?.line == 2
    )
  }

  /// Random calls on 40 pages against a flag a page.
  @Test(arguments: 1...50 as ClosedRange<UInt64>) func randomCalls(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var pages = [Bool](repeating: false, count: 40)
    var reader = MemblockCallsReader()
    for line in 1...Int.random(in: 1...30, using: &random) {
      let start = Int.random(in: 0..<40, using: &random)
      let end = Int.random(in: start + 1...40, using: &random)
      let adds = Int.random(in: 0..<3, using: &random) > 0
      for page in start..<end { pages[page] = adds }
      let text =
        "\(adds ? "add" : "remove"): [0x\(String(start << 12, radix: 16))-0x\(String((end << 12) - 1, radix: 16))] x"
      try withCursor(text) { (cursor) throws(BrokenLine) in
        #expect(try reader.readCall(after: cursor, line: line) != nil)
      }
    }
    var found = [Bool](repeating: false, count: 40)
    var end: UInt64 = 0
    for entry in reader.list().entries {
      #expect(entry.range.start >= end)
      end = entry.range.end
      for page in Int(entry.range.start >> 12)..<Int(entry.range.end >> 12) { found[page] = true }
    }
    #expect(found == pages, "seed \(seed)")
  }
}
