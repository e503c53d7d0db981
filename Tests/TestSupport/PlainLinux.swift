import TDXMemory

/// Linux's TDMR construction as its description reads, step by step, with no thought for speed: the oracle that
/// the planner is held against. It shares nothing with the planner but the types of the input and the result.
public struct PlainLinux {
  typealias TDMR = PlanVector.TDMR
  /// Bytes, `[start, end)`.
  typealias Span = (start: UInt64, end: UInt64)

  /// The memory map: whole pages, ascending, the first MiB included.
  private let map: [MemoryRegion]
  /// The memory list: the memory map from the first MiB on.
  private let memory: [MemoryRegion]
  private let convertible: [AddressRange]
  private let options: PlanOptions
  private var messages: [String] = []

  /// - Parameters:
  ///   - regions: disjoint, in any order.
  ///   - convertible: disjoint, in any order.
  public static func plan(
    _ regions: [MemoryRegion],
    convertible: [AddressRange],
    _ options: PlanOptions
  ) -> CopiedPlan {
    var linux = PlainLinux(regions, convertible, options)
    do throws(PlanFailure) {
      let tdmrs = try linux.tdmrsWithPAMTsAndReservedAreas()
      return CopiedPlan(
        outcome: .ok,
        messages: linux.messages,
        tdmrs: tdmrs,
        pamtBytes: tdmrs.flatMap(\.pamts).reduce(0) { $0 + $1[1] }
      )
    } catch {
      linux.messages.append("virt/tdx: module initialization failed (-\(errno(error.outcome)))")
      return CopiedPlan(
        outcome: error.outcome,
        failure: error,
        messages: linux.messages,
        tdmrs: [],
        pamtBytes: 0
      )
    }
  }

  private init(_ regions: [MemoryRegion], _ convertible: [AddressRange], _ options: PlanOptions) {
    map = regions.sorted { $0.start < $1.start }.compactMap { wholePages(of: $0, from: 0) }
    memory = map.compactMap { wholePages(of: $0, from: 0x10_0000) }
    self.convertible = convertible.filter { $0.start < $0.end }.sorted { $0.start < $1.start }
    self.options = options
  }

  private mutating func tdmrsWithPAMTsAndReservedAreas() throws(PlanFailure) -> [TDMR] {
    if options.policy == .linuxCMR { try everyRegionIsConvertible() }
    var tdmrs = try chosenTDMRs()
    try placePAMTs(of: &tdmrs)
    for index in tdmrs.indices { try addReservedAreas(to: index, of: &tdmrs) }
    return tdmrs
  }

  private mutating func everyRegionIsConvertible() throws(PlanFailure) {
    for region in memory
    where !convertible.contains(where: { $0.start <= region.start && region.end <= $0.end }) {
      messages.append(
        "virt/tdx: memory region \(text(region.start, region.end)) is not TDX convertible memory."
      )
      throw .notConvertible(region.range)
    }
  }

  // MARK: - TDMRs

  private mutating func chosenTDMRs() throws(PlanFailure) -> [TDMR] {
    let gib: UInt64 = 1 << 30
    var spans: [Span] = []
    for region in memory {
      let current = spans.last?.end ?? 0
      if region.end <= current { continue }
      // Ours, not Linux's: no machine has memory there.
      if region.end > UInt64.max - gib + 1 { throw .notAddressable(region.range) }
      let (start, end) = (region.start / gib * gib, (region.end + (gib - 1)) / gib * gib)
      if spans.count >= options.limits.maxTDMRs {
        messages.append("virt/tdx: initialization failed: TDMRs exhausted.")
        throw .tdmrsExhausted
      }
      spans.append((max(start, current), end))
    }
    let (used, limit) = (max(spans.count, 1), options.limits.maxTDMRs)
    if limit < used || limit - UInt64(used) < 4 {
      messages.append("virt/tdx: consumed TDMRs reaching limit: \(used) used out of \(limit)")
    }
    if spans.isEmpty {
      messages.append(
        "virt/tdx: TDMR [0x0, 0x0): unable to find local NUMA node for PAMT allocation, fallback to use node 0."
      )
      throw .noMemoryForPAMT(tdmr: AddressRange(unchecked: 0, 0), bytes: 0)
    }
    return spans.map { span in
      let node = memory.first { $0.end > span.start }!.node
      return TDMR(base: span.start, size: span.end - span.start, node: node, pamts: [], reserved: [])
    }
  }

  // MARK: - PAMTs

  private func placePAMTs(of tdmrs: inout [TDMR]) throws(PlanFailure) {
    // The memory that PAMTs may still take, cut wherever one was taken out.
    var free = memory
    for index in tdmrs.indices {
      let sizes = pamtSizes(tdmrs[index].size)
      let bytes = sizes.reduce(0) { $0.addingReportingOverflow($1).overflow ? .max : $0 + $1 }
      let preferred = tdmrs[index].node
      let others = Set(memory.map(\.node)).subtracting([preferred]).sorted()
      guard bytes > 0, let base = ([preferred] + others).firstNonNil({ place(bytes, on: $0, in: &free) })
      else {
        let range = AddressRange(unchecked: tdmrs[index].base, tdmrs[index].base + tdmrs[index].size)
        throw .noMemoryForPAMT(tdmr: range, bytes: bytes)
      }
      tdmrs[index].pamts = [
        [base, sizes[0]], [base + sizes[0], sizes[1]], [base + sizes[0] + sizes[1], sizes[2]],
      ]
    }
  }

