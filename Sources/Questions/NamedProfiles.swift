import MapReaders
import Requests
import TDXMemory
import TDXMessages

/// The kernel, the module and the processor that are asked about, whoever read the command line; nil where none is named.
public struct NamedProfiles: Sendable {
  public var kernel: KernelRelease?
  public var module: ModuleVersion?
  /// Bits of a physical address.
  public var physBits: Int?

  public init(kernel: KernelRelease? = nil, module: ModuleVersion? = nil, physBits: Int? = nil) {
    (self.kernel, self.module, self.physBits) = (kernel, module, physBits)
  }

  /// The machine as it is asked about.
  public func applied(to machine: Machine) -> Machine {
    var machine = machine
    machine.namedKernel = kernel
    machine.namedModule = module
    machine.notes += physBitsNotes(machine)
    return machine
  }

  /// The highest bits of an address that hold no address: key ids and, where the processor has fewer than 52 bits, those
  /// that it does not have. The module's rules know them as one number, counted from bit 52 down.
  ///
  /// - Parameters:
  ///   - keyIDBits: nil for the default.
  ///   - module: one that takes addresses to have 52 bits does so whatever the processor has.
  public func upperBits(keyIDBits: Int?, module: ModuleProfile? = nil) -> Int {
    let takesAll = module?.has(.physicalBits) == false
    let missing = takesAll ? 0 : maxAddressBits - (physBits ?? maxAddressBits)
    return min((keyIDBits ?? RequestFrame.assumedKeyIDBits) + missing, maxAddressBits)
  }

  /// The options of a plan, with Dynamic PAMT where the machine has it by itself; a note says so then.
  public func options(_ options: PlanOptions, for machine: inout Machine, upperBits: Int) -> PlanOptions {
    guard !options.dynamicPAMT, let reason = machine.dynamicPAMT(keyIDBits: upperBits) else { return options }
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
