extension TDXHistory {
  /// Whether the last result is called as Linux calls it from 7.1 on, `TDX-Module initialized`; nil where the log has no
  /// result in mainline's words.
  ///
  /// Cost: linear in the messages, of which there are few.
  public var usesNewResultWords: Bool? {
    for message in messages.reversed() where message.speaker == .core {
      if let isNew = message.usesNewResultWords { return isNew }
    }
    return nil
  }
}

extension TDXHistory {
  /// Whether a line is one of Intel's kernels before mainline had TDX.
  var usesOutOfTreeWords: Bool {
    messages.contains {
      if case .known(let row) = $0.content { return row.kernels == "out of tree" }
      return false
    }
  }
}

extension TDXMessage {
  /// Whether it is a result in the words of 7.1 and newer; nil where it is no result, or in words of no mainline kernel.
  var usesNewResultWords: Bool? {
    guard speaker == .core, case .known(let row) = content else { return nil }
    switch row.pattern {
    case "TDX-Module initialized", "TDX-Module initialization failed (%)": return true
    case "module initialized", "module initialization failed (%)": return false
    default: return nil
    }
  }
}
