import MapReaders
import Requests
import TDXMemory
import TDXMessages

extension AfterKexec {
  /// Makes the machine's memory what the second kernel finds.
  ///
  /// kexec passes on the map of the firmware (`kexec -c` of kexec-tools 2.0.25 with hot-plugged memory, `kexec -s` without,
  /// which ACPI then adds), and memory that is reserved for a crash kernel stays memory to memblock: only what is handed over
  /// changes regions.
  ///
  /// - Returns: whether the second kernel can initialise the module, as far as the first one's release tells; nil where that
  ///   is not asked.
  /// - Throws: `QuestionError` where areas overlap or lie in no memory.
  public func apply(to machine: inout Machine) throws(QuestionError) -> Bool? {
    guard isAsked else { return nil }
    if !areas.isEmpty {
      let areas = areas.sorted { $0.start < $1.start }
      for (one, other) in zip(areas, areas.dropFirst()) where one.overlaps(other) {
        throw .question("--kho-scratch: \(one) and \(other) overlap")
      }
      // A wrong address would change nothing, and nothing would be said.
      if let area = machine.map.firstWithoutMemory(of: areas) {
        throw .question("--kho-scratch: the machine has no memory in \(area)")
      }
      do throws(MapError) {
        machine.map = try machine.splitting(handover: areas)
      } catch {
        throw .question("--kho-scratch: \(error)")
      }
    }
    if machine.handedOver.isEmpty {
      machine.notes.append(
        "Nothing is known of memory that is handed over (KHO): a second kernel finds the memory as this one does. "
          + "/sys/kernel/debug/kho/out/scratch_phys and scratch_len have the areas (--kho-scratch)."
      )
    }
    let kernel = machine.kernel
    if kernel.isNamed, !kernel.switchesModuleOff {
      // Whatever its memory is: a plan that fits does not bring TDX up.
      machine.obstacle =
        "Linux \(kernel) does not switch the module off before kexec, and it cannot be initialised twice "
        + "(TDX_SYS_INIT_NOT_PENDING): TDX does not come up after kexec. 7.2 and newer call TDH.SYS.DISABLE."
      return false
    }
    machine.notes.append(
      "A crash kernel is none of this: it starts from a panic, without the shutdown that switches the module off, so TDX does "
        + "not come up in it whatever its memory is."
    )
    machine.notes.append(
      "The second kernel can initialise the module only where it has TDH.SYS.DISABLE; with one that has not, the log of the "
        + "shutdown says `TDH.SYS.DISABLE failed`."
    )
    return true
  }

  /// What borders of a handover cost, where the map has some; nil where it has none.
  ///
  /// - Parameter tdmrs: those of the plan; nil where there is none.
  public static func cost(on machine: Machine, tdmrs: Int?, options: PlanOptions, keyIDBits: Int) -> String? {
    let areas = machine.handedOver.filter { $0.end > lowMemoryEnd }
    guard !areas.isEmpty, let joined = try? machine.joiningHandover() else { return nil }
    var other = machine
    other.map = joined
    let session = PlanSession()
    let (plan, _) = session.plan(other, options: options, keyIDBits: keyIDBits)
    let fewer = plan.failure == nil ? plan.tdmrs.count : nil
    let bytes = ByteCount(areas.reduce(0) { $0 + $1.size })
    let are = areas.count == 1 ? "1 area" : "\(areas.count) areas"
    let cost =
      switch (tdmrs, fewer) {
      case (let with?, let without?) where with > without:
        "\(with - without) more TDMRs than without: \(with), not \(without)"
      case (let with?, let without?): "no TDMR: \(with) with them, \(without) without"
      case (nil, let without?): "the initialisation: without them the memory takes \(without) TDMRs"
      case (_?, nil): "nothing, it saves the initialisation: without them there is no plan"
      case (nil, nil): "nothing that decides: without them there is no plan either"
      }
    let own = areas.count == 1 ? "is a region of its own" : "are regions of their own"
    return
      "\(are) of memory (\(bytes)) that a kernel before kexec handed over (KHO_SCRATCH) \(own) to TDX. "
      + "That costs \(cost)."
  }
}

extension MemoryMap {
  /// The first of some ranges, which ascend and are disjoint, in which no memory lies; nil where all have some.
  fileprivate func firstWithoutMemory(of ranges: [AddressRange]) -> AddressRange? {
    var next = startIndex
    return ranges.first { range in
      while next < endIndex, self[next].end <= range.start { next += 1 }
      return next == endIndex || self[next].start >= range.end
    }
  }
}
