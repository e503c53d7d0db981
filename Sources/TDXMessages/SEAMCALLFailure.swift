/// A call to the module that failed, as a kernel printed it, with the registers that it printed after it.
public struct SEAMCALLFailure: Hashable, Sendable {
  /// RAX as it was passed, where the kernel printed a number: the leaf, its version from bit 16 on.
  public var rax: UInt64?
  /// The leaf's name, where the kernel printed one.
  public var spelled: String?
  public var status: StatusCode
  /// In the order in which they were printed: `RDX` and its value.
  public var registers: [Register] = []

  public struct Register: Hashable, Sendable {
    public var name: String
    public var value: UInt64
  }

  /// nil where neither the number nor the name is in the tables.
  public var leaf: TDXLeaf? { rax.map { TDXLeaf.host($0) } ?? spelled.flatMap(TDXLeaf.named) }

  /// Whether it was a call to the P-SEAMLDR, whose statuses are its own.
  public var isLoaderCall: Bool { rax.map(TDXLeaf.isLoaderCall) ?? false }

  /// The version of the leaf that was asked for.
  public var version: UInt64 { rax.map { isLoaderCall ? 0 : $0 >> 16 & 0xff } ?? 0 }

  public subscript(register name: String) -> UInt64? { registers.first { $0.name == name }?.value }

  /// The metadata field that a call read or wrote.
  public var field: MetadataField? {
    guard let name = leaf?.name, name == "TDH.SYS.RD", let id = self[register: "RDX"], id != 0 else {
      return nil
    }
    return MetadataField(id)
  }

  /// Whether it is part of the module's initialisation.
  public var initializesModule: Bool { leaf?.initializesModule ?? false }

  /// Whether the module refused the memory that it was handed, as the plan's own checks do.
  public var concernsMemory: Bool {
    leaf?.name == "TDH.SYS.CONFIG" && status.classCode == 0x0a && status.code != 0xc000_0a22
  }
}

extension SEAMCALLFailure {
  /// `TDH.SYS.RD`, `leaf 0x63, which is not in the table`.
  public var call: String {
    let version = version > 0 ? " (version \(version))" : ""
    if let leaf { return leaf.name + version }
    if let rax {
      return "leaf \(hexText(isLoaderCall ? rax : rax & 0xffff)), which is not in the table\(version)"
    }
    return "\(spelled ?? "a leaf"), which is not in the table"
  }

  /// The status's name with its details and number.
  public var answer: String {
    guard isLoaderCall else { return status.description }
    let name = StatusCode.ofLoader.first { $0.value == status.value }?.name
    return "\(name ?? "a status that is not in the table") (\(hexText(status.value)))"
  }

  /// What the status means for someone at the machine.
  public var meaning: String {
    guard isLoaderCall else { return status.meaning }
    return StatusCode.ofLoader.first { $0.value == status.value }?.meaning
      ?? "the interface that these tables were taken from does not have it"
  }

  /// What was called, what came back, and what was asked for, in a sentence without its end.
  public var summary: String {
    var text = "\(call) failed with \(answer)"
    if let field { text += " for \(field)" }
    return text
  }
}

// MARK: - Reading

extension SEAMCALLFailure {
  /// What a kernel printed, in any of the spellings:
  ///
  ///     SEAMCALL (0x0000000000000022) failed: 0xc000050500000000       Linux 6.8 on; %llu before
  ///     SEAMCALL TDH_MNG_CREATE failed: 0x8000020000000080, rcx 0x…    KVM, 6.16 on
  ///     SEAMCALL failed: CPU 94: leaf 33, error 0xc000092100000122.    out-of-tree kernels
  ///     TDH.SYS.DISABLE failed: 0xc000010000000000                     7.2 on
  ///     TDH_VP_RD[VMCS.0x4002] failed 0xc000070000000000               KVM
  ///
  /// - Returns: nil where it is no such line.
  init?(_ line: MessageBytes) {
    var text = MessageText(line)
    var rax: UInt64?
    var spelled: String?
    let isSeamcall = text.take("SEAMCALL")
    if isSeamcall {
      text.skipBlanks()
      if text.take("(") || text.take("[") {
        rax = text.takeNumber()
        if rax == nil { spelled = text.takeName() }
      } else if !text.startsWith("failed") {
        spelled = text.takeName()
      }
    } else if text.startsWith("TDH") || text.startsWith("tdh_") || text.startsWith("SEAMLDR") {
      spelled = text.takeName()
    } else {
      return nil
    }
    guard text.take(through: "failed") else { return nil }
    if rax == nil && spelled == nil {
      guard text.take(through: "leaf") else { return nil }
      _ = text.take(":")
      text.skipBlanks()
      rax = text.takeNumber()
      guard rax != nil, text.take(through: "error") else { return nil }
    }
    _ = text.take(":")
    text.skipBlanks()
    guard let status = text.takeHex() else { return nil }
    self.init(rax: rax, spelled: spelled, status: StatusCode(status))
    appendRegisters(from: text)
  }

  /// A line of registers: `RCX 0x… RDX 0x… R08 0x…`, or `additional output: rcx 0x…, rdx 0x…`.
  ///
  /// - Returns: whether it was one.
  mutating func readRegisters(_ line: MessageBytes) -> Bool {
    var text = MessageText(line)
    _ = text.take("SEAMCALL additional output: ") || text.take("additional output: ")
    guard text.startsWith("RCX 0x") || text.startsWith("rcx 0x") || text.startsWith("R09 0x") else {
      return false
    }
    appendRegisters(from: text)
    return true
  }

  /// More than a call has are no registers.
  private static let mostRegisters = 16

  private mutating func appendRegisters(from text: MessageText) {
    var text = text
    while registers.count < Self.mostRegisters {
      while let next = text.next, [UInt8(ascii: " "), UInt8(ascii: ","), UInt8(ascii: ".")].contains(next) {
        text.skip()
      }
      guard let name = text.takeName() else { return }
      text.skipBlanks()
      guard let value = text.takeHex() else { return }
      let wanted = Self.registerName(name)
      if !registers.contains(where: { $0.name == wanted }) {
        registers.append(Register(name: wanted, value: value))
      }
    }
  }

  /// `R08` and `r8` are R8.
  private static func registerName(_ name: String) -> String {
    let upper = name.uppercased()
    return upper == "R08" ? "R8" : upper == "R09" ? "R9" : upper
  }
}

extension MessageText {
  func startsWith(_ literal: StaticString) -> Bool {
    var copy = self
    return copy.take(literal)
  }
}
