import Advice
import MapReaders
import Requests
import TDXMemory

/// What `advise` is asked about one machine, whoever asks.
public struct AdviceQuestion: Sendable {
  /// The module's limits and the kind of PAMT; the policy does not matter.
  public var options: PlanOptions
  /// Nil: what the machine says, else what is assumed.
  public var keyIDBits: Int?
  public var slack: Int
  /// The memory of TDs, in bytes, that the bill of Dynamic PAMT is for.
  public var tdMemory: UInt64
  public var profiles: NamedProfiles

  public init(
    options: PlanOptions,
    keyIDBits: Int?,
    slack: Int = 0,
    tdMemory: UInt64 = 0,
    profiles: NamedProfiles = NamedProfiles()
  ) {
    (self.options, self.keyIDBits, self.slack) = (options, keyIDBits, slack)
    (self.tdMemory, self.profiles) = (tdMemory, profiles)
  }

  /// The bits of an address that hold none.
  public func keyIDBits(of machine: Machine) -> Int {
    profiles.upperBits(keyIDBits: keyIDBits ?? machine.keyIDBits, module: machine.module)
  }

  /// Asks about Dynamic PAMT where the machine has it by itself; a note says so then.
  public mutating func settleDynamicPAMT(on machine: inout Machine) {
    options = profiles.options(options, for: &machine, upperBits: keyIDBits(of: machine))
  }

  /// The question as it is about one machine, of many: with the kernel and the module that are named, and with Dynamic
  /// PAMT where the machine has it by itself.
  public func settled(on machine: inout Machine) -> AdviceQuestion {
    machine = profiles.applied(to: machine)
    var question = self
    question.settleDynamicPAMT(on: &machine)
    return question
  }

  /// - Parameter machine: gets the notes that go with the answer.
  public func answer(about machine: inout Machine) -> Advice {
    addNotes(to: &machine)
    return Advice(
      machine.map,
      convertible: machine.convertible,
      options: options,
      keyIDBits: keyIDBits(of: machine),
      slack: slack,
      tdMemory: tdMemory
    )
  }

  /// The notes that go with an answer.
  func addNotes(to machine: inout Machine) {
    // The table has plans with Dynamic PAMT, whether it was asked for or not.
    machine.notes += dynamicPAMTNotes(
      keyIDBits: keyIDBits(of: machine),
      physBits: profiles.physBits
    )
    let memory = machine.map.reduce(0) { $0 + $1.size }
    if tdMemory > memory {
      machine.notes.append(
        "TDs can have no more memory than the machine: the bill is for all of its \(ByteCount(memory)), not for "
          + "\(ByteCount(tdMemory))."
      )
    }
  }
}
