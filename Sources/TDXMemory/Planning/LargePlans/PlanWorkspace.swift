// Large plans: any number of regions, any limits, both policies, one thread or several.
//
// The way of a large plan (`takeSteps`):
// 1. `checkConvertible` (Pieces/TDXMemoryList+Convertible), for `linux-cmr`: every region in one CMR.
// 2. `chooseTDMRs` (PlanWorkspace+TDMRs) lists the TDMRs; it reads only the regions that open one. Where the map is larger
//    than a cache, it guesses where nodes change.
// 3. `placePAMTs` (PlanWorkspace+PAMTs) places the PAMTs and lists them by address.
// 4. `writeEntries` (PlanWorkspace+Entries) writes entry after entry: holes (HoleWriter) and PAMTs, merged. It is the one
//    step that reads all regions; several threads take a part each (ParallelPlanner, PlanThreads). It holds the guessed
//    nodes against the regions; where a guess was wrong, the plan is made again without guesses.

/// What is planned, and where the entries go.
struct PlanTask {
  let memory: TDXMemoryList
  let convertible: UnsafeBufferPointer<AddressRange>
  let options: PlanOptions
  /// No plan of the machine has more TDMRs; at least 1.
  let mostTDMRs: Int
  let table: EntryTable
}

/// What a planner works in. The steps of a plan are its extensions, in the order in which `plan` takes them.
struct PlanWorkspace: ~Copyable {
  /// By address; one more than there are.
  var tdmrs = Scratch<PlannedTDMR>()
  var tdmrCount = 0
  /// The size of the smallest.
  var smallestTDMR: UInt64 = 0
  /// The node that each TDMR's PAMT is asked for on.
  var nodes = Scratch<UInt32>()
  /// The regions of the memory list that stand side by side and are of one node, by address.
  var nodeSpans = Scratch<NodeSpan>()
  var nodeSpanCount = 0
  /// Of a small plan, whether each node is one span and the nodes ascend with the addresses, as on most machines.
  var nodesAscend = false
  /// Whether the regions' nodes have to be held against the node spans where entries are written.
  private(set) var nodesAreGuessed = false
  var freeMemory: FreeMemory
  /// The PAMT chunks by address; one more than there are.
  var chunks = Scratch<AddressRange>()
  var spareChunks = Scratch<AddressRange>()
  /// Where the entries start and end in the table.
  var entryStarts = Scratch<Int>()
  var entryEnds = Scratch<Int>()
  /// Where blocks start: 0, 512, 1024, …; one more than there are TDMRs.
  var blockStarts = Scratch<Int>()
  private var reserved = (regions: -1, tdmrs: -1)

  let tuning: PlannerTuning

  init(_ tuning: PlannerTuning) {
    self.tuning = tuning
    freeMemory = FreeMemory(tuning)
  }

  /// Plans a machine.
  ///
  /// - Parameters:
  ///   - regions: as many as the memory map has.
  ///   - write: writes all entries, as a part or several, and says what came of it.
  @inline(__always)
  mutating func plan(
    _ task: PlanTask,
    regions: Int,
    _ write: (borrowing PlanWorkspace) -> EntryPart.Outcome
  ) -> Plan {
    reserve(regions: regions, tdmrs: task.mostTDMRs)
    var warnings = LinuxWarnings.none
    var pamtBytes: UInt64 = 0
    var guesses = regions >= tuning.guessesNodesFrom
    while true {
      do {
        if try takeSteps(task, guessesNodes: guesses, &warnings, &pamtBytes, write) {
          return plan(task.table, entryStarts.base, entryEnds.base, tdmrCount, warnings, pamtBytes)
        }
      } catch {
        if !guesses { return failedPlan(task.table, warnings, error) }
      }
      // A guess was wrong, or a failure may come of a wrong guess.
      guesses = false
    }
  }

  /// The steps of Linux's `construct_tdmrs`.
  ///
  /// - Returns: false where nodes were guessed, and wrongly.
  @inline(__always)
  private mutating func takeSteps(
    _ task: PlanTask,
    guessesNodes: Bool,
    _ warnings: inout LinuxWarnings,
    _ pamtBytes: inout UInt64,
    _ write: (borrowing PlanWorkspace) -> EntryPart.Outcome
  ) throws(PlanFailure) -> Bool {
    warnings = .none
    if task.options.policy == .linuxCMR { try task.memory.checkConvertible(task.convertible) }
    nodesAreGuessed = guessesNodes
    try chooseTDMRs(task.memory, limit: task.options.limits.maxTDMRs)
    warnings = LinuxWarnings(tdmrs: tdmrCount, limit: task.options.limits.maxTDMRs)
    pamtBytes = try placePAMTs(task.memory, task.options)
    switch write(self) {
    case .written: return true
    case .otherNodes: return false
    case .failed(let tdmr): throw failure(in: tdmr, task)
    }
  }

  /// Allocates what such a plan needs, unless an earlier one has.
  @inline(__always)
  mutating func reserve(regions: Int, tdmrs: Int) {
    guard regions > reserved.regions || tdmrs > reserved.tdmrs else { return }
    grow(regions: regions, tdmrs: tdmrs)
  }

  /// Allocates what a small plan of so many regions needs, unless an earlier one has.
  mutating func reserveForSmallPlan(regions: Int) {
    // No plan has more TDMRs than regions, nor more node spans.
    grow(regions: regions, tdmrs: regions)
    nodeSpans.reserve(regions)
  }

  @inline(never)
  private mutating func grow(regions: Int, tdmrs count: Int) {
    reserved = (max(regions, reserved.regions), max(count, reserved.tdmrs))
    tdmrs.reserve(count + 1)
    nodes.reserve(count)
    chunks.reserve(count + 1)
    spareChunks.reserve(count + 1)
    entryStarts.reserve(count)
    entryEnds.reserve(count)
    blockStarts.reserve(count + 1)
    for block in 0...count { blockStarts[block] = block * TDMRInfo.alignment }
    freeMemory.reserve(regions: regions, tdmrs: count)
  }

  /// Sorts the PAMT chunks by address.
  @inline(never)
  mutating func sortChunks() {
    let sorted = radixSorted(
      UnsafeMutableBufferPointer(start: chunks.base, count: tdmrCount),
      spare: UnsafeMutableBufferPointer(start: spareChunks.base, count: tdmrCount)
    )
    if sorted.baseAddress != chunks.base { swap(&chunks, &spareChunks) }
    chunks[tdmrCount] = AddressRange(unchecked: .max, .max)
  }

  @inline(__always)
  func plan(
    _ table: EntryTable,
    _ starts: UnsafePointer<Int>,
    _ ends: UnsafePointer<Int>,
    _ count: Int,
    _ warnings: LinuxWarnings,
    _ pamtBytes: UInt64
  ) -> Plan {
    Plan(
      tdmrs: TDMRInfoTable(bytes: table.bytes, starts: starts, ends: ends, count: count),
      nodes: nodes.base,
      pamtBytes: pamtBytes,
      warnings: warnings
    )
  }

  /// What there is instead of a plan.
  @inline(never)
  func failedPlan(_ table: EntryTable, _ warnings: LinuxWarnings, _ failure: PlanFailure) -> Plan {
    Plan(
      tdmrs: TDMRInfoTable(bytes: table.bytes, starts: blockStarts.base, ends: blockStarts.base, count: 0),
      nodes: nodes.base,
      pamtBytes: 0,
      warnings: warnings,
      end: .failed(failure)
    )
  }
}

extension AddressRange: RadixSortable {
  var key: UInt64 { start }
}
