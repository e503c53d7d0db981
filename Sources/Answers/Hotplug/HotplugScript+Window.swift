import MemoryHotplug
import TDXMessages
import TerminalText

extension HotplugOperation {
  /// Whether memory, or the state of a block, is not the same after it.
  fileprivate var changesMemory: Bool {
    switch self {
    case .offline, .online, .add, .remove, .eject: true
    case .initializeTDX, .autoOnline, .query, .checkAdd, .pin, .unpin: false
    }
  }
}

extension HotplugScript {
  /// What a script cannot ask of a kernel that initialises TDX while it boots: to add memory, or to bring some online,
  /// before. Nil where it does not, or nothing names the kernel.
  public func noteOnWindow(_ kernel: KernelProfile) -> String? {
    guard kernel.isNamed, kernel.initializesAtBoot,
      let start = lines.firstIndex(where: { $0.operation == .initializeTDX })
    else { return nil }
    let early = lines[..<start].filter { $0.operation.changesMemory }.map { "\($0.number)" }
    guard let last = early.last else { return nil }
    let which =
      early.count == 1
      ? "line \(last) stands" : "lines \(early.dropLast().joined(separator: ", ")) and \(last) stand"
    return labelled(
      "Note",
      "Linux \(kernel) initialises TDX while it boots, before memory can be added or change its state: \(which) before "
        + "init-tdx and cannot happen there."
    )
  }
}
