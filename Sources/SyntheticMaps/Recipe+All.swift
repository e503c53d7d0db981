extension Recipe {
  /// Every recipe, with its own parameters.
  public static let all: [Recipe] = machines + rows + adversaries

  /// Like machines that exist.
  private static let machines = [
    Recipe(
      "laptop",
      why: "The least that can be asked: one node, some of firmware's tables below 2 GiB.",
      .server(clustersPerSocket: 1),
      firmware(size: 32 * gib, regions: 8)
    ),
    Recipe(
      "server-1s",
      why: "The common TDX host, one socket.",
      .server(clustersPerSocket: 1),
      firmware(size: 512 * gib, regions: 6)
    ),
    Recipe(
      "server-2s",
      why: "The common TDX host, two sockets.",
      .server(clustersPerSocket: 1),
      firmware(size: tib, regions: 7, nodes: 2)
    ),
    Recipe(
      "server-4s",
      why: "Four sockets.",
      .server(clustersPerSocket: 1),
      firmware(size: 4 * tib, regions: 9, nodes: 4)
    ),
    Recipe(
      "server-8s",
      why: "Eight sockets, as large as Xeon servers are.",
      .server(clustersPerSocket: 1),
      firmware(size: 16 * tib, regions: 13, nodes: 8)
    ),
    Recipe(
      "server-2s-snc4",
      why:
        "Sub-NUMA clusters: four nodes to a socket, which touch; firmware keeps only the top of the socket.",
      .server(clustersPerSocket: 4),
      firmware(size: 2 * tib, regions: 13, nodes: 8)
    ),
    Recipe(
      "firmware-holes",
      why:
        "What breaks Linux in the field (canonical/tdx issue 135): more holes below 2 GiB than a TDMR has areas.",
      claim: .reservedAreasExhausted,
      .server(clustersPerSocket: 1),
      firmware(size: 256 * gib, regions: 22, holes: 4 * kib...2 * mib)
    ),
    Recipe(
      "unaligned-borders",
      why: "Node borders inside a GiB: the TDMR that holds both sides belongs to the lower node.",
      .unalignedBorders,
      firmware(size: tib, regions: 12, nodes: 8, alignment: 64 * kib)
    ),
    Recipe(
      "sparse-nodes",
      why: "Nodes far apart, up to 2^46: addresses say nothing about the amount of memory.",
      .sparse,
      firmware(size: 512 * gib, regions: 12, nodes: 8)
    ),
    Recipe(
      "cxl",
      why:
        "CXL memory as nodes of its own and movable ranges: regions of one node that touch and differ in flags.",
      .cxl,
      firmware(size: tib, regions: 10, nodes: 4)
    ),
    Recipe(
      "hot-plugged",
      why: "Banks that came after boot: a TDMR for each, and the PAMTs of all of them on a few nodes.",
      .hotPlugged,
      RecipeParameters(
        totalBytes: 512 * gib,
        regionCount: 16,
        holeBytes: gib...8 * gib,
        nodes: 2,
        alignment: 128 * mib,
        convertible: .exact
      )
    ),
  ]

  /// Many regions, for time as it grows with them.
  private static let rows = [
    Recipe(
      "fragmented",
      why: "Memory with a hole every few MiB: the size sweep, up to 64 TiB and ten million regions.",
      claim: .tdmrsExhausted,
      .scattered(base: 0),
      row(size: 512 * gib, regions: 100_000, holes: 4 * kib...2 * mib, merged: 2 * mib)
    ),
    Recipe(
      "touching",
      why: "Regions that touch in long runs: nothing to reserve but PAMTs.",
      .regular(base: 4 * gib),
      row(size: 64 * gib, regions: 16_384, holes: 0...0, nodes: 64)
    ),
    Recipe(
      "hole-after-each",
      why: "The smallest hole behind every region: as many reserved areas as regions.",
      claim: .tdmrsExhausted,
      .regular(base: 4 * gib),
      row(size: 400 * gib, regions: 102_400, holes: 4 * kib...4 * kib, merged: 4 * kib)
    ),
    Recipe(
      "64-tdmrs-16-holes",
      why: "The largest plan that the module's tables could hold, were it not for the PAMTs.",
      claim: .reservedAreasExhausted,
      .regular(base: 4 * gib),
      row(size: 64 * gib, regions: 1024, holes: mib...mib, nodes: 64, merged: mib)
    ),
    Recipe(
      "1000-tdmrs",
      why: "Far more TDMRs than a module takes: time as it grows with TDMRs, not with regions.",
      claim: .tdmrsExhausted,
      .regular(base: 4 * gib),
      row(size: 2000 * gib, regions: 1000, holes: gib...gib, nodes: 50, alignment: gib)
    ),
    Recipe(
      "16000-tdmrs",
      why: "The same, where a pass over all PAMTs for each TDMR takes seconds.",
      claim: .tdmrsExhausted,
      .regular(base: 4 * gib),
      row(size: 32_000 * gib, regions: 16_000, holes: gib...gib, nodes: 50, alignment: gib)
    ),
  ]

  /// Against an algorithm, or against a processor.
  private static let adversaries = [
    Recipe(
      "one-tdmr-per-region",
      why: "64 regions far enough apart for a TDMR each: Linux warns, and it fits exactly.",
      .regular(base: 4 * gib),
      row(size: 128 * gib, regions: 64, holes: gib...gib, nodes: 64, alignment: gib)
    ),
    Recipe(
      "17-tdmrs-one-node",
      why:
        "17 PAMTs in the memory of one TDMR, which has 16 areas: no plan of Linux fits, with no small hole.",
      claim: .reservedAreasExhausted,
      .regular(base: 4 * gib),
      row(size: 34 * gib, regions: 17, holes: gib...gib, alignment: gib)
    ),
    Recipe(
      "100-regions-2-gib",
      why: "Linux opens a TDMR for each of 100 regions with 4 KiB between them; 7 TDMRs would hold them all.",
      claim: .tdmrsExhausted,
      .regular(base: 4 * gib),
      row(size: 200 * gib, regions: 100, holes: 4 * kib...4 * kib, alignment: gib, merged: 4 * kib)
    ),
    Recipe(
      "border-in-every-gib",
      why:
        "Each region ends in the middle of a GiB, and the next one begins there: every TDMR starts in a region.",
      .regular(base: 4 * gib + 512 * mib),
      row(size: 48 * gib, regions: 48, holes: 4 * kib...4 * kib, nodes: 8, alignment: 512 * mib)
    ),
    Recipe(
      "long-runs",
      why: "The work of unpredictable-runs in an order that branch prediction learns at once.",
      claim: .tdmrsExhausted,
      .runs(.long),
      runs
    ),
    Recipe(
      "short-runs",
      why:
        "The work of unpredictable-runs with a period of four regions, which branch prediction learns too.",
      claim: .tdmrsExhausted,
      .runs(.short),
      runs
    ),
    Recipe(
      "unpredictable-runs",
      why:
        "Whether a region opens a TDMR and whether a hole follows is the toss of a coin: the worst for branches.",
      claim: .tdmrsExhausted,
      .runs(.unpredictable),
      runs
    ),
  ]

  /// Firmware's tables are convertible, as on real hosts: one CMR below 2 GiB, one for each socket or so.
  private static func firmware(
    size: UInt64,
    regions: UInt64,
    holes: ClosedRange<UInt64> = 64 * kib...16 * mib,
    nodes: UInt64 = 1,
    alignment: UInt64 = 4 * kib
  ) -> RecipeParameters {
    row(
      size: size,
      regions: regions,
      holes: holes,
      nodes: nodes,
      alignment: alignment,
      merged: 32 * mib
    )
  }

  /// - Parameter merged: the holes that are convertible; 0: CMRs are exact.
  private static func row(
    size: UInt64,
    regions: UInt64,
    holes: ClosedRange<UInt64>,
    nodes: UInt64 = 1,
    alignment: UInt64 = 4 * kib,
    merged: UInt64 = 0
  ) -> RecipeParameters {
    RecipeParameters(
      totalBytes: size,
      regionCount: regions,
      holeBytes: holes,
      nodes: nodes,
      alignment: alignment,
      convertible: merged == 0 ? .exact : .merged(over: merged)
    )
  }

  private static let runs = row(
    size: 16 * tib,
    regions: 10_000,
    holes: 4 * kib...2 * mib,
    merged: 2 * mib
  )
}

private let kib: UInt64 = 1 << 10
