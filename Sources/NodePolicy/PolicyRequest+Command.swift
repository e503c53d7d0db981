import TerminalText

extension PolicyRequest {
  /// The request as a user types it; empty for no policy before no command.
  public var command: String {
    switch form {
    case .numactl(let command):
      var words: [String] = []
      if let option = mode.numactlOption {
        words = ["numactl", mode == .local ? option : "\(option)=\(isRelative ? "+" : "")\(nodes)"]
      }
      // Where the user has not said what to run, a word stands for it.
      let run = command.isEmpty && !words.isEmpty ? ["COMMAND"] : command.map(shellWord)
      return (words + run).joined(separator: " ")
    case .qemu(let properties):
      let policy = mode.qemuName ?? "bind"
      let hostNodes = nodes.description.split(separator: ",").map { "host-nodes=\($0)" }
      let backend = properties.isEmpty ? ["memory-backend-ram"] : properties
      return "-object " + shellWord((backend + hostNodes + ["policy=\(policy)"]).joined(separator: ","))
    // XML, and none of a shell's words.
    case .libvirt: return "<memory mode='\(mode.libvirtName ?? "strict")' nodeset='\(nodes)'/>"
    }
  }
}
