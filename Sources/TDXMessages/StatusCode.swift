/// What a leaf function returns in RAX.
///
/// Bit 63 says that it failed, 62 that trying again does not help, 61 that the TD is lost, 60 is a hint about
/// recovery by the host; bits 47:40 are the class and 39:32 the code in it. Bits 31:0 are details, and which kind
/// they are depends on the code.
public struct StatusCode: Hashable, Sendable {
  public let value: UInt64

  public init(_ value: UInt64) { self.value = value }

  public var isError: Bool { value >> 63 & 1 == 1 }
  /// Whether the same call, made again, may succeed.
  public var isRecoverable: Bool { isError && value >> 62 & 1 == 0 }
  public var isFatal: Bool { value >> 61 & 1 == 1 }
  public var hintsAtHostRecovery: Bool { value >> 60 & 1 == 1 }
  public var classCode: UInt8 { UInt8(value >> 40 & 0xff) }
  public var codeInClass: UInt8 { UInt8(value >> 32 & 0xff) }
  public var details: UInt32 { UInt32(value & 0xffff_ffff) }
  /// Everything but the details.
  public var code: UInt32 { UInt32(value >> 32) }

  /// Whether Linux made it up because the call did not reach the module.
  public var isOfLinux: Bool { value >> 40 == 0x8000_ff }

  /// What the class is about; nil where it is not in the table.
  public var className: String? { isOfLinux ? "Linux" : Self.classes[classCode] }

  /// `TDX_SYS_NOT_READY`; nil where the code is not in the tables.
  public var name: String? {
    if isOfLinux { return Self.ofLinux.first { $0.value == value }?.name }
    return Self.names[code]
  }

  static let names = Dictionary(rows.map { ($0.code, $0.name) }, uniquingKeysWith: { first, _ in first })

  /// `TDX_OPERAND_INVALID, operand R8`; with the class where the name is not known.
  public var title: String {
    if value == .max { return "a value that was never set" }
    guard let name else {
      let about = className.map { " (\($0))" } ?? ""
      return "a status that is not in the table, class \(hexText(UInt64(classCode)))\(about), code "
        + "\(hexText(UInt64(codeInClass)))"
    }
    return detailsText.map { "\(name), \($0)" } ?? name
  }

  /// What it means for someone at the machine.
  public var meaning: String {
    if isOfLinux, let row = Self.ofLinux.first(where: { $0.value == value }) { return row.meaning }
    if let meaning = Self.meanings[code] { return meaning }
    if let meaning = Self.classMeanings[classCode], name != nil { return meaning }
    return "the interface that these tables were taken from does not have it"
  }

  // MARK: Details

  /// What the details say; nil where they say nothing.
  public var detailsText: String? {
    guard !isOfLinux else { return nil }
    let (first, second, third) = (details & 0xff, details >> 8 & 0xff, details >> 16 & 0xff)
    switch Self.detailKinds[code] {
    case .operand: return "operand \(OperandID.name(details) ?? hexText(UInt64(details)))"
    case .msr: return details == 0 ? nil : "MSR \(CheckedMSR.name(details) ?? hexText(UInt64(details)))"
    case .tdmr: return "TDMR \(first)"
    case .smrrAndCMR: return "SMRR \(first + 1), CMR \(second)"
    case .tdmrAndArea: return "TDMR \(first), reserved area \(second)"
    case .tdmrAndLevel: return "TDMR \(first), \(Self.levelName(second)) PAMT"
    case .tdmrLevelAndOther: return "TDMR \(first), \(Self.levelName(second)) PAMT, other TDMR \(third)"
    case nil: return details == 0 ? nil : "details \(hexText(UInt64(details)))"
    }
  }

  private static func levelName(_ level: UInt32) -> String {
    level < 3 ? ["4K", "2M", "1G"][Int(level)] : "level \(level)"
  }

  private enum DetailKind {
    case operand, msr, tdmr, smrrAndCMR, tdmrAndArea, tdmrAndLevel, tdmrLevelAndOther
  }

  /// By the module's calls of `api_error_with_operand_id`, `…_l2_details` and their like.
  private static let detailKinds: [UInt32: DetailKind] = [
    0xc000_0100: .operand, 0xc000_0101: .operand, 0x8000_0200: .operand, 0x8000_0204: .operand,
    0x9000_0205: .operand, 0xc000_0300: .operand, 0x0000_0301: .operand, 0xc000_0302: .operand,
    0xc000_0303: .operand, 0xc000_0304: .operand,
    0xc000_0912: .smrrAndCMR,
    0xc000_0920: .msr, 0xc000_0921: .msr,
    0xc000_0a00: .tdmr, 0xc000_0a01: .tdmr, 0xc000_0a02: .tdmr,
    0xc000_0a10: .tdmrAndLevel, 0xc000_0a11: .tdmrAndLevel, 0xc000_0a12: .tdmrLevelAndOther,
    0xc000_0a20: .tdmrAndArea, 0xc000_0a21: .tdmrAndArea,
  ]

