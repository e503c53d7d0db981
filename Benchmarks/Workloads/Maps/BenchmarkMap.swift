import TDXMemory

/// A memory map with what is planned on it and what must come out: worked out by hand from the map.
struct BenchmarkMap: Sendable {
  /// Part of the workloads' names.
  var name: String
  var regionCount: Int
  /// Made only when a workload is about to run: the larger ones take 24 MB.
  var regions: @Sendable () -> [MemoryRegion]
  /// nil where the map's workloads do without CMRs.
  var convertible: [AddressRange]?
  var limits = ModuleLimits()
  var expected: Expected

  /// A map of regions that are given one by one.
  init(
    name: String,
    regions: [MemoryRegion],
    convertible: [AddressRange]?,
    expected: Expected
  ) {
    self.init(
      name: name,
      regionCount: regions.count,
      regions: { regions },
      convertible: convertible,
      expected: expected
    )
  }

  init(
    name: String,
    regionCount: Int,
    regions: @escaping @Sendable () -> [MemoryRegion],
    convertible: [AddressRange]? = nil,
    limits: ModuleLimits = ModuleLimits(),
    expected: Expected
  ) {
    self.name = name
    self.regionCount = regionCount
    self.regions = regions
    self.convertible = convertible
    self.limits = limits
    self.expected = expected
  }

  /// The same machine, of which other options make another plan.
  func expecting(tdmrs: Int, reservedAreas: Int, pamtKiB: UInt64) -> BenchmarkMap {
    var copy = self
    copy.expected = Expected(tdmrs: tdmrs, reservedAreas: reservedAreas, pamtKiB: pamtKiB)
    return copy
  }

  struct Expected: Sendable, Equatable {
    var outcome = PlanOutcome.ok
    var tdmrs = 0
    var reservedAreas = 0
    var pamtKiB: UInt64 = 0
  }
}

extension BenchmarkMap {
  /// A two-socket server with 1 TiB: 8 regions, 5 TDMRs. The banks are those of a TDX host that printed 4202516 KB.
  static let server2S = BenchmarkMap(
    name: "server-2s-1tib",
    regions: [
      MemoryRegion(start: 0x1000, end: 0x9f000, node: 0),
      MemoryRegion(start: 0x10_0000, end: 0x5d16_9000, node: 0),
      MemoryRegion(start: 0x5d22_b000, end: 0x6e9c_f000, node: 0),
      MemoryRegion(start: 0x6f7f_f000, end: 0x7780_0000, node: 0),
      MemoryRegion(start: 0x1_0000_0000, end: 0x40_7a00_0000, node: 0),
      MemoryRegion(start: 0x40_8000_0000, end: 0x80_7c00_0000, node: 0),
      MemoryRegion(start: 0x80_8000_0000, end: 0xc0_7c00_0000, node: 1),
      MemoryRegion(start: 0xc0_8000_0000, end: 0x100_7c00_0000, node: 1),
    ],
    convertible: [
      AddressRange(unchecked: 0x10_0000, 0x7780_0000),
      AddressRange(unchecked: 0x1_0000_0000, 0x40_7a00_0000),
      AddressRange(unchecked: 0x40_8000_0000, 0x80_7c00_0000),
      AddressRange(unchecked: 0x80_8000_0000, 0xc0_7c00_0000),
      AddressRange(unchecked: 0xc0_8000_0000, 0x100_7c00_0000),
    ],
    // 4 holes below 2 GiB, one at the end of each other TDMR, and 5 PAMTs.
    expected: Expected(tdmrs: 5, reservedAreas: 4 + 4 + 5, pamtKiB: 4_202_516)
  )

  /// The same with holes between CMRs: the two below 2 GiB that its tables make are gone.
  static let server2SByCMRs = server2S.expecting(tdmrs: 5, reservedAreas: 2 + 4 + 5, pamtKiB: 4_202_516)

  /// The same with Dynamic PAMT: 32 KiB of bitmap and 8 KiB for each of 1024 GiB, and a page for each of 5 TDMRs.
  static let server2SDynamic = server2S.expecting(
    tdmrs: 5,
    reservedAreas: 4 + 4 + 5,
    pamtKiB: 1024 * (32 + 8) + 5 * 4
  )

  /// 64 TDMRs of 1 GiB, each a node of 16 regions with a hole after each: 1,024 regions.
  static let tdmrs64Holes16 = BenchmarkMap(
    name: "64-tdmrs-16-holes",
    regionCount: 1024,
    regions: {
      (0..<1024).map { index in
        let start = 4 * gib + UInt64(index) * 64 * mib
        return MemoryRegion(start: start, end: start + 63 * mib, node: UInt32(index / 16))
      }
    },
    convertible: [AddressRange(unchecked: mib, 68 * gib)],
    // The PAMT takes an area beside the 16 holes.
    limits: ModuleLimits(maxReserved: 17),
    expected: Expected(tdmrs: 64, reservedAreas: 64 * 17, pamtKiB: 64 * 4108)
  )

