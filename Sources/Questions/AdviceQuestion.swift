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

  public init(options: PlanOptions, keyIDBits: Int?, slack: Int = 0) {
    (self.options, self.keyIDBits, self.slack) = (options, keyIDBits, slack)
  }

  public func keyIDBits(of machine: Machine) -> Int {
    keyIDBits ?? machine.keyIDBits ?? RequestFrame.assumedKeyIDBits
  }

  /// - Parameter machine: gets the notes that go with the answer.
  public func answer(about machine: inout Machine) -> Advice {
    addNotes(to: &machine)
    return Advice(
      machine.map,
      convertible: machine.convertible,
      options: options,
      keyIDBits: keyIDBits(of: machine),
      slack: slack
    )
  }

  /// The notes that go with an answer.
  func addNotes(to machine: inout Machine) {
    // The table has plans with Dynamic PAMT, whether it was asked for or not.
    machine.notes += dynamicPAMTNotes(keyIDBits: keyIDBits(of: machine))
  }
}
