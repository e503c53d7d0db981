import RandomNumbers
import TDXMemory

/// A machine to plan for: the input of a plan as plain arrays.
public struct Machine: Sendable, CustomStringConvertible {
  public var regions: [MemoryRegion]
  public var convertible: [AddressRange]
  public var options: PlanOptions

  public init(
    _ regions: [MemoryRegion],
    convertible: [AddressRange] = [],
    _ options: PlanOptions = PlanOptions()
  ) {
    self.regions = regions
    self.convertible = convertible
    self.options = options
  }

  /// The plan under test. Where `keyIDBits` is given, the module is asked, with the CMRs as its table.
  public func plan(keyIDBits: Int? = nil, planner: Planner = Planner()) throws -> CopiedPlan {
    try TestSupport.plan(regions, convertible: convertible, options, keyIDBits: keyIDBits, planner: planner)
  }

  /// What Linux does, by the slow oracle.
  public func plainPlan() -> CopiedPlan { PlainLinux.plan(regions, convertible: convertible, options) }

  public var description: String {
    """
    policy \(options.policy.rawValue), placement \(options.placement.rawValue), \
    dynamic PAMT \(options.dynamicPAMT), \(options.limits)
    memory:
    \(regions.map { "  \($0)" }.joined(separator: "\n"))
    CMRs: \(convertible.map(\.description).joined(separator: " "))
    """
  }
}

// MARK: - Every small layout

extension Machine {
  /// Every way to fill `cells` with nodes or leave them out: digit i of `layout`, to the base `nodes` + 1, tells
  /// the node of cell i, counted from 1; 0 is a hole.
  ///
  /// - Parameters:
  ///   - cells: where each cell starts, and where the last one ends.
  ///   - joined: whether touching cells of one node are one region, as memblock has them.
  public static func regions(layout: Int, nodes: Int, cells: [UInt64], joined: Bool) -> [MemoryRegion] {
    var regions: [MemoryRegion] = []
    var rest = layout
    for (start, end) in zip(cells, cells.dropFirst()) {
      let digit = rest % (nodes + 1)
      rest /= nodes + 1
      guard digit > 0 else { continue }
      let node = UInt32(digit - 1)
      if joined, let last = regions.last, last.end == start, last.node == node {
        regions[regions.count - 1] = MemoryRegion(start: last.start, end: end, node: node)
      } else {
        regions.append(MemoryRegion(start: start, end: end, node: node))
      }
    }
    return regions
  }
}

// MARK: - Random machines

extension Machine {
  /// Any machine at all: unaligned and touching regions, strange nodes, borders of zones, GiBs and the address
  /// space, CMRs that hold the memory or not, and any limits.
  public static func random(using random: inout SplitMix64) -> Machine {
    let regions = randomRegions(using: &random)
    return Machine(
      regions,
      convertible: randomConvertible(regions, using: &random),
      randomOptions(using: &random)
    )
  }

  /// A machine that initialises more often than not: whole pages below 2^46, CMRs that hold the memory, and the
  /// module's own limits.
  public static func randomSound(using random: inout SplitMix64) -> Machine {
    var regions: [MemoryRegion] = []
    var start: UInt64 = random.pick([0, 0, 1 << 20, 1 << 32, (1 << 46) - (40 << 30)])
    for _ in 0..<(1 + random.below(8)) {
      start += random.pick([0, 0, 1, 17, 1 << 8, 1 << 17, 1 << 18] as [UInt64]) << 12
      let size = random.pick([1, 300, 1 << 11, 1 << 16, 1 << 18, 1 << 20] as [UInt64]) << 12
      let node = UInt32(random.below(3))
      regions.append(MemoryRegion(start: start, end: start + size, node: node))
      start += size
    }
    let policy = random.pick(Policy.ofLinux)
    let options = PlanOptions(
      policy: policy,
      placement: random.pick(Placement.allCases),
      dynamicPAMT: random.oneIn(2),
      limits: ModuleLimits(maxReserved: random.pick([16, 16, 28, 40]))
    )
    // Linux leaves out the first MiB, which need not be convertible.
    return Machine(regions, convertible: convertible(holding: regions, using: &random), options)
  }

  /// Page-aligned CMRs that hold every region in one of them.
  private static func convertible(
    holding regions: [MemoryRegion],
    using random: inout SplitMix64
  ) -> [AddressRange] {
    var cmrs: [AddressRange] = []
    for region in regions {
      let joins = cmrs.last.map { $0.end >= region.start || random.oneIn(3) } ?? false
      // Abutting CMRs are as good as one for the module, and for the patch where no region lies across.
      if joins, cmrs.last!.end < region.start || random.oneIn(2) {
        cmrs[cmrs.count - 1] = AddressRange(unchecked: cmrs.last!.start, region.end)
      } else {
        let start = max(
          cmrs.last?.end ?? 0,
          region.start - min(region.start, random.pick([0, 0, 4096, 1 << 20]))
        )
        cmrs.append(AddressRange(unchecked: start, region.end))
      }
    }
    return cmrs
  }

