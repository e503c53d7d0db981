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

extension Advice {
  /// The bill for Linux's own plans or, where one of them fails, for those of the first policy that has both; nil where none
  /// has.
  static func bill(_ subject: Subject, tdMemory: UInt64) -> DynamicPAMTBill? {
    guard let last = subject.map.last else { return nil }
    func sizes(_ policy: Policy, dynamic: Bool) -> (all: UInt64, page4K: UInt64)? {
      var options = subject.options
      options.policy = policy
      options.dynamicPAMT = dynamic
      return subject.plan(nil, options) { plan, _ in
        guard plan.failure == nil else { return nil }
        return (plan.pamtBytes, plan.tdmrs.reduce(0) { $0 + $1.pamt(.page4K).size })
      }
    }
    let memory = subject.map.reduce(0) { $0 + $1.size }
    for policy in Policy.allCases where policy != .linuxCMR || subject.convertible != nil {
      guard let fixed = sizes(policy, dynamic: false), let dynamic = sizes(policy, dynamic: true) else {
        continue
      }
      return DynamicPAMTBill(
        staticBytes: fixed.all,
        bootBytes: dynamic.all,
        bitmapBytes: dynamic.page4K,
        highestAddress: last.end,
        tdMemory: min(tdMemory, memory)
      )
    }
    return nil
  }
}
