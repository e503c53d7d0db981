/// What the TDX module tells a host about itself before the host describes its memory
/// (metadata fields 0x9100000100000008 to 0x9100000100000013).
///
/// Any value is a limit to plan with, 0 and 2^64 - 1 included.
public struct ModuleLimits: Hashable, Sendable {
  /// MAX_TDMRS.
  public var maxTDMRs: UInt64
  /// MAX_RESERVED_PER_TDMR.
  public var maxReserved: UInt64
  public var pamtEntryBytes: PAMTEntryBytes

  /// The values of every module published so far.
  public init(
    maxTDMRs: UInt64 = 64,
    maxReserved: UInt64 = 16,
    pamtEntryBytes: PAMTEntryBytes = PAMTEntryBytes()
  ) {
    self.maxTDMRs = maxTDMRs
    self.maxReserved = maxReserved
    self.pamtEntryBytes = pamtEntryBytes
  }
}

/// The bytes of PAMT per page of each size; the module reports them in 16 bits.
public struct PAMTEntryBytes: Hashable, Sendable {
  /// PAMT_4K_ENTRY_SIZE: metadata per 4 KiB page.
  public var page4K: UInt16
  /// PAMT_2M_ENTRY_SIZE: metadata per 2 MiB page.
  public var page2M: UInt16
  /// PAMT_1G_ENTRY_SIZE: metadata per 1 GiB page.
  public var page1G: UInt16

  public init(page4K: UInt16 = 16, page2M: UInt16 = 16, page1G: UInt16 = 16) {
    self.page4K = page4K
    self.page2M = page2M
    self.page1G = page1G
  }
}

/// The page sizes that a TDMR has a PAMT for, with the module's numbers for them.
public enum PAMTLevel: Int, CaseIterable, Sendable {
  case page4K = 0
  case page2M = 1
  case page1G = 2

  /// `4k`, `2m`, `1g`.
  public var name: String {
    switch self {
    case .page4K: "4k"
    case .page2M: "2m"
    case .page1G: "1g"
    }
  }
}
