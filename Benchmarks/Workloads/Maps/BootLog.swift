import TDXMemory

/// The log of a large server's boot: thousands of lines about devices, and a few about memory before them. A third of
/// the lines are of PCI, with ranges that look like memory's.
enum BootLog {
  /// - Parameter devices: the lines about devices, some 75 bytes each.
  static func text(memory: [MemoryRegion], devices: Int) -> [UInt8] {
    var text = "[    0.000000] Early memory node ranges\n"
    for region in memory {
      text += "[    0.000000]   node   \(region.node): [mem \(hex(region.start))-\(hex(region.end - 1))]\n"
    }
    var digits = DigitSource()
    for index in 0..<devices {
      let line = lines[Int(digits.next() % UInt64(lines.count))]
      text += "[ \(1000 + index / 300).\(100_000 + index % 300 * 3000)] "
      for character in line {
        // Each # stands for a digit.
        if character == "#" { text += digits.nextDigit() } else { text.append(character) }
      }
      text += "\n"
    }
    return Array(text.utf8)
  }

  private static let lines: [String] = [
    "pci 0000:##:##.#: [8086:####] type 00 class 0x######",
    "pci 0000:##:##.#: reg 0x10: [mem 0x########-0x######## 64bit pref]",
    "pci 0000:##:##.#: PME# supported from D0 D3hot D3cold",
    "pci 0000:##:##.#:   bridge window [mem 0x########-0x########]",
    "pci 0000:##:##.#: Adding to iommu group ##",
    "pci_bus 0000:##: resource # [mem 0x########-0x######## window]",
    "ACPI: SSDT 0x000000007######0 0003F# (v02 INTEL  CpuSsdt  00003000 INTL 20200925)",
    "ACPI: X2APIC_NMI (uid[0x##] high level lint[0x1])",
    "PM: hibernation: Registered nosave memory: [mem 0x########-0x########]",
    ".... node  ##, CPUs:       ###  ###  ###  ###  ###  ###  ###  ###",
    "usb #-##: new high-speed USB device number ## using xhci_hcd",
    "usb #-##: New USB device found, idVendor=####, idProduct=####, bcdDevice= #.##",
    "nvme nvme#: ##/0/0 default/read/poll queues",
    "ixgbe 0000:##:##.#: Multiqueue Enabled: Rx Queue count = ##, Tx Queue count = ## XDP Queue count = 0",
    "mlx5_core 0000:##:##.# enp##s0f1np1: renamed from eth#",
    "systemd[1]: Finished modprobe@fuse.service - Load Kernel Module fuse.",
    "audit: type=1400 audit(17########.###:##): apparmor=\"STATUS\" operation=\"profile_load\" pid=####",
    "EXT4-fs (nvme#n1p#): mounted filesystem ########-####-#### ro with ordered data mode.",
    "DMAR: dmar#: reg_base_addr ######## ver 4:0 cap ############ ecap ############",
    "EDAC MC#: Giving out device to module i10nm_edac controller Socket## IMC##: DEV 0000:##:##.# (INTERRUPT)",
    "input: Power Button as /devices/LNXSYSTM:00/LNXPWRBN:00/input/input#",
    "sd #:0:0:0: [sda] Write cache: enabled, read cache: enabled, doesn't support DPO or FUA",
    "IPv6: ADDRCONF(NETDEV_CHANGE): enp##s0f0: link becomes ready",
    "docker0: port #(veth#######) entered blocking state",
  ]
}

/// Decimal digits that no search learns.
private struct DigitSource {
  private var state: UInt64 = 1

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }

  mutating func nextDigit() -> String { String(next() % 10) }
}
