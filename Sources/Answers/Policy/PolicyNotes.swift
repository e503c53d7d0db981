import MemoryHotplug

extension HotplugMachine {
  /// What to say where TDX does not come up: then no node has TD memory, whatever the policy.
  public var failureNote: [String] {
    var machine = self
    let answer = machine.initializeTDX()
    guard answer.outcome != .ok else { return [] }
    let options = "\(machine.options.policy.rawValue), \(machine.options.placement.rawValue)"
    return [
      "This holds once TDX initialises, which it does not on this machine as it stands (\(options)): "
        + "\(answer.outcome.rawValue), \(answer)"
    ]
  }
}
