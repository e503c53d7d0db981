// Small plans: few regions, and entries of 512 bytes, as under every module's limits. It is known where each entry will
// stand before the first one is complete, and what counts is instructions: all memory is in the caches.
//
// The way of a small plan, in loops that each have few variables:
// 1. `checkConvertible` (Pieces/TDXMemoryList+Convertible), for `linux-cmr`: every region in one CMR.
// 2. `chooseTDMRs` (SmallPlan+Choosing) writes base and size of each TDMR, and lists where the node changes.
// 3. `placePAMTs` (SmallPlan+Placing) writes where each PAMT lies, and lists the PAMTs by address: node by node where all
//    is simple, else by free memory with its lists (Pieces/FreeMemory).
// 4. `writeAreas` (SmallPlan+Writing) merges holes and PAMTs as they come by address, and writes each area once, in order;
//    none is read again or moved.

extension PlannerState {
  /// Whether a plan of so many regions with these options is a small one: its entries have room for their areas and for
  /// a null area behind them.
  @inline(__always)
  func isSmall(_ map: UnsafeBufferPointer<MemoryRegion>, _ options: PlanOptions) -> Bool {
    map.count <= workspace.tuning.smallUpTo && options.policy != .optimal
      && options.limits.maxReserved < EntryTable.areasInABlock
  }

  /// Makes a small plan, if the machine is like one: with memory, none of it beyond 2^59, and CMRs on page borders. Else
  /// makes a large one.
  @inline(__always)
  mutating func smallPlan(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    _ convertible: UnsafeBufferPointer<AddressRange>,
    _ options: PlanOptions,
    _ buffer: UnsafeMutableRawBufferPointer?
  ) -> Plan {
    let memory = TDXMemoryList(map)
    // The sizes of PAMTs of TDMRs below 2^59 wrap nowhere.
    guard memory.count > 0, memory.end(memory.count &- 1) <= 1 << 59 else {
      return largePlan(map, convertible, options, buffer)
    }
    reserve(regions: map.count, convertible: convertible.count)
    let table = self.memory.smallTable(maxReserved: options.limits.maxReserved)
    do throws(PlanFailure) {
      if options.policy == .linuxCMR {
        try memory.checkConvertible(convertible)
        guard convertible.areOnPages else { return largePlan(map, convertible, options, buffer) }
      }
      try workspace.chooseTDMRs(memory, in: table, limit: options.limits.maxTDMRs)
    } catch {
      return workspace.failedPlan(table, .none, error)
    }
    let warnings = LinuxWarnings(tdmrs: workspace.tdmrCount, limit: options.limits.maxTDMRs)
    let pamtBytes: UInt64
    do throws(PlanFailure) {
      pamtBytes = try workspace.placePAMTs(memory, in: table, options)
    } catch {
      return workspace.failedPlan(table, warnings, error)
    }
    let full: UnsafeMutablePointer<UInt64>?
    if options.policy == .linuxCMR {
      let first = convertible.baseAddress.unsafelyUnwrapped
      full = workspace.writeAreas(
        in: table,
        between: first,
        first + convertible.count,
        from: first.pointee.start
      )
    } else {
      let first = memory.regions
      full = workspace.writeAreas(
        in: table,
        between: first,
        first + memory.count,
        from: memory.start(0)
      )
    }
    if let full {
      let tdmr = AddressRange(unchecked: full[0], full[0] &+ full[1])
      return workspace.failedPlan(table, warnings, .reservedAreasExhausted(tdmr: tdmr))
    }
    let starts = workspace.blockStarts.base
    let written =
      buffer == nil ? table : copy(table, to: buffer.unsafelyUnwrapped, map, convertible, options)
    return workspace.plan(written, starts, starts + 1, workspace.tdmrCount, warnings, pamtBytes)
  }

  /// Allocates what a small plan of so many regions and CMRs needs, unless an earlier one has.
  @inline(__always)
  private mutating func reserve(regions: Int, convertible: Int) {
    guard regions > smallPlansUpTo.regions || convertible > smallPlansUpTo.convertible else {
      return
    }
    grow(regions: regions, convertible: convertible)
  }

  @inline(never)
  private mutating func grow(regions: Int, convertible: Int) {
    smallPlansUpTo = (
      max(regions, smallPlansUpTo.regions), max(convertible, smallPlansUpTo.convertible)
    )
    let (regions, convertible) = smallPlansUpTo
    workspace.reserveForSmallPlan(regions: regions)
    // An entry for each region, and behind them room for all areas that the last TDMR may have: how many a TDMR has is
    // asked at its end only.
    let areas = 2 * regions + max(regions, convertible) + 2
    memory.reserve(regions * TDMRInfo.alignment + areas * TDMRInfo.reservedAreaBytes)
  }

  /// A copy of the entries in the caller's buffer, whose room ends with the last entry.
  @inline(never)
  private mutating func copy(
    _ entries: EntryTable,
    to buffer: UnsafeMutableRawBufferPointer,
    _ map: UnsafeBufferPointer<MemoryRegion>,
    _ convertible: UnsafeBufferPointer<AddressRange>,
    _ options: PlanOptions
  ) -> EntryTable {
    let bytes = Planner.requiredBytes(map, convertible: convertible, options: options)
    let copy = table(bytes, buffer, maxReserved: options.limits.maxReserved)
    copy.copyBlocks(workspace.tdmrCount, of: entries)
    return copy
  }
}
