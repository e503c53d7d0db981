import MapReaders
import Requests
import TDXMemory
import TDXMessages

extension NamedProfiles {
  /// The machine as it is asked about.
  public func applied(to machine: Machine) -> Machine {
    var machine = machine
    machine.namedKernel = kernel
    machine.namedModule = module
    machine.notes += physBitsNotes(machine) + moduleNotes(machine)
    return machine
  }

  /// The options of a plan, with Dynamic PAMT where the machine has it by itself; a note says so then.
  ///
  /// - Parameter isSettled: whether who asks has said which kind of PAMT.
  public func options(
    _ options: PlanOptions,
    for machine: inout Machine,
    upperBits: Int,
    isSettled: Bool = false
  ) -> PlanOptions {
    guard !isSettled, !options.dynamicPAMT, let reason = machine.dynamicPAMT(keyIDBits: upperBits) else {
      return options
    }
    var options = options
    options.dynamicPAMT = true
    switch reason {
    case .logged:
      machine.notes.append("The log says `Enable Dynamic PAMT`: the plan has Dynamic PAMT.")
    case .profiles:
      machine.notes.append(
        "Linux \(machine.kernel) turns Dynamic PAMT on where the module offers it, as "
          + "\(machine.module?.version.description ?? "this one") does: the plan has Dynamic PAMT."
      )
    }
    return options
  }

  /// Where a module is named that is not the one whose words the log has.
  private func moduleNotes(_ machine: Machine) -> [String] {
    guard let module, let logged = machine.observed.tdx.moduleVersion, !module.isSameRelease(as: logged)
    else {
      return []
    }
    return [
      "The log is of the module \(logged), not of \(module): what it says of TDX, and how that ended, is said of the other one."
    ]
  }

  /// Where a module is named that takes addresses of 52 bits whatever the processor has.
  private func physBitsNotes(_ machine: Machine) -> [String] {
    guard let physBits, physBits < maxAddressBits, let module = machine.module,
      module.has(.physicalBits) == false
    else { return [] }
    return [
      "The module \(module.version) takes addresses to have 52 bits, whatever the processor says; from 2.0.18 on it "
        + "reads their number, \(physBits) here."
    ]
  }
}
