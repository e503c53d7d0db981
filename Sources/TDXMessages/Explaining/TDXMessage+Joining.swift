extension TDXMessage {
  /// This call with the registers that a line behind it has; nil where this is no call, or the line has none.
  public func withRegisters(of line: TDXMessage) -> TDXMessage? {
    guard speaker == line.speaker, case .seamcall(var failure) = content,
      line.text.withMessageBytes({ failure.readRegisters($0) })
    else { return nil }
    var whole = self
    whole.content = .seamcall(failure)
    return whole
  }

  /// Whether the other says nothing new, whatever registers come with it.
  public func saysTheSame(as other: TDXMessage) -> Bool { repeats(other) }
}
