import TDXMemory

/// Why there is no Dynamic PAMT, where it was asked for; none where there can be.
///
/// The module's tree reaches addresses of 48 bits (MAX_DYNAMIC_PAMT_HKID_START_BIT). Linux: v6 of the series of 2026 did
/// not use Dynamic PAMT where physical addresses, without the bits of key ids, have more; the x86 tree of September asks for
/// bit 36 of TDX_FEATURES0 alone, and leaves that to the module.
///
/// - Parameters:
///   - keyIDBits: those that hold no address, as `NamedProfiles.upperBits` has them.
///   - physBits: of an address; nil for 52.
public func dynamicPAMTNotes(keyIDBits: Int, physBits: Int? = nil) -> [String] {
  guard keyIDBits < ModuleConfiguration.leastKeyIDBitsWithDynamicPAMT else { return [] }
  let ownBits = keyIDBits - (maxAddressBits - (physBits ?? maxAddressBits))
  return [
    "Linux would not use Dynamic PAMT here: with \(ownBits) key-id bits physical addresses have "
      + "\(maxAddressBits - keyIDBits) bits, and its tree reaches 48. The module refuses it, too "
      + "(TDX_OPERAND_INVALID, operand R8)."
  ]
}
