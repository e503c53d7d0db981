/// What TDH.SYS.CONFIG is handed beside TDMRs and the key id: the version of the call, and what comes with version 1.
///
/// Source: the issue that asked for the kernels and modules of 2026; the published module (commit 1666adc494db) has
/// version 0 alone. Patches of March 2026 on linux-kernel call version 1.
public struct ConfigurationCall: Hashable, Sendable {
  /// Bits 23:16 of RAX.
  public var version: UInt64
  /// R9 of version 1: the features to enable, bits of TDX_FEATURES0.
  public var features: UInt64
  /// R10 of version 1, which is 0.
  public var reserved: UInt64
  /// The module's TDX_FEATURES0.
  public var offeredFeatures: UInt64
  /// The newest version that the module has.
  public var newestVersion: UInt64

  public init(
    version: UInt64 = 0,
    features: UInt64 = 0,
    reserved: UInt64 = 0,
    offeredFeatures: UInt64 = .max,
    newestVersion: UInt64 = 1
  ) {
    self.version = version
    self.features = features
    self.reserved = reserved
    self.offeredFeatures = offeredFeatures
    self.newestVersion = newestVersion
  }

  /// The largest version that RAX has room for.
  public static let newestNumber: UInt64 = 255

  /// Bit 36 of TDX_FEATURES0: the module offers Dynamic PAMT.
  public static let dynamicPAMTFeature: UInt64 = 1 << 36

  /// The operand that the module refuses; nil where it takes the call.
  var refusal: ModuleRefusal? {
    guard version <= newestVersion else { return .callInvalid(operand: 0) }
    guard version > 0 else { return nil }
    if features & ~offeredFeatures != 0 { return .callInvalid(operand: 9) }
    return reserved == 0 ? nil : .callInvalid(operand: 10)
  }
}
