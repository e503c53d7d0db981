/// Memory of the BIOS's system management mode, as a pair of registers tells it (IA32_SMRR_PHYSBASE and PHYSMASK).
public struct SystemManagementRange: Hashable, Sendable {
  public var base: UInt64
  public var size: UInt64

  public init(base: UInt64, size: UInt64) { (self.base, self.size) = (base, size) }

  /// Whether registers can say it and the module takes it: a power of two of whole pages, at a multiple of its size, below
  /// 4 GiB (`is_smrr_mask_valid_for_tdx`: the mask's bits 31:12 have no gap, and the base has none that it has not).
  var isValid: Bool {
    let largest: UInt64 = 1 << 31
    return size.nonzeroBitCount == 1 && (pageSize...largest).contains(size) && base.isMultiple(of: size)
      && base < 2 * largest
  }

  /// Both are checked not to wrap by then.
  func overlaps(_ slot: ConvertibleRegionSlot) -> Bool {
    slot.size > 0 && base < slot.base + slot.size && slot.base < base + size
  }
}

/// What a processor has of them: SMRR, and SMRR2 on some. Nothing prints them, so whoever asks has to name them.
///
/// Source: TDX module, tdh_sys_init.c, `check_and_store_smrr`; TDH.SYS.INIT holds them against the CMR table, once that is
/// found to be in order.
public struct SystemManagementRanges: Hashable, Sendable {
  public var first: SystemManagementRange?
  public var second: SystemManagementRange?

  public init(_ first: SystemManagementRange? = nil, _ second: SystemManagementRange? = nil) {
    (self.first, self.second) = (first, second)
  }

  /// The first refusal of TDH.SYS.INIT; nil where it has none.
  ///
  /// - Parameter cmrs: a table that is in order.
  func refusal(beside cmrs: UnsafeBufferPointer<ConvertibleRegionSlot>) -> ModuleRefusal? {
    for (index, range) in [first, second].enumerated() {
      guard let range else { continue }
      guard range.isValid else { return .invalidSMRR(index) }
      if let cmr = cmrs.firstIndex(where: range.overlaps) { return .smrrOverlapsCMR(smrr: index, cmr: cmr) }
    }
    return nil
  }
}