  /// The bytes of the 4K, the 2M and the 1G PAMT; 2^64 - 4096 where they are more than an address can say.
  private func pamtSizes(_ tdmrSize: UInt64) -> [UInt64] {
    let entry = options.limits.pamtEntryBytes
    let size = UInt128(tdmrSize)
    let bytes: [UInt128] = [
      options.dynamicPAMT ? (size / 4096 + 7) / 8 : size / 4096 * UInt128(entry.page4K),
      size / 0x20_0000 * UInt128(entry.page2M),
      size / 0x4000_0000 * UInt128(entry.page1G),
    ]
    let most = UInt128(UInt64.max - 4095)
    return bytes.map { UInt64(min(($0 + 4095) / 4096 * 4096, most)) }
  }

  private func place(_ bytes: UInt64, on node: UInt32, in free: inout [MemoryRegion]) -> UInt64? {
    switch options.placement {
    case .top:
      guard let region = free.last(where: { $0.node == node && $0.size >= bytes }) else { return nil }
      return take(bytes, at: region.end - bytes, from: &free)
    case .bottom:
      guard let region = free.first(where: { $0.node == node && $0.size >= bytes }) else { return nil }
      return take(bytes, at: region.start, from: &free)
    case .firstFit:
      guard let base = firstFit(bytes, on: node, in: free) else { return nil }
      return take(bytes, at: base, from: &free)
    }
  }

  /// Zone by zone: the frames p, p + n, p + 2n, … from the zone's first page rounded up as the kernel does.
  private func firstFit(_ bytes: UInt64, on node: UInt32, in free: [MemoryRegion]) -> UInt64? {
    let zones: [Span] = [(0x1_0000_0000, .max), (0x100_0000, 0x1_0000_0000), (0, 0x100_0000)]
    let n = bytes / 4096
    for zone in zones {
      guard let first = spans(map, of: node, in: zone).first else { continue }
      var p = (first.start / 4096 + n - 1) & ~(n - 1)
      for run in spans(free, of: node, in: zone) {
        let (start, end) = (run.start / 4096, run.end / 4096)
        if p < start { p += (start - p + n - 1) / n * n }
        if p + n <= end { return p * 4096 }
      }
    }
    return nil
  }

  /// What a node has in a zone: touching regions as one.
  private func spans(_ regions: [MemoryRegion], of node: UInt32, in zone: Span) -> [Span] {
    var spans: [Span] = []
    for region in regions where region.node == node {
      let (start, end) = (max(region.start, zone.start), min(region.end, zone.end))
      if start >= end { continue }
      if let last = spans.last, last.end == start {
        spans[spans.count - 1].end = end
      } else {
        spans.append((start, end))
      }
    }
    return spans
  }

  /// Cuts `[base, base + bytes)` out of the regions that it lies in.
  private func take(_ bytes: UInt64, at base: UInt64, from free: inout [MemoryRegion]) -> UInt64 {
    let end = base + bytes
    free = free.flatMap { region in
      if region.end <= base || end <= region.start { return [region] }
      var rest: [MemoryRegion] = []
      if region.start < base { rest.append(MemoryRegion(start: region.start, end: base, node: region.node)) }
      if end < region.end { rest.append(MemoryRegion(start: end, end: region.end, node: region.node)) }
      return rest
    }
    return base
  }

  // MARK: - Reserved areas

  private mutating func addReservedAreas(to index: Int, of tdmrs: inout [TDMR]) throws(PlanFailure) {
    let (base, end) = (tdmrs[index].base, tdmrs[index].base + tdmrs[index].size)
    let ranges = options.policy == .linuxCMR ? convertible : memory.map(\.range)
    var holesEnd = base
    for range in ranges where range.end > base && range.start < end {
      if range.start > holesEnd { try reserve((holesEnd, range.start), in: &tdmrs[index]) }
      holesEnd = range.end
    }
    if holesEnd < end { try reserve((holesEnd, end), in: &tdmrs[index]) }
    for other in tdmrs.indices {
      let start = max(tdmrs[other].pamts[0][0], base)
      let pamtEnd = min(tdmrs[other].pamts[2].reduce(0, +), end)
      if start < pamtEnd { try reserve((start, pamtEnd), in: &tdmrs[index]) }
    }
    tdmrs[index].reserved.sort { $0[0] < $1[0] }
  }

  private mutating func reserve(_ area: Span, in tdmr: inout TDMR) throws(PlanFailure) {
    let range = AddressRange(unchecked: tdmr.base, tdmr.base + tdmr.size)
    if area.start % 4096 != 0 || (area.end - area.start) % 4096 != 0 {
      throw .reservedAreaNotAligned(tdmr: range, area: AddressRange(unchecked: area.start, area.end))
    }
    if tdmr.reserved.count >= options.limits.maxReserved {
      messages.append(
        "virt/tdx: initialization failed: TDMR \(text(range.start, range.end)): reserved areas exhausted."
      )
      throw .reservedAreasExhausted(tdmr: range)
    }
    tdmr.reserved.append([area.start - tdmr.base, area.end - area.start])
  }
}

/// The whole pages of a region from `lowest` on; nil where there are none.
private func wholePages(of region: MemoryRegion, from lowest: UInt64) -> MemoryRegion? {
  if region.start > UInt64.max - 4095 { return nil }
  let start = max((region.start + 4095) / 4096 * 4096, lowest)
  let end = region.end / 4096 * 4096
  return start < end ? MemoryRegion(start: start, end: end, node: region.node) : nil
}

private func text(_ start: UInt64, _ end: UInt64) -> String {
  "[0x\(String(start, radix: 16)), 0x\(String(end, radix: 16)))"
}

private func errno(_ outcome: PlanOutcome) -> Int {
  switch outcome {
  case .ok: 0
  case .noMemory: 12
  case .invalid: 22
  case .noSpace: 28
  }
}

extension Sequence {
  fileprivate func firstNonNil<Result>(_ transform: (Element) -> Result?) -> Result? {
    for element in self { if let result = transform(element) { return result } }
    return nil
  }
}