  private static func randomRegions(using random: inout SplitMix64) -> [MemoryRegion] {
    let anchors: [UInt64] = [
      0, 0x1000, 0x9_f000, 0x10_0000, 16 << 20, 512 << 20, 1 << 30, 3 << 30, 4 << 30, 5 << 30, 64 << 30,
      1 << 46, 1 << 52, UInt64.max - (2 << 30) + 1, UInt64.max - (1 << 30) + 1,
    ]
    let nodes = random.pick([[0], [0], [0, 1], [0, 1, 2, 3], [7, 2, .max]] as [[UInt32]])
    var regions: [MemoryRegion] = []
    var position = random.pick(random.oneIn(3) ? anchors : Array(anchors.prefix(9)))
    var node = random.pick(nodes)
    // Near a border rather than at it.
    position -= min(position, random.below(3) * random.pick([1 << 12, 1 << 20, 1 << 24]))
    for _ in 0..<random.pick([0, 1, 2, 3, 5, 8, 13, 21, 34]) {
      var gap = random.pick([0, 0, 0, 1, 1, 2, 5, 256, 1 << 12, 1 << 17, 1 << 18, 3 << 19] as [UInt64]) << 12
      if random.oneIn(8) { gap += random.below(4096 as UInt64) }
      if random.oneIn(10) { gap = (position | (1 << 30 - 1)) &+ 1 &- position }
      if random.oneIn(12), let next = anchors.first(where: { $0 > position }) { gap = next - position }
      let pages: [UInt64] = [1, 1, 2, 3, 257, 515, 1027, 1 << 11, 1 << 16, 1 << 17, 1 << 18, 1 << 20]
      var size = random.pick(pages) << 12
      size += random.pick([0, 0, 4096, 1 << 20])
      if random.oneIn(16) { size <<= random.pick([2, 6, 10]) }
      if random.oneIn(8) { size += random.below(4096 as UInt64) }
      if random.oneIn(40) { size = random.below(4096 as UInt64) }
      let start = position.addingReportingOverflow(gap)
      if start.overflow { break }
      let end = start.partialValue.addingSaturated(size)
      if random.oneIn(2) { node = random.pick(nodes) }
      regions.append(MemoryRegion(start: start.partialValue, end: end, node: node))
      position = end
      if end == .max { break }
    }
    if random.oneIn(4) { regions.shuffle(using: &random) }
    return regions
  }

  /// CMRs that fit the regions exactly, are merged, split, too large or too small, or not page-aligned.
  private static func randomConvertible(
    _ regions: [MemoryRegion],
    using random: inout SplitMix64
  ) -> [AddressRange] {
    let ascending = regions.sorted { $0.start < $1.start }
    let style = random.below(7)
    var cmrs: [AddressRange] = []
    var covered: UInt64 = 0
    func add(_ start: UInt64, _ end: UInt64) {
      let start = max(start, covered)
      guard start < end else { return }
      cmrs.append(AddressRange(unchecked: start, end))
      covered = end
    }
    for (index, region) in ascending.enumerated() {
      let room = (index + 1 < ascending.count ? ascending[index + 1].start : .max) - region.end
      switch style {
      case 0: break
      case 1: add(region.start, region.end)
      case 2:  // Touching and near ones as one.
        if let last = cmrs.last, region.start - last.end <= 1 << 20 {
          cmrs[cmrs.count - 1] = AddressRange(unchecked: last.start, region.end)
          covered = region.end
        } else {
          add(region.start, region.end)
        }
      case 3:  // Cut somewhere: two that abut, or leave a hole.
        let middle = region.start + region.size / 2 & ~0xfff
        add(region.start, max(middle, region.start))
        add(max(middle, region.start) + (random.oneIn(4) ? min(4096, region.end - middle) : 0), region.end)
      case 4:  // Larger, rarely page-aligned.
        add(region.start - min(region.start, random.below(8192)), region.end + min(room, random.below(8192)))
      case 5:  // Larger, by pages.
        let below = min(region.start, random.below(600) << 12)
        add(region.start - below, region.end + min(room, random.below(600) << 12))
      default:  // The rare one too small.
        add(region.start + (random.oneIn(20) ? min(region.size, 4096) : 0), region.end)
      }
    }
    if style == 2, random.oneIn(2), let first = cmrs.first, let last = cmrs.last {
      cmrs = [AddressRange(unchecked: first.start, last.end)]
    }
    return cmrs
  }

  private static func randomOptions(using random: inout SplitMix64) -> PlanOptions {
    func entryBytes() -> UInt16 { random.oneIn(4) ? random.pick([0, 1, 8, 24, 64, 65535]) : 16 }
    return PlanOptions(
      policy: random.pick(Policy.ofLinux),
      placement: random.pick(Placement.allCases),
      dynamicPAMT: random.oneIn(3),
      limits: ModuleLimits(
        maxTDMRs: random.oneIn(2) ? 64 : random.pick([0, 1, 2, 3, 4, 5, 7, 16, 300, .max]),
        maxReserved: random.oneIn(2) ? 16 : random.pick([0, 1, 2, 3, 5, 8, 28, 29, 60, 5_000_000, .max]),
        pamtEntryBytes: PAMTEntryBytes(page4K: entryBytes(), page2M: entryBytes(), page1G: entryBytes())
      )
    )
  }
}
