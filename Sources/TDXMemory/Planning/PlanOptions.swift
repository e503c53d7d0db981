/// How TDMRs, PAMTs and reserved areas are chosen.
public enum Policy: String, CaseIterable, Sendable {
  /// As mainline Linux does since 6.8 (arch/x86/virt/vmx/tdx/tdx.c): holes are what lies between memory regions.
  case linux
  /// Linux with the 2024 patch "Reduce TDMR's reserved areas by using CMRs to find memory holes".
  case linuxCMR = "linux-cmr"
  /// The fewest PAMT bytes, then TDMRs, then reserved areas that the module accepts (docs/optimal.md).
  case optimal

  /// What Linux does: the policies of `Planner`. `optimal` is that of `OptimalPlanner`.
  public static let ofLinux: [Policy] = [.linux, .linuxCMR]
}

/// What Linux's page allocator returns for a PAMT. The real one depends on what is free at that moment; these
/// are models of an idle machine.
public enum Placement: String, CaseIterable, Sendable {
  /// The top end of the highest region of the node that has room.
  case top
  /// The bottom end of the lowest region of the node that has room.
  case bottom
  /// The scan of `alloc_contig_pages`, zone by zone.
  case firstFit = "first-fit"
}

/// Everything that a plan depends on beside the memory.
public struct PlanOptions: Hashable, Sendable {
  public var policy: Policy
  public var placement: Placement
  /// The 4K PAMT is a bitmap, one bit per page (Dynamic PAMT).
  public var dynamicPAMT: Bool
  public var limits: ModuleLimits

  public init(
    policy: Policy = .linux,
    placement: Placement = .firstFit,
    dynamicPAMT: Bool = false,
    limits: ModuleLimits = ModuleLimits()
  ) {
    self.policy = policy
    self.placement = placement
    self.dynamicPAMT = dynamicPAMT
    self.limits = limits
  }
}