  // MARK: Classes and meanings

  private static let classes: [UInt8: String] = [
    0x00: "general", 0x01: "operands", 0x02: "busy", 0x03: "page metadata", 0x04: "dependent resources",
    0x05: "state of the module", 0x06: "state of the TD", 0x07: "state of the virtual processor",
    0x08: "keys", 0x09: "platform", 0x0a: "physical memory", 0x0b: "memory of the TD", 0x0c: "metadata",
    0x0d: "service TDs", 0x0e: "migration", 0x0f: "TDX Connect", 0x10: "reports", 0x11: "partitioned TDs",
  ]

  /// For codes that have no meaning of their own below.
  private static let classMeanings: [UInt8: String] = [
    0x00: "a TD was left or lost while it ran",
    0x01: "the kernel passed something that this module does not take",
    0x02: "something else holds what the call needs; it is made again",
    0x03:
      "the module holds another opinion than the kernel about who owns a page: a kernel bug or leftover pages",
    0x04: "something that depends on it is still there",
    0x05: "the module is not in the state for this call",
    0x06: "the TD is not in the state for this call",
    0x07: "the virtual processor is not in the state for this call",
    0x08: "a key or key id is not in the state for this call",
    0x09: "the processors or the BIOS's settings are not as the module needs them",
    0x0a: "the module does not take a TDMR, PAMT or reserved area",
    0x0b: "a page of a TD is not mapped as the call needs it",
    0x0c: "the module does not have or does not take a metadata field",
    0x0d: "a service TD is not bound as the call needs it",
    0x0e: "the migration of a TD is not in the state for this call",
    0x0f: "a device, its link or the IOMMU is not in the state for this call",
    0x10: "a report is not one of this machine",
    0x11: "a nested virtual machine was left",
  ]

  /// What the class's sentence does not say well enough.
  private static let meanings: [UInt32: String] = [
    0x0000_0000: "it succeeded",
    0x8000_0003: "an interrupt came; the call goes on where it stopped",
    0x8000_0004: "an interrupt came; the call is made again",
    0xc000_0100:
      "the kernel passed something that this module does not take: it may not have the call or the feature",
    0x8000_0202: "another call to the module was under way",
    0x8000_0203: "the processor had no random numbers left; Linux tries some ten times",
    0xc000_0305: "Dynamic PAMT has no page pair for this memory",
    0x8000_0308: "Dynamic PAMT needs a page pair for this memory first",
    0xc000_0500: "the module was initialised before: by a kernel before kexec, for example",
    0xc000_0502: "a logical processor was not initialised: one that is offline, for example",
    0xc000_0503: "this logical processor was initialised before",
    0xc000_0505: "the module is not initialised far enough for this call, or is too old to have it",
    0xc000_0506: "the module was shut down; only a reboot or an update brings it back",
    0xc000_0509: "the new module cannot take over what the running one left",
    0xc000_050a: "the module's signature structure does not fit its loader",
    0xc000_050c: "the module was configured before, or its initialisation has not come that far",
    0xc000_050d: "the processor's SEAM features are not the ones that the module needs",
    0xc000_0511: "the module's test of its own cryptography failed",
    0x8000_0800: "the processor had no random numbers left for a key; the call is made again",
    0xc000_0825: "more key ids are activated than the module supports",
    0xc000_0900:
      "a processor does not report what this module expects: module and BIOS or microcode do not go together",
    0xc000_0901: "the BIOS limits CPUID (IA32_MISC_ENABLE.LIMIT_CPUID_MAXVAL)",
    0xc000_0902:
      "the processors report different features: their microcode differs, or the BIOS set them up differently",
    0xc000_0907: "MONITOR is off in the BIOS",
    0xc000_0910: "the BIOS has not locked the memory of its system management mode (SMRR)",
    0xc000_0911: "the BIOS has set up the memory of its system management mode (SMRR) wrongly",
    0xc000_0912: "the BIOS lists memory of its system management mode (SMRR) as convertible",
    0xc000_0913: "the processor cannot lock the memory of system management mode (SMRR)",
    0xc000_0920: "a model-specific register differs between processors: the BIOS set them up differently",
    0xc000_0921:
      "a model-specific register has a value that the module does not take: a setting of the BIOS, or its age",
    0xc000_0a02: "memory that Linux uses lies outside the memory that the BIOS lists as convertible",
    0x0000_0a03: "the TDMR was initialised before",
    0xc000_0a11: "a PAMT lies outside the memory that the BIOS lists as convertible",
    0xc000_0a12: "a PAMT overlaps another one or memory that is not reserved",
    0xc000_0a22: "the BIOS's list of convertible memory is wrong",
    0xc000_0c00: "the module does not have this metadata field: it is older than the kernel expects",
  ]
}

extension StatusCode: CustomStringConvertible {
  /// `TDX_OPERAND_INVALID, operand R8 (0xc000010000000008)`.
  public var description: String { "\(title) (\(hexText(value)))" }
}
