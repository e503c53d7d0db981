/// What an operand of a leaf function is called: the details of many status codes name one.
public enum OperandID {
  /// The name of an operand; nil where the number is not in the table.
  public static func name(_ number: UInt32) -> String? { names[number] }

  /// `OPERAND_ID_*` of `tdx_error_codes_defs.h`.
  public static let names: [UInt32: String] = [
    0: "RAX", 1: "RCX", 2: "RDX", 3: "RBX", 5: "RBP", 6: "RSI", 7: "RDI", 8: "R8", 9: "R9", 10: "R10",
    11: "R11",
    12: "R12", 13: "R13", 14: "R14", 15: "R15",
    64: "ATTRIBUTES", 65: "XFAM", 66: "EXEC_CONTROLS", 67: "EPTP_CONTROLS", 68: "MAX_VCPUS",
    69: "CPUID_CONFIG",
    70: "TSC_FREQUENCY", 71: "NUM_L2_VMS", 72: "IA32_ARCH_CAPABILITIES_CONFIG",
    95: "PAGE", 96: "TDMR_INFO_PA", 97: "GPA_LIST_ENTRY", 98: "MIG_BUFF_LIST_ENTRY",
    99: "NEW_PAGE_LIST_ENTRY",
    128: "TDR", 129: "TDCX", 130: "TDVPR", 132: "REG_PAGE", 144: "TDCS", 145: "TDVPS", 146: "SEPT_TREE",
    147: "SEPT_ENTRY",
    168: "RTMR", 169: "TD_EPOCH", 170: "L2_VAPIC_GPA", 171: "MIGSC", 172: "OP_STATE", 173: "MIG",
    174: "SERVTD_BINDINGS", 175: "PASID_TRK", 176: "METADATA_FIELD", 177: "NUM_VCPUS",
    178: "CPUID_FIXED0_BITMAP",
    184: "SYS", 185: "TDMR", 186: "KOT", 187: "KET", 188: "WBCACHE",
    256: "PASIDMT", 257: "MMIOMT", 258: "SPDMMT", 320: "DMAR",
  ]
}

/// Model-specific registers that the module checks, for those status codes whose details name one.
enum CheckedMSR {
  static func name(_ number: UInt32) -> String? { names[number] }

  /// By `msr_defs.h` of the module.
  private static let names: [UInt32: String] = [
    0x87: "IA32_MKTME_KEYID_PARTITIONING", 0xcf: "IA32_CORE_CAPABILITIES", 0x10a: "IA32_ARCH_CAPABILITIES",
    0x122: "IA32_TSX_CTRL", 0x1a0: "IA32_MISC_ENABLE", 0x1f2: "IA32_SMRR_PHYSBASE",
    0x1f3: "IA32_SMRR_PHYSMASK",
    0x345: "IA32_PERF_CAPABILITIES", 0x480: "IA32_VMX_BASIC", 0x981: "IA32_TME_CAPABILITY",
    0x982: "IA32_TME_ACTIVATE", 0x1400: "IA32_SEAMRR_PHYS_BASE", 0x1401: "IA32_SEAMRR_PHYS_MASK",
  ]
}
