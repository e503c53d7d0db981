/// Which part of the kernel said something of TDX.
public enum Speaker: Hashable, Sendable, CaseIterable {
  /// `virt/tdx: `, in early kernels `tdx: `: the part that initialises the module.
  case core
  /// `kvm_intel: `: the part that runs TDs.
  case kvm
  /// `kexec: `: the part that loads a second kernel.
  case kexec
  /// `x86/tme: `, `x86/mktme: `, `x86/cpu: `: what the BIOS switched on in the processor.
  case processor

  /// What stands before its messages.
  var prefixes: [StaticString] {
    switch self {
    case .core: ["virt/tdx: ", "tdx: "]
    case .kvm: ["kvm_intel: ", "kvm-intel: "]
    case .kexec: ["kexec: "]
    case .processor: ["x86/tme: ", "x86/mktme: ", "x86/cpu: "]
    }
  }

  /// Splits a line into who speaks and what is said. A line with `SEAMCALL` and nobody before it is the core's: some
  /// kernels print those bare.
  ///
  /// - Returns: nil where nobody speaks.
  static func split(_ line: ArraySlice<UInt8>) -> (speaker: Speaker, message: ArraySlice<UInt8>)? {
    var first: (speaker: Speaker, start: Int, message: ArraySlice<UInt8>)?
    for speaker in allCases {
      for prefix in speaker.prefixes {
        var text = MessageText(line)
        guard text.take(through: prefix) else { continue }
        let start = text.position - prefix.utf8CodeUnitCount
        // `virt/tdx: ` ends with `tdx: `, and `kvm_intel: tdx: ` is KVM's: the one that begins first speaks.
        if first.map({ start < $0.start }) ?? true { first = (speaker, start, text.rest) }
      }
    }
    if let first { return (first.speaker, first.message) }
    var text = MessageText(line)
    while !text.isAtEnd {
      if text.startsWith("SEAMCALL") { return (.core, text.rest) }
      text.skip()
    }
    return nil
  }
}
