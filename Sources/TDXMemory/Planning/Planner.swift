/// Turns memory maps into TDMRs, PAMTs and reserved areas, as Linux does.
///
/// A planner keeps its workspace from plan to plan: it allocates only when a map is larger than every one before.
/// One plan at a time: a planner is not to be shared between threads.
///
/// Time and memory are linear in the regions, whatever the number of TDMRs (plus O(log regions) per PAMT).
public final class Planner {
  var tdmrs = Scratch<PlannedTDMR>()
  var tdmrCount = 0
  var freeMemory = FreeMemory()
  /// The PAMT chunks, as indices of TDMRs by ascending address.
  var chunks = Scratch<KeyedIndex>()
  var spareChunks = Scratch<KeyedIndex>()
  /// Where the entries start in the caller's buffer, and where the last one ends.
  var entryOffsets = Scratch<Int>()
  var nodes = Scratch<UInt32>()

  public init() { entryOffsets.reserve(1) }

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
    reserve(map, options)
    let memory = TDXMemoryList(map)
    var messages = LinuxMessages()
    do {
      if options.policy == .linuxCMR { try checkConvertible(memory, convertible) }
      try chooseTDMRs(memory, limit: options.limits.maxTDMRs)
      warn(memory, limit: options.limits.maxTDMRs, in: &messages)
      let pamtBytes = try placePAMTs(memory, options)
      var entries = EntryWriter(buffer, maxReserved: options.limits.maxReserved)
      switch options.policy {
      case .linux: try writeEntries(holesBetween: memory, options, to: &entries)
      case .linuxCMR: try writeEntries(holesBetween: convertible, options, to: &entries)
      }
      return plan(in: buffer, tdmrCount, failure: nil, messages, pamtBytes: pamtBytes)
    } catch {
      messages.failure = error
      return plan(in: buffer, 0, failure: error, messages, pamtBytes: 0)
    }
  }

  private func plan(
    in buffer: UnsafeMutableRawBufferPointer,
    _ count: Int,
    failure: PlanFailure?,
    _ messages: LinuxMessages,
    pamtBytes: UInt64
  ) -> Plan {
    entryOffsets[0] = 0
    return Plan(
      failure: failure,
      messages: messages,
      tdmrs: TDMRInfoTable(
        bytes: UnsafeRawPointer(buffer.baseAddress!),
        offsets: UnsafeBufferPointer(start: entryOffsets.base, count: count + 1)
      ),
      nodes: UnsafeBufferPointer(start: nodes.base, count: count),
      pamtBytes: pamtBytes
    )
  }
}

/// A TDMR while it is planned.
struct PlannedTDMR: BitwiseCopyable {
  var range: AddressRange
  /// The node that its PAMT is asked for on.
  var node: UInt32
  /// Its PAMT, all levels in one piece.
  var chunk = AddressRange(unchecked: 0, 0)
}
