import Foundation
import TDXMemory
import Testing

@testable import MapReaders

/// Kernels of the 2.6 and 3 series: half-open ranges without `0x`, and page frames.
struct OldKernelTests {
  private let map = """
    BIOS-provided physical RAM map:
     BIOS-e820: 0000000000000000 - 000000000009f400 (usable)
     BIOS-e820: 00000000000f0000 - 0000000000100000 (reserved)
     BIOS-e820: 0000000000100000 - 000000007f338000 (usable)
     BIOS-e820: 0000000100000000 - 0000001080000000 (usable)

    """
  private let srat = """
    SRAT: Node 0 PXM 0 0-80000000
    SRAT: Node 0 PXM 0 100000000-880000000
    SRAT: Node 1 PXM 3 880000000-1080000000

    """

  /// Half-open on both sides: the border of nodes is at 34 GiB, and nothing is left over there.
  @Test func nodesByTheSRAT() throws {
    let machine = try read(map + srat)
    #expect(machine.source == .e820WithSRAT)
    #expect(
      machine.regions == [
        region(0, 0x9f000), region(0x10_0000, 0x7f33_8000), region(0x1_0000_0000, 0x8_8000_0000),
        region(0x8_8000_0000, 0x10_8000_0000, node: 1),
      ]
    )
    #expect(machine.notes == [])
  }

  @Test func hotplugInTheSRAT() throws {
    let hotplug = srat.replacingOccurrences(of: "-1080000000", with: "-1080000000 (hot-plug)")
    let machine = try read(map + hotplug)
    #expect(machine.regions.last == region(0x8_8000_0000, 0x10_8000_0000, node: 1, .hotplug))
  }

  @Test func brokenSRAT() {
    for line in [
      "SRAT: Node 1 PXM 1 88000000g-1080000000", "SRAT: Node 1 PXM 1 880000000-", "SRAT: Node 1 PXM 1 2-1",
    ] {
      let error = refusal(map + line + "\nOn node 0 totalpages: 8385237\n")
      #expect(error?.line == 6, "\(line)")
    }
  }

  /// Page frames in any order, hexadecimal or decimal, with and without time stamps.
  @Test(arguments: ["", "[    0.000000] ", "kern.debug: Nov 29 08:00:00 host kernel: "])
  func pageFrames(prefix: String) throws {
    let entries = [
      "    1: 0x00880000 -> 0x01080000", "    0: 0x00000001 -> 0x0000009e", "    0: 1048576 ->  8912896",
      "    0:      256 ->   521016",
    ]
    let lines =
      map.split(separator: "\n").map(String.init) + [
        "Zone PFN ranges:", "  DMA      0x00000001 -> 0x00001000", "  Normal   0x00100000 -> 0x01080000",
        "Movable zone start PFN for each node", "early_node_map[4] active PFN ranges",
      ] + entries + ["On node 0 totalpages: 8385237"]
    let machine = try read(lines.map { prefix + $0 + "\n" }.joined())
    #expect(machine.source == .earlyNodeRanges)
    #expect(
      machine.regions == [
        region(0x1000, 0x9e000), region(0x10_0000, 0x7f33_8000), region(0x1_0000_0000, 0x8_8000_0000),
        region(0x8_8000_0000, 0x10_8000_0000, node: 1),
      ]
    )
    #expect(!machine.hasNote("announces"))
  }

  @Test func pageFramesOfLaterKernels() throws {
    let machine = try read("Early memory PFN ranges\n    0: 0x00000100 -> 0x00040000\n")
    #expect(machine.regions == [region(0x10_0000, 0x4000_0000)])
  }

  @Test func missingPageFrames() throws {
    let machine = try read("early_node_map[2] active PFN ranges\n    0: 0x00000100 -> 0x00040000\nend\n")
    #expect(machine.hasNote("early_node_map announces 2 ranges and lists 1"))
  }

  @Test(arguments: [
    "    0: 0x00000g00 -> 0x00040000", "    0: 0x100 -> ", "    x: 0x100 -> 0x200", "    0: 5 -> 4",
  ])
  func brokenPageFrames(line: String) {
    let error = refusal("early_node_map[2] active PFN ranges\n    0: 0x1 -> 0x9e\n\(line)\nend\n")
    #expect(error?.line == 3)
  }

  /// Tables of other printers, and edits: [1 MiB, 1 GiB) of it is taken away, and a page reserved.
  @Test func tablesAndEdits() throws {
    let text = """
      \(map) e820 update range: 0000000000100000 - 0000000000101000 (usable) ==> (reserved)
      e820 remove range: 000000007f000000 - 000000007f338000 (usable)
      """
    #expect(try read(text).regions[1] == region(0x10_1000, 0x7f00_0000))
    let modified =
      map + """
        modified physical RAM map:
         modified: 0000000000000000 - 0000000000001000 (reserved)
         modified: 0000000000001000 - 000000000009f000 (usable)
         modified: 0000000000100000 - 0000000040000000 (usable)

        """
    #expect(try read(modified).regions == [region(0x1000, 0x9f000), region(0x10_0000, 0x4000_0000)])
  }
}
