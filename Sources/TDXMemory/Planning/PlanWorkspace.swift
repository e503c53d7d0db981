/// What a planner works in. The steps of a plan are its extensions, in the order in which `plan` takes them.
struct PlanWorkspace: ~Copyable {
  var tdmrs = Scratch<PlannedTDMR>()
  var tdmrCount = 0
  /// The regions of the memory list that stand side by side and are of one node, by address.
  var nodeSpans = Scratch<NodeSpan>()
  var nodeSpanCount = 0
  var freeMemory = FreeMemory()
  /// The PAMT chunks, as indices of TDMRs by ascending address.
  var chunks = Scratch<KeyedIndex>()
  var spareChunks = Scratch<KeyedIndex>()
  /// Where the entries start in the caller's buffer, and where the last one ends.
  var entryOffsets = Scratch<Int>()
  var nodes = Scratch<UInt32>()

  /// The steps of Linux's `construct_tdmrs`. The parameters are those of `Planner.plan`.
  ///
  /// - Parameter mostTDMRs: no plan of this map has more TDMRs; at least 1.
  mutating func plan(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    convertible: UnsafeBufferPointer<AddressRange>,
    options: PlanOptions,
    mostTDMRs: Int,
    into buffer: UnsafeMutableRawBufferPointer
  ) -> Plan {
    reserve(regions: map.count, tdmrs: mostTDMRs)
    let memory = TDXMemoryList(map)
    var messages = LinuxMessages()
    do {
      if options.policy == .linuxCMR { try checkConvertible(memory, convertible) }
      try chooseTDMRs(memory, limit: options.limits.maxTDMRs)
      warn(memory, limit: options.limits.maxTDMRs, in: &messages)
      let pamtBytes = try placePAMTs(memory, options)
      try writeEntries(memory, convertible, options, into: buffer)
      return plan(in: buffer, tdmrCount, failure: nil, messages, pamtBytes: pamtBytes)
    } catch {
      messages.failure = error
      return plan(in: buffer, 0, failure: error, messages, pamtBytes: 0)
    }
  }

  /// Writes the entries of the TDMRs and PAMTs that the earlier steps have left.
  mutating func writeEntries(
    _ memory: TDXMemoryList,
    _ convertible: UnsafeBufferPointer<AddressRange>,
    _ options: PlanOptions,
    into buffer: UnsafeMutableRawBufferPointer
  ) throws(PlanFailure) {
    var entries = EntryWriter(buffer, maxReserved: options.limits.maxReserved)
    switch options.policy {
    case .linux: try writeEntries(holesBetween: memory, to: &entries)
    case .linuxCMR: try writeEntries(holesBetween: convertible, to: &entries)
    }
  }

  /// Allocates what such a plan needs, unless an earlier one has.
  private mutating func reserve(regions: Int, tdmrs count: Int) {
    tdmrs.reserve(count)
    chunks.reserve(count)
    spareChunks.reserve(count)
    entryOffsets.reserve(count + 1)
    nodes.reserve(count)
    nodeSpans.reserve(regions)
    freeMemory.reserve(regions: regions, tdmrs: count)
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
  /// What its PAMT takes.
  var sizes = PAMTSizes.none
  /// Its PAMT, all levels in one piece.
  var chunk = AddressRange(unchecked: 0, 0)
}
