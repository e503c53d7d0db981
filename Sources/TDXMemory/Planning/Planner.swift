// The way of a plan: `Planner.plan` asks whether it is a small one (`PlannerState.isSmall`). If so, SmallPlans makes it; else
// LargePlans. Both find the same plan, from the same pieces (Pieces): the memory list, the sizes of PAMTs, free memory,
// and the table of entries. A folder's first file says step by step how its plans are made: SmallPlans/SmallPlan.swift,
// LargePlans/PlanWorkspace.swift.

/// Turns memory maps into TDMRs, PAMTs and reserved areas, as Linux does.
///
/// A planner keeps its workspace from plan to plan: it allocates only when a map needs more than every one before.
/// One plan at a time: a planner is not to be shared between threads.
///
/// Memory is linear in the regions, and so is time, whatever the number of TDMRs; but for PAMTs of ever other sizes, which
/// cost O(log regions) each.
public final class Planner {
  // A constant pointer: each access to a stored variable of a class costs a check of exclusivity.
  private let state: UnsafeMutablePointer<PlannerState>

  public convenience init() { self.init(PlannerTuning()) }

  package init(_ tuning: PlannerTuning) {
    state = .allocate(capacity: 1)
    state.initialize(to: PlannerState(tuning))
  }

  deinit {
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// Plans one machine.
  ///
  /// - Parameters:
  ///   - map: the memory, as `MemoryMap` guarantees it.
  ///   - convertible: the CMRs, ascending and disjoint (`normalizeConvertibleRegions`); `linux` ignores them.
  ///   - buffer: at least `requiredBytes(…)`, aligned to 512 bytes; nil: memory of this planner. That is faster, since
  ///     only this planner writes there: it zeroes what its last plan left, where it must zero all of a `buffer`.
  /// - Returns: views of `buffer` and of this planner.
  // Inlined into other modules, like `MemoryMap.withRegions`: two calls that hand a plan on took a tenth of a small one.
  @inlinable
  public func plan(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    convertible: UnsafeBufferPointer<AddressRange>,
    options: PlanOptions,
    into buffer: UnsafeMutableRawBufferPointer? = nil
  ) -> Plan {
    planned(map, convertible, options, buffer)
  }

  @usableFromInline
  func planned(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    _ convertible: UnsafeBufferPointer<AddressRange>,
    _ options: PlanOptions,
    _ buffer: UnsafeMutableRawBufferPointer?
  ) -> Plan {
    if state.pointee.isSmall(map, options) {
      return state.pointee.smallPlan(map, convertible, options, buffer)
    }
    return state.pointee.largePlan(map, convertible, options, buffer)
  }

  /// The last step of a plan alone, for those who measure it: writes the entries of the last plan, with their
  /// reserved areas, once more.
  ///
  /// - Precondition: the last plan was one of the same machine with the same options, and fits, and this planner makes
  ///   no small plans (`PlannerTuning.inSteps`), whose steps are others.
  package func rewriteEntries(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    convertible: UnsafeBufferPointer<AddressRange>,
    options: PlanOptions,
    into buffer: UnsafeMutableRawBufferPointer? = nil
  ) {
    let task = state.pointee.task(map, convertible, options, buffer)
    var part = EntryPart(first: 0, end: state.pointee.workspace.tdmrCount, offset: 0)
    state.pointee.workspace.writeEntries(&part, task)
    guard case .written = part.outcome else { preconditionFailure("this is not the last plan") }
  }
}

extension Planner {
  /// The bytes that the plan of such a map may take in the caller's buffer. At least 512, a multiple of 512.
  public static func requiredBytes(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    convertible: UnsafeBufferPointer<AddressRange>,
    options: PlanOptions
  ) -> Int {
    let sources = options.policy == .linux ? map.count : convertible.count
    return requiredBytes(
      tdmrs: mostTDMRs(map, options),
      sources: sources,
      maxReserved: options.limits.maxReserved
    )
  }

  /// The bytes that so many TDMRs may take.
  ///
  /// - Parameter sources: the ranges that holes lie between.
  static func requiredBytes(tdmrs: Int, sources: Int, maxReserved: UInt64) -> Int {
    let areasPerEntry = (TDMRInfo.alignment - TDMRInfo.headerBytes) / TDMRInfo.reservedAreaBytes
    let entries = tdmrs * TDMRInfo.alignment
    guard maxReserved > UInt64(areasPerEntry) else { return entries }
    // A hole lies before each range and at the end of each TDMR. TDMRs and PAMTs are disjoint among themselves, so
    // they cut each other into at most twice as many pieces. That makes 3 areas per TDMR. Rounding an entry up to
    // 512 bytes costs at most 48 bytes beyond its first 512, as much as 3 more: 29 areas take 1024 bytes.
    let areas = sources + 6 * tdmrs
    return entries + (areas * TDMRInfo.reservedAreaBytes + TDMRInfo.alignment - 1) & ~(TDMRInfo.alignment - 1)
  }

  /// No plan has more TDMRs: each has a region that adds a GiB to it, and they are disjoint GiB pieces.
  @inline(__always)
  static func mostTDMRs(_ map: UnsafeBufferPointer<MemoryRegion>, _ options: PlanOptions) -> Int {
    guard let first = map.first, let last = map.last else { return 1 }
    let span = Int(last.end >> 30) - Int(first.start >> 30) + 1
    return max(1, min(map.count, span, Int(clamping: options.limits.maxTDMRs)))
  }
}
