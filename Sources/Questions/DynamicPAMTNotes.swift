import TDXMemory

/// Why there is no Dynamic PAMT, where it was asked for; none where there can be.
///
/// Linux: `tdx_supports_dynamic_pamt` of the series of 2026 (LKML, v6 of May): it uses Dynamic PAMT by itself where
/// the module offers it and physical addresses, without the bits of key ids, have at most 48.
public func dynamicPAMTNotes(keyIDBits: Int) -> [String] {
  guard keyIDBits < ModuleConfiguration.leastKeyIDBitsWithDynamicPAMT else { return [] }
  return [
    "Linux would not use Dynamic PAMT here: with \(keyIDBits) key-id bits physical addresses have "
      + "\(maxAddressBits - keyIDBits) bits, and it uses Dynamic PAMT with at most 48. The module refuses it, too "
      + "(TDX_OPERAND_INVALID, operand R8)."
  ]
}
