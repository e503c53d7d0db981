import TDXMemory

/// What Dynamic PAMT costs on a machine, all of it, beside what static PAMTs cost.
///
/// Source: `arch/x86/virt/vmx/tdx/tdx.c` of the x86 tree of September 2026: `tdmr_get_pamt_bitmap_sz`,
/// `init_dpamt_refcounts` (4 bytes for each 2 MiB up to `max_pfn`, vzalloc) and `TDX_DPAMT_ENTRY_PAGE_CNT` (two pages for
/// each 2 MiB that TDs use).
public struct DynamicPAMTBill: Sendable, Hashable {
  /// All PAMTs, in bytes, without Dynamic PAMT.
  public let staticBytes: UInt64
  /// All PAMTs with it, at boot: `bitmapBytes` and the levels above.
  public let bootBytes: UInt64
  /// What of `bootBytes` stands in place of the 4K level.
  public let bitmapBytes: UInt64
  /// Reference counts, in whole pages.
  public let refcountBytes: UInt64
  /// The memory of TDs that is asked about, in bytes.
  public let tdMemory: UInt64
  /// Page pairs for it.
  public let inUseBytes: UInt64

  /// A page pair, and what it is for.
  public static let pairBytes: UInt64 = 8 << 10
  public static let chunkBytes: UInt64 = 2 << 20

  /// - Parameters:
  ///   - highestAddress: where the memory ends.
  ///   - tdMemory: bytes; more than the machine has is taken as all of it. They are taken to fill each 2 MiB that they
  ///     touch: scattered pages cost more.
  public init(
    staticBytes: UInt64,
    bootBytes: UInt64,
    bitmapBytes: UInt64,
    highestAddress: UInt64,
    tdMemory: UInt64
  ) {
    self.staticBytes = staticBytes
    self.bootBytes = bootBytes
    self.bitmapBytes = bitmapBytes
    self.tdMemory = tdMemory
    refcountBytes = Self.refcountBytes(upTo: highestAddress)
    inUseBytes = Self.pairs(for: tdMemory) * Self.pairBytes
  }

  /// 4 bytes for each 2 MiB below an address, in whole pages.
  public static func refcountBytes(upTo address: UInt64) -> UInt64 {
    (pairs(for: address) * 4).roundedUp(to: pageSize) ?? .max
  }

  private static func pairs(for bytes: UInt64) -> UInt64 {
    bytes / chunkBytes + (bytes.isMultiple(of: chunkBytes) ? 0 : 1)
  }

  /// What is gone at boot, whether TDs run or not.
  public var atBoot: UInt64 { bootBytes + refcountBytes }
  /// All of it, with the TDs that are asked about.
  public var totalBytes: UInt64 { atBoot + inUseBytes }
  public var isStaticCheaper: Bool { totalBytes >= staticBytes }

  /// The memory of TDs at which both cost the same, in bytes; nil where static is cheaper with none.
  public var breakEven: UInt64? {
    guard atBoot < staticBytes else { return nil }
    return (staticBytes - atBoot) / Self.pairBytes * Self.chunkBytes
  }
}

extension DynamicPAMTBill {
  /// The bill for Linux's own plans or, where one of them fails, for those of the first policy that has both; nil where none
  /// has.
  ///
  /// - Parameters:
  ///   - results: every policy, with static and with Dynamic PAMT.
  ///   - placement: of the plans of Linux.
  init?(_ results: [PlanResult], of map: MemoryMap, placement: Placement, tdMemory: UInt64) {
    guard let last = map.last else { return nil }
    func plan(_ policy: Policy, dynamic: Bool) -> PlanResult? {
      results.first {
        $0.policy == policy && $0.dynamicPAMT == dynamic && $0.failure == nil
          && ($0.placement ?? placement) == placement
      }
    }
    for policy in Policy.allCases {
      guard let fixed = plan(policy, dynamic: false), let dynamic = plan(policy, dynamic: true) else {
        continue
      }
      self.init(
        staticBytes: fixed.pamtBytes,
        bootBytes: dynamic.pamtBytes,
        bitmapBytes: dynamic.pamtBytesOf4KLevel,
        highestAddress: last.end,
        tdMemory: min(tdMemory, map.reduce(0) { $0 + $1.size })
      )
      return
    }
    return nil
  }
}
