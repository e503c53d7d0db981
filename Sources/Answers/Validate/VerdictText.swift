import TDXMemory

extension ModuleVerdict {
  /// What `tdxbench validate` tells a person: a line.
  public var text: String { "\(name) (\(hex(status))): \(self)\n" }
}
