// Small plans: few regions, and entries of 512 bytes, as under every module's limits. It is known where each entry will
// stand before the first one is complete.
//
// The way of a small plan:
// 1. `sweep` (SmallPlan+TDMRs) chooses the TDMRs and leaves base, size and holes of each where the module will read
//    them.
// 2. `placePAMTs` (SmallPlan+PAMTs) places the PAMTs and writes where they lie.
// 3. `insertPAMTs` (SmallPlan+PAMTs) adds them to the areas of the TDMRs that they lie in.
// 4. `complete` turns what is left into null areas.
//
// Nothing is listed, sorted or merged. Each step is a loop of its own: one that does all of them has more variables than
// a processor has registers.

extension PlannerState {
  /// Whether a plan of so many regions with these options is a small one: its entries have room for their areas and a
  /// gap.
  @inline(__always)
  func isSmall(_ map: UnsafeBufferPointer<MemoryRegion>, _ options: PlanOptions) -> Bool {
    map.count <= workspace.tuning.smallUpTo && options.policy == .linux
      && options.limits.maxReserved < EntryTable.areasInABlock
  }

  /// Makes a small plan.
  ///
  /// It takes its arguments one by one: to build a `PlanTask` of them costs 60 instructions.
  @inline(__always)
  mutating func smallPlan(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    _ options: PlanOptions,
    _ buffer: UnsafeMutableRawBufferPointer?
  ) -> Plan {
    let most = Planner.mostTDMRs(map, options)
    let table = table(most &* TDMRInfo.alignment, buffer, maxReserved: options.limits.maxReserved)
    workspace.reserve(regions: map.count, tdmrs: most)
    workspace.nodeSpans.reserve(map.count)
    let memory = TDXMemoryList(map)
    var entries = SmallEntries(
      table: table,
      areaCounts: workspace.areaCounts.base,
      nodes: workspace.nodes.base
    )
    var messages = LinuxMessages()
    var pamtBytes: UInt64 = 0
    do throws(PlanFailure) {
      var spans = NodeSpanList(workspace.nodeSpans.base, of: memory)
      let smallest = try entries.sweep(memory, limit: options.limits.maxTDMRs, &spans)
      messages.note(tdmrs: entries.count, limit: options.limits.maxTDMRs)
      pamtBytes = try entries.placePAMTs(
        &workspace.freeMemory,
        memory,
        spans,
        options,
        smallestTDMR: smallest
      )
      entries.insertPAMTs()
      try entries.complete()
    } catch {
      table.forgetBlocks(entries.count)
      messages.failure = error
      entries.count = 0
      pamtBytes = 0
    }
    let starts = workspace.blockStarts.base
    return workspace.plan(table, starts, starts + 1, entries.count, messages, pamtBytes)
  }
}

/// The entries of a small plan while they are written.
///
/// The holes leave a gap of one area before them, for a PAMT: most PAMTs lie before most holes of their TDMR, and those
/// would have to make room. With 16 holes in each TDMR that took a seventh of a plan's instructions.
struct SmallEntries {
  let table: EntryTable
  /// How many areas each entry has got, the gap left out; more than it may have where there are too many.
  let areaCounts: UnsafeMutablePointer<Int>
  /// The node that each TDMR's PAMT is asked for on.
  let nodes: UnsafeMutablePointer<UInt32>
  var count = 0

  /// The last step: what the holes and PAMTs leave unused becomes null areas.
  ///
  /// - Throws: `reservedAreasExhausted`.
  @inline(__always)
  func complete() throws(PlanFailure) {
    var tdmr = 0
    while tdmr < count {
      let areaCount = areaCounts[tdmr]
      guard areaCount <= table.mostAreas else { throw .reservedAreasExhausted(tdmr: table.range(tdmr)) }
      let areas = table.areas(of: tdmr)
      if areas.pointee.size == 0 {
        // No PAMT has filled the gap.
        var area = 0
        while area < areaCount {
          areas[area] = areas[area &+ 1]
          area &+= 1
        }
      }
      table.clear(tdmr, areas: areaCount)
      tdmr &+= 1
    }
  }
}
