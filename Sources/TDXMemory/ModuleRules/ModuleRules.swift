/// What TDH.SYS.CONFIG is handed, with what the BIOS told the module.
public struct ModuleConfiguration {
  public var tdmrs: TDMRInfoTable
  /// The CMR table, in slot order.
  public var cmrs: UnsafeBufferPointer<ConvertibleRegionSlot>
  /// Address bits that hold key ids (IA32_TME_ACTIVATE), 0 to 52.
  public var keyIDBits: Int
  public var dynamicPAMT: Bool
  public var limits: ModuleLimits
  /// The version of the call, and its further operands.
  public var call: ConfigurationCall
  /// What CMRs must not have any of; none where it is not known.
  public var managementRanges: SystemManagementRanges

  public init(
    tdmrs: TDMRInfoTable,
    cmrs: UnsafeBufferPointer<ConvertibleRegionSlot>,
    keyIDBits: Int,
    dynamicPAMT: Bool,
    limits: ModuleLimits,
    call: ConfigurationCall = ConfigurationCall(),
    managementRanges: SystemManagementRanges = SystemManagementRanges()
  ) {
    precondition((0...maxAddressBits).contains(keyIDBits), "an address has 52 bits")
    self.tdmrs = tdmrs
    self.cmrs = cmrs
    self.keyIDBits = keyIDBits
    self.dynamicPAMT = dynamicPAMT
    self.limits = limits
    self.call = call
    self.managementRanges = managementRanges
  }

  /// The least key-id bits with Dynamic PAMT: its tree reaches addresses of 48 bits, and keys take the bits above.
  public static let leastKeyIDBitsWithDynamicPAMT = 4
}

/// The TDX module's own checks, in its order, on the bytes that it would read.
///
/// The module holds every new TDMR against all the earlier ones. Here a sweep over everything by address tells
/// whether any two conflict; only where two do, the order of the module's loops is followed for the TDMR at which
/// it would notice. So a table costs O(n) in TDMRs and reserved areas, and a sort of the PAMTs where they do not
/// ascend.
///
/// The rules keep their workspace from verdict to verdict; they are not to be shared between threads.
public final class ModuleRules {
  // A struct, lent once per verdict, so that exclusive access to it is checked once.
  private var workspace = RulesWorkspace()

  public init() {}

  /// The first refusal of TDH.SYS.INIT for the CMRs and of TDH.SYS.CONFIG for the TDMRs, if there is any.
  public func verdict(on configuration: ModuleConfiguration) -> ModuleVerdict {
    ModuleVerdict(refusal: workspace.refusal(of: configuration))
  }
}
