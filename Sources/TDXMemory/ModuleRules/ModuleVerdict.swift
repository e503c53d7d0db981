/// Why the TDX module refuses a CMR table or a TDMR configuration. TDMRs and reserved areas are named by index.
public enum ModuleRefusal: Hashable, Sendable {
  /// TDH.SYS.INIT: the CMR table wraps, is not page-aligned, not ascending, overlaps or has key-id bits.
  case cmrListInvalid
  /// TDH.SYS.INIT: the memory of system management mode that registers tell (SMRR, or SMRR2 by 1) is none that they can.
  case invalidSMRR(Int)
  /// TDH.SYS.INIT: memory of system management mode is in the CMR table.
  case smrrOverlapsCMR(smrr: Int, cmr: Int)
  /// TDH.SYS.CONFIG: the number of TDMRs is 0 or above MAX_TDMRS.
  case tdmrCountInvalid
  /// TDH.SYS.CONFIG: the version of the call (operand RAX), R9 or R10 is not what the module takes, by the operand's id.
  case callInvalid(operand: UInt8)
  /// TDH.SYS.CONFIG: with Dynamic PAMT the lowest key-id bit must not be above bit 48.
  case keyIDBitsInvalid
  /// The TDMR wraps, is empty, not 1 GiB-aligned, or above the address limit.
  case invalidTDMR(Int)
  /// The TDMR starts before the previous one ends.
  case nonOrderedTDMR(Int)
  /// The reserved area wraps, is not page-aligned, or ends after its TDMR.
  case invalidReserved(tdmr: Int, area: Int)
  /// The reserved area starts before the previous one ends, or is a null entry before one that is not.
  case nonOrderedReserved(tdmr: Int, area: Int)
  /// The PAMT wraps, is not page-aligned, above the address limit, or too small for its TDMR.
  case invalidPAMT(tdmr: Int, level: PAMTLevel)
  /// The PAMT overlaps a PAMT or the available memory of `other`.
  case pamtOverlap(tdmr: Int, level: PAMTLevel, other: Int)
  /// The PAMT is not inside one run of CMRs.
  case pamtOutsideCMRs(tdmr: Int, level: PAMTLevel)
  /// Memory of the TDMR that is not reserved is not inside one run of CMRs.
  case tdmrOutsideCMRs(Int)
}

/// The module's answer to a configuration.
public struct ModuleVerdict: Hashable, Sendable {
  /// The first refusal; nil where the module accepts.
  public let refusal: ModuleRefusal?

  public init(refusal: ModuleRefusal?) { self.refusal = refusal }

  public var isAccepted: Bool { refusal == nil }

  /// The 64-bit status in RAX: the low 32 bits are details, 8 bits each.
  public var status: UInt64 {
    switch refusal {
    case nil: 0
    case .cmrListInvalid: 0xc000_0a22_0000_0000
    case .invalidSMRR(let smrr): 0xc000_0911_0000_0000 | details(smrr)
    case .smrrOverlapsCMR(let smrr, let cmr): 0xc000_0912_0000_0000 | details(smrr, cmr)
    case .tdmrCountInvalid: 0xc000_0100_0000_0002  // Operand RDX.
    case .callInvalid(let operand): 0xc000_0100_0000_0000 | UInt64(operand)
    case .keyIDBitsInvalid: 0xc000_0100_0000_0008  // Operand R8.
    case .invalidTDMR(let tdmr): 0xc000_0a00_0000_0000 | details(tdmr)
    case .nonOrderedTDMR(let tdmr): 0xc000_0a01_0000_0000 | details(tdmr)
    case .tdmrOutsideCMRs(let tdmr): 0xc000_0a02_0000_0000 | details(tdmr)
    case .invalidPAMT(let tdmr, let level): 0xc000_0a10_0000_0000 | details(tdmr, level.rawValue)
    case .pamtOutsideCMRs(let tdmr, let level): 0xc000_0a11_0000_0000 | details(tdmr, level.rawValue)
    case .pamtOverlap(let tdmr, let level, let other):
      0xc000_0a12_0000_0000 | details(tdmr, level.rawValue, other)
    case .invalidReserved(let tdmr, let area): 0xc000_0a20_0000_0000 | details(tdmr, area)
    case .nonOrderedReserved(let tdmr, let area): 0xc000_0a21_0000_0000 | details(tdmr, area)
    }
  }

