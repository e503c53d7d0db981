/// What planners keep from plan to plan.
struct PlannerState: ~Copyable {
  var workspace: PlanWorkspace
  /// Where entries are written to that nobody gave a buffer for.
  var memory = PlanMemory()
  /// There is room for small plans of so many regions and CMRs.
  var smallPlansUpTo = (regions: -1, convertible: -1)

  init(_ tuning: PlannerTuning) { workspace = PlanWorkspace(tuning) }

  /// - Parameters:
  ///   - buffer: where the entries go; nil: into `memory`.
  ///   - extraBytes: how much more of `memory` is needed than `requiredBytes`.
  @inline(__always)
  mutating func task(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    _ convertible: UnsafeBufferPointer<AddressRange>,
    _ options: PlanOptions,
    _ buffer: UnsafeMutableRawBufferPointer?,
    extraBytes: Int = 0
  ) -> PlanTask {
    let most = Planner.mostTDMRs(map, options)
    let sources = options.policy == .linux ? map.count : convertible.count
    let maxReserved = options.limits.maxReserved
    let bytes = Planner.requiredBytes(tdmrs: most, sources: sources, maxReserved: maxReserved)
    return PlanTask(
      memory: TDXMemoryList(map),
      convertible: convertible,
      options: options,
      mostTDMRs: most,
      table: table(bytes + extraBytes, buffer, maxReserved: maxReserved)
    )
  }

  /// Makes a large plan, on one thread.
  @inline(never)
  mutating func largePlan(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    _ convertible: UnsafeBufferPointer<AddressRange>,
    _ options: PlanOptions,
    _ buffer: UnsafeMutableRawBufferPointer?
  ) -> Plan {
    let task = task(map, convertible, options, buffer)
    return workspace.plan(task, regions: map.count) { workspace in
      var part = EntryPart(first: 0, end: workspace.tdmrCount, offset: 0)
      workspace.writeEntries(&part, task)
      return part.outcome
    }
  }

  /// A table of at least so many bytes: in the buffer, if there is one.
  @inline(__always)
  mutating func table(_ bytes: Int, _ buffer: UnsafeMutableRawBufferPointer?, maxReserved: UInt64)
    -> EntryTable
  {
    guard let buffer else { return memory.table(bytes, maxReserved: maxReserved) }
    precondition(buffer.count >= bytes, "the buffer is smaller than requiredBytes")
    return EntryTable(buffer, stale: nil, maxReserved: maxReserved)
  }
}

/// Memory for entries that only plans write to, so that it is known what the last ones left where.
struct PlanMemory: ~Copyable {
  private var bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  /// Of each block how many bytes at its front may be other than zero.
  private var stale = Scratch<UInt16>()

  init() {}

  deinit { bytes.deallocate() }

  /// A table of at least so many bytes.
  @inline(__always)
  mutating func table(_ count: Int, maxReserved: UInt64) -> EntryTable {
    reserve(count)
    return EntryTable(unchecked: bytes, stale: stale.base, maxReserved: maxReserved)
  }

  /// A table for a small plan, in the room that there is.
  @inline(__always)
  func smallTable(maxReserved: UInt64) -> EntryTable {
    EntryTable(ofBlocks: bytes, stale: stale.base, maxReserved: maxReserved)
  }

  /// Makes room for a table of at least so many bytes.
  @inline(__always)
  mutating func reserve(_ count: Int) {
    if count > bytes.count { grow(to: count) }
  }

  private mutating func grow(to count: Int) {
    bytes.deallocate()
    bytes = .allocate(byteCount: count, alignment: TDMRInfo.alignment)
    let blocks = (count + TDMRInfo.alignment - 1) / TDMRInfo.alignment
    stale.reserve(blocks)
    stale.base.initialize(repeating: UInt16(TDMRInfo.alignment), count: blocks)
  }
}
