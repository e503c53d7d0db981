/// Which part of the kernel said something of TDX.
public enum Speaker: Int, Sendable, CaseIterable {
  /// `virt/tdx: `, in early kernels `tdx: `: the part that initialises the module.
  case core
  /// `kvm_intel: `: the part that runs TDs.
  case kvm
  /// `kexec: `: the part that loads a second kernel.
  case kexec
  /// `x86/tme: `, `x86/mktme: `, `x86/cpu: `: what the BIOS switched on in the processor.
  case processor

  /// What stands before messages, and whose they are; longer ones before those that they end with.
  private static let prefixes: [(text: StaticString, speaker: Speaker)] = [
    ("virt/tdx: ", .core), ("tdx: ", .core), ("kvm_intel: ", .kvm), ("kvm-intel: ", .kvm),
    ("kexec: ", .kexec),
    ("x86/tme: ", .processor), ("x86/mktme: ", .processor), ("x86/cpu: ", .processor),
  ]

  /// Splits a line into who speaks and what is said. A line with `SEAMCALL` and nobody before it is the core's: some
  /// kernels print those bare.
  ///
  /// All prefixes end with `: `, so what begins first ends first: `kvm_intel: tdx: ` is KVM's.
  ///
  /// - Returns: nil where nobody speaks.
  static func split(_ line: MessageBytes) -> (speaker: Speaker, message: MessageBytes)? {
    var end = 2
    while end <= line.count {
      if line[end - 1] == UInt8(ascii: " "), line[end - 2] == UInt8(ascii: ":"),
        let speaker = speaker(before: end, in: line)
      {
        return (speaker, MessageBytes(rebasing: line[end...]))
      }
      end += 1
    }
    var text = MessageText(line)
    while !text.isAtEnd {
      if text.startsWith("SEAMCALL") { return (.core, text.rest) }
      text.skip()
    }
    return nil
  }

  private static func speaker(before end: Int, in line: MessageBytes) -> Speaker? {
    prefixes.first { prefix, _ in
      let length = prefix.utf8CodeUnitCount
      guard length <= end else { return false }
      for index in 0..<length where line[end - length + index] != prefix.utf8Start[index] { return false }
      return true
    }?.speaker
  }
}
