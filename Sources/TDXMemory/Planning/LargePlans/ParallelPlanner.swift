/// A planner for huge maps, which writes the entries on several threads. Its plans are those of `Planner`, each entry
/// byte for byte; between the entries of two threads some of its memory stays unused.
///
/// TDMRs are chosen and PAMTs placed by one thread: that reads a few regions of each TDMR. The sweep over all of them
/// for holes is cut at TDMR borders, which no reserved area crosses, into as many parts as there are threads, so that
/// nothing has to be joined but the failures.
///
/// What it gains is up to the machine's memory: 10^7 regions with a hole after each took 0.66 of the time of one thread,
/// of which a seventh is choosing and placing. Eight parts for each thread, taken one after the other, took 0.66 as well.
///
/// One plan at a time: the caller is one of the threads, the others sleep between plans. Allocates only for a map
/// that needs more than every one before.
public final class ParallelPlanner {
  private let state: UnsafeMutablePointer<PlannerState>
  private let threads: PlanThreads
  private let sharesFrom: Int

  /// - Parameter threads: at least 1, the caller's among them.
  public convenience init(threads: Int) { self.init(threads: threads, PlannerTuning()) }

  package init(threads: Int, _ tuning: PlannerTuning) {
    precondition(threads > 0, "the caller is a thread, too")
    self.threads = PlanThreads(threads)
    sharesFrom = tuning.sharesFrom
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
  ///   - convertible: the CMRs, ascending and disjoint; `linux` ignores them.
  /// - Returns: views of this planner.
  public func plan(
    _ map: UnsafeBufferPointer<MemoryRegion>,
    convertible: UnsafeBufferPointer<AddressRange>,
    options: PlanOptions
  ) -> Plan {
    if state.pointee.isSmall(map, options) { return state.pointee.smallPlan(map, convertible, options, nil) }
    let parts = map.count < sharesFrom ? 1 : threads.count
    // Each part has room of its own for what may be in it, rounded up; every CMR may be in each.
    let roomForParts = parts * (1024 + convertible.count * TDMRInfo.reservedAreaBytes)
    let task = state.pointee.task(map, convertible, options, nil, extraBytes: roomForParts)
    return state.pointee.workspace.plan(task, regions: map.count) { workspace in
      threads.writeEntries(of: workspace, task, parts: parts)
    }
  }
}

extension PlanWorkspace {
  /// Cuts the TDMRs into parts of about as many regions each.
  func parts(_ task: PlanTask, _ parts: UnsafeMutableBufferPointer<EntryPart>) {
    var (first, offset) = (0, 0)
    for index in parts.indices {
      let regions = task.memory.count / parts.count * (index + 1)
      let end = index + 1 == parts.count ? tdmrCount : max(first, firstTDMR(openedFrom: regions))
      parts[index] = EntryPart(first: first, end: end, offset: offset)
      let sources =
        task.options.policy == .linux
        ? tdmrs[end].opener - tdmrs[first].opener + 1 : task.convertible.count
      offset += Planner.requiredBytes(
        tdmrs: end - first,
        sources: sources,
        maxReserved: task.options.limits.maxReserved
      )
      first = end
    }
  }

  /// The first TDMR that a region from this one on opened.
  private func firstTDMR(openedFrom region: Int) -> Int {
    var (low, high) = (0, tdmrCount)
    while low < high {
      let middle = (low + high) / 2
      if tdmrs[middle].opener >= region { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
