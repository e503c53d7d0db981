import Foundation
import TDXMemory
import Testing

@testable import MapReaders

/// What a Xen hypervisor prints, and its dom0.
struct XenTests {
  private let machine = [
    region(0, 0x9f000), region(0x10_0000, 0xbfc6_f000), region(0x1_0000_0000, 0x8_4000_0000),
  ]

  private let halfOpen = """
    (XEN) Xen-e820 RAM map:
    (XEN)  0000000000000000 - 000000000009fc00 (usable)
    (XEN)  000000000009fc00 - 00000000000a0000 (reserved)
    (XEN)  0000000000100000 - 00000000bfc6f000 (usable)
    (XEN)  0000000100000000 - 0000000840000000 (usable)
    (XEN) System RAM: 32700MB (33484920kB)

    """
  private let inclusive = """
    (XEN) [2026-11-29 08:00:00] EFI RAM map:
    (XEN) [2026-11-29 08:00:00]  [0000000000000000, 000000000009fbff] (usable)
    (XEN) [2026-11-29 08:00:00]  [000000000009fc00, 000000000009ffff] (reserved)
    (XEN) [2026-11-29 08:00:00]  [0000000000100000, 00000000bfc6efff] (usable)
    (XEN) [2026-11-29 08:00:00]  [0000000100000000, 000000083fffffff] (usable)

    """

  @Test func bothSpellings() throws {
    for text in [halfOpen, inclusive, halfOpen.replacingOccurrences(of: "(XEN) ", with: "")] {
      let read = try MapReadersTests.read(text)
      #expect(read.source == .xen)
      #expect(read.regions == machine)
      #expect(read.hasNote("the memory of the whole machine"))
    }
  }

  /// dom0 has 4 GiB of the machine. Expect the machine's memory, with one note and no disagreement.
  @Test func hypervisorAndDom0() throws {
    let dom0 = """
      [    0.000000] Xen: [mem 0x0000000000000000-0x000000000009efff] usable
      [    0.000000] Xen: [mem 0x0000000000100000-0x00000000bfc6efff] usable
      [    0.000000] Xen: [mem 0x0000000100000000-0x00000001403f8fff] usable
      [    0.000000] No NUMA configuration found

      """
    let both = try read(halfOpen + dom0)
    #expect(both.regions == machine)
    #expect(!both.hasNote("disagree"))
    let alone = try read(dom0)
    #expect(alone.regions.last == region(0x1_0000_0000, 0x1_403f_9000))
    #expect(alone.hasNote("is the log of a Xen dom0") && alone.hasNote("`xl dmesg`"))
  }

  /// Nodes by the hypervisor's SRAT, in both spellings, whatever dom0 says.
  @Test func nodes() throws {
    for srat in ["0-440000000", "[0000000000000000, 000000043fffffff]"] {
      let other = srat.hasPrefix("[") ? "[0000000440000000, 000000083fffffff]" : "440000000-840000000"
      let text = """
        (XEN) SRAT: Node 0 PXM 0 \(srat)
        (XEN) SRAT: Node 1 PXM 1 \(other)
        No NUMA configuration found
        """
      let read = try MapReadersTests.read(halfOpen + text)
      #expect(
        read.regions.suffix(2) == [
          region(0x1_0000_0000, 0x4_4000_0000), region(0x4_4000_0000, 0x8_4000_0000, node: 1),
        ],
        "\(srat)"
      )
    }
  }
}
