/// Turns memory maps into TDMRs, PAMTs and reserved areas, as Linux does.
///
/// A planner keeps its workspace from plan to plan: it allocates only when a map is larger than every one before.
/// One plan at a time: a planner is not to be shared between threads.
///
/// Memory is linear in the regions, and so is time, whatever the number of TDMRs; each distinct PAMT size may cost a
/// sweep over the regions of a node.
public final class Planner {
  // A struct, lent once per plan: each access to a stored property of a class costs a check of exclusivity, which
  // took a third of the instructions of a small plan.
  private var workspace = PlanWorkspace()

  public init() {}

  /// Plans one machine.
  ///
  /// - Parameters:
  ///   - map: the memory, as `MemoryMap` guarantees it.
  ///   - convertible: the CMRs, ascending and disjoint (`normalizeConvertibleRegions`); `linux` ignores them.
  ///   - buffer: at least `requiredBytes(…)`, aligned to 512 bytes.
  /// - Returns: views of `buffer` and of this planner.
  public func plan(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    convertible: UnsafeBufferPointer<AddressRange>,
    options: PlanOptions,
    into buffer: UnsafeMutableRawBufferPointer
  ) -> Plan {
    precondition(
      buffer.count >= Self.requiredBytes(map, convertible: convertible, options: options),
      "the buffer is smaller than requiredBytes"
    )
    return workspace.plan(
      map,
      convertible: convertible,
      options: options,
      mostTDMRs: Self.mostTDMRs(map, options),
      into: buffer
    )
  }

  /// The last step of a plan alone, for those who measure it: writes the entries of the last plan, with their
  /// reserved areas, once more.
  ///
  /// - Precondition: the last plan was one of the same machine with the same options, and fits.
  public func rewriteEntries(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    convertible: UnsafeBufferPointer<AddressRange>,
    options: PlanOptions,
    into buffer: UnsafeMutableRawBufferPointer
  ) {
    precondition(workspace.tdmrCount > 0, "there is no plan whose entries could be written")
    do {
      try workspace.writeEntries(TDXMemoryList(map), convertible, options, into: buffer)
    } catch {
      preconditionFailure("this is not the last plan: \(error)")
    }
  }
}

extension Planner {
  /// The bytes that the plan of such a map may take in the caller's buffer. At least 512, a multiple of 512.
  public static func requiredBytes(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    convertible: UnsafeBufferPointer<AddressRange>,
    options: PlanOptions
  ) -> Int {
    let tdmrs = mostTDMRs(map, options)
    let areasPerEntry = (TDMRInfo.alignment - TDMRInfo.headerBytes) / TDMRInfo.reservedAreaBytes
    let entries = tdmrs * TDMRInfo.alignment
    guard options.limits.maxReserved > UInt64(areasPerEntry) else { return entries }
    // A hole lies before each range and at the end of each TDMR. TDMRs and PAMTs are disjoint among themselves, so
    // they cut each other into at most twice as many pieces. That makes 3 areas per TDMR. Rounding an entry up to
    // 512 bytes costs at most 48 bytes beyond its first 512, as much as 3 more: 29 areas take 1024 bytes.
    let sources = options.policy == .linux ? map.count : convertible.count
    let areas = sources + 6 * tdmrs
    return entries + (areas * TDMRInfo.reservedAreaBytes + TDMRInfo.alignment - 1) & ~(TDMRInfo.alignment - 1)
  }

  /// No plan has more TDMRs: each has a region that adds a GiB to it, and they are disjoint GiB pieces.
  private static func mostTDMRs(_ map: UnsafeBufferPointer<MemoryRegion>, _ options: PlanOptions) -> Int {
    guard let first = map.first, let last = map.last else { return 1 }
    let span = Int(last.end >> 30) - Int(first.start >> 30) + 1
    return max(1, min(map.count, span, Int(clamping: options.limits.maxTDMRs)))
  }
}