  /// The name of the status in the module's specification.
  public var name: String {
    switch refusal {
    case nil: "TDX_SUCCESS"
    case .cmrListInvalid: "TDX_CMR_LIST_INVALID"
    case .invalidSMRR: "TDX_INVALID_SMRR_CONFIGURATION"
    case .smrrOverlapsCMR: "TDX_SMRR_OVERLAPS_CMR"
    case .tdmrCountInvalid, .callInvalid, .keyIDBitsInvalid: "TDX_OPERAND_INVALID"
    case .invalidTDMR: "TDX_INVALID_TDMR"
    case .nonOrderedTDMR: "TDX_NON_ORDERED_TDMR"
    case .tdmrOutsideCMRs: "TDX_TDMR_OUTSIDE_CMRS"
    case .invalidPAMT: "TDX_INVALID_PAMT"
    case .pamtOutsideCMRs: "TDX_PAMT_OUTSIDE_CMRS"
    case .pamtOverlap: "TDX_PAMT_OVERLAP"
    case .invalidReserved: "TDX_INVALID_RESERVED_IN_TDMR"
    case .nonOrderedReserved: "TDX_NON_ORDERED_RESERVED_IN_TDMR"
    }
  }

  /// The TDMR that the refusal is about.
  public var tdmr: Int? {
    switch refusal {
    case nil, .cmrListInvalid, .invalidSMRR, .smrrOverlapsCMR, .tdmrCountInvalid, .callInvalid,
      .keyIDBitsInvalid:
      nil
    case .invalidTDMR(let tdmr), .nonOrderedTDMR(let tdmr), .tdmrOutsideCMRs(let tdmr): tdmr
    case .invalidReserved(let tdmr, _), .nonOrderedReserved(let tdmr, _): tdmr
    case .invalidPAMT(let tdmr, _), .pamtOutsideCMRs(let tdmr, _), .pamtOverlap(let tdmr, _, _): tdmr
    }
  }

  /// The PAMT level that the refusal is about.
  public var level: PAMTLevel? {
    switch refusal {
    case .invalidPAMT(_, let level), .pamtOutsideCMRs(_, let level), .pamtOverlap(_, let level, _): level
    default: nil
    }
  }

  /// Packs up to three details, 8 bits each, lowest first. An index above 255 keeps its low 8 bits.
  private func details(_ d0: Int, _ d1: Int = 0, _ d2: Int = 0) -> UInt64 {
    UInt64(d0 & 0xff | (d1 & 0xff) << 8 | (d2 & 0xff) << 16)
  }
}

extension ModuleVerdict: CustomStringConvertible {
  /// The verdict in words.
  public var description: String {
    switch refusal {
    case nil: "the module accepts the configuration"
    case .cmrListInvalid:
      "the CMR table wraps, overlaps, is out of order, misaligned or above the address limit"
    case .invalidSMRR(let smrr):
      "\(Self.name(smrr)) is no range that registers can say: a power of two at a multiple of itself, below 4 GiB"
    case .smrrOverlapsCMR(let smrr, let cmr):
      "CMR \(cmr) has memory of the BIOS's system management mode (\(Self.name(smrr)))"
    case .tdmrCountInvalid: "the number of TDMRs is 0 or above the module's limit"
    case .callInvalid(operand: 9): "R9 enables features that are not in TDX_FEATURES0"
    case .callInvalid(operand: 10): "R10 is not 0"
    case .callInvalid: "the module does not have this version of TDH.SYS.CONFIG"
    case .keyIDBitsInvalid: "Dynamic PAMT needs at least 4 key-id bits"
    case .invalidTDMR(let tdmr):
      "TDMR \(tdmr) wraps, is empty, not aligned to 1 GiB or above the address limit"
    case .nonOrderedTDMR(let tdmr): "TDMR \(tdmr) starts before the previous one ends"
    case .tdmrOutsideCMRs(let tdmr): "TDMR \(tdmr) has memory outside the CMRs that is not reserved"
    case .invalidPAMT(let tdmr, let level):
      "the \(level.name) PAMT of TDMR \(tdmr) wraps, is misaligned, above the address limit or too small"
    case .pamtOutsideCMRs(let tdmr, let level): "the \(level.name) PAMT of TDMR \(tdmr) is outside the CMRs"
    case .pamtOverlap(let tdmr, let level, let other):
      "the \(level.name) PAMT of TDMR \(tdmr) overlaps a PAMT or available memory of TDMR \(other)"
    case .invalidReserved(let tdmr, let area):
      "reserved area \(area) of TDMR \(tdmr) wraps, is misaligned or ends after the TDMR"
    case .nonOrderedReserved(let tdmr, let area):
      "reserved area \(area) of TDMR \(tdmr) is out of order or overlaps the one before"
    }
  }

  private static func name(_ smrr: Int) -> String { smrr == 0 ? "SMRR" : "SMRR\(smrr + 1)" }
}