  /// 20 regions of a GiB with a GiB between them, on 4 nodes in turn: a machine as requests of a stream have them.
  static let regions20 = BenchmarkMap(
    name: "20-regions",
    regions: (0..<20).map { index in
      let start = 4 * gib + UInt64(index) * 2 * gib
      return MemoryRegion(start: start, end: start + gib, node: UInt32(index % 4))
    },
    convertible: nil,
    // No hole: a TDMR ends where its region does. The 5 PAMTs of each node lie in the node's first TDMR.
    expected: Expected(tdmrs: 20, reservedAreas: 20, pamtKiB: 20 * 4108)
  )

  /// Regions of 7 MiB every 8 MiB, from 4 GiB on: 128 in a TDMR of 1 GiB, with raised limits.
  static func fragmented(_ name: String, regions count: Int) -> BenchmarkMap {
    let tdmrs = (count + 127) / 128
    return BenchmarkMap(
      name: name,
      regionCount: count,
      regions: {
        (0..<UInt64(count)).map { index in
          let start = 4 * gib + index * 8 * mib
          return MemoryRegion(start: start, end: start + 7 * mib)
        }
      },
      limits: ModuleLimits(maxTDMRs: 1 << 20, maxReserved: 1 << 10),
      // A hole after each region, and a PAMT for each TDMR: 4 MiB, 8 KiB and 4 KiB.
      expected: Expected(tdmrs: tdmrs, reservedAreas: count + tdmrs, pamtKiB: UInt64(tdmrs) * 4108)
    )
  }
}

extension BenchmarkMap {
  /// 10^7 regions of a MiB from 4 GiB on that touch and differ in a flag: 1024 in a TDMR, nothing to reserve but PAMTs.
  static let touching = BenchmarkMap(
    name: "touching-1e7",
    regionCount: 10_000_000,
    regions: {
      (0..<10_000_000 as Range<UInt64>).map { index in
        let start = 4 * gib + index * mib
        return MemoryRegion(start: start, end: start + mib, flags: index % 2 == 0 ? [] : .mirror)
      }
    },
    limits: ModuleLimits(maxTDMRs: 1 << 20, maxReserved: 1 << 10),
    // The PAMTs, of 1027 pages each, lie side by side over 38.3 GiB: 38 of them lie across a TDMR's border. A hole is
    // left at the end of the last TDMR.
    expected: Expected(tdmrs: 9766, reservedAreas: 9766 + 38 + 1, pamtKiB: 9766 * 4108)
  )

  /// 10^7 regions every 8 MiB from 4 GiB on, each with a page of hole after it: 128 in a TDMR.
  static let pageHoles = BenchmarkMap(
    name: "page-holes-1e7",
    regionCount: 10_000_000,
    regions: {
      (0..<10_000_000 as Range<UInt64>).map { index in
        let start = 4 * gib + index * 8 * mib
        return MemoryRegion(start: start, end: start + 8 * mib - 4096)
      }
    },
    limits: ModuleLimits(maxTDMRs: 1 << 20, maxReserved: 1 << 10),
    // No PAMT lies in two regions, since they do not touch.
    expected: Expected(tdmrs: 78_125, reservedAreas: 10_000_000 + 78_125, pamtKiB: 78_125 * 4108)
  )

  var inputBytes: Int { regionCount * MemoryLayout<MemoryRegion>.stride }

  /// What is written: the headers and the reserved areas.
  var outputBytes: Int {
    expected.tdmrs * TDMRInfo.headerBytes + expected.reservedAreas * TDMRInfo.reservedAreaBytes
  }

  /// The Emerald Rapids host of issue 135 as its log has it: below 2 GiB, with more holes than a TDMR has reserved
  /// areas.
  ///
  /// - Parameter policy: `linux` fails; `linuxCMR` sees two holes, and a PAMT for 2 GiB.
  static func emrIssue135(_ policy: Policy) throws -> BenchmarkMap {
    let machine = try CapturedMap.emrIssue135
    return BenchmarkMap(
      name: "emr-issue135",
      regions: Array(machine.map),
      convertible: machine.convertible,
      expected: policy == .linux
        ? Expected(outcome: .noSpace)
        : Expected(tdmrs: 1, reservedAreas: 2 + 1, pamtKiB: 8212)
    )
  }
}

private let mib: UInt64 = 1 << 20
private let gib: UInt64 = 1 << 30
